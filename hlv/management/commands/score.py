"""hlv score: what every metric says of every method."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.table import Table

from annotations.models import Annotation, LabelCount, Study
from hlv.core.rendering.numbers import counted
from hlv.core.tabular.writing import csv_text
from hlv.provenance import provenance_line, with_provenance
from hlv.ranking_arguments import add_weights_argument
from hlv.stats.labels.distributions import EQUAL
from hlv.stats.metrics.registry import METRICS
from hlv.terminal import ResultCommand, check_numbers, interval, known_study, number, parse_uuid
from metaeval.findings.choice_labels import said_of_weights
from metaeval.models import AutomaticJudge, Metric, Scoring
from metaeval.results.score_rows import read_weights
from metaeval.services.item_scores import ITEM_SCORE_HEADER, item_scores
from metaeval.services.scoring import DEFAULT_RESAMPLES, DEFAULT_SEED

# A terminal shows so many annotators.
MOST_ANNOTATORS = 20


class Command(ResultCommand):
    help = (
        "Score the outputs of methods against the human labels, with the scores that were uploaded beside them. "
        "Example: hlv score areas-of-law --metric po_jsd"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--metric",
            action="append",
            dest="metrics",
            metavar="KEY",
            help=f"one of the metrics, or an uploaded one by its name; may be repeated: {', '.join(METRICS)}",
        )
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        add_weights_argument(parser, default=EQUAL)
        parser.add_argument(
            "--items", type=Path, help="also write the score of every text to this file, as CSV"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(options)
        params = {name: options[name] for name in ("metrics", "n_resamples", "seed", "weights")}
        study = known_study(options["slug"])
        if not options["metrics"]:
            # A metric that cannot be is said first, by the job.
            _require_answers(study)
        done = self.run_job(kind="scoring", study=study, params=params)
        scoring = Scoring.objects.get(uuid=parse_uuid(done, "scoring"))
        result = scoring.result
        if options["items"] is not None:
            self.write_items(scoring, options["items"])
        if options["as_json"]:
            self.print_json(with_provenance(scoring))
            return
        for table in score_tables(result):
            self.print_table(table)
        if result["annotators"] is not None:
            self.print_table(annotators_table(result))
        self.stdout.write(provenance_line(scoring))
        for note in (*score_notes(result), *_said_of_judges(study)):
            self.stdout.write(note)

    def write_items(self, scoring: Scoring, path: Path) -> None:
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_text(ITEM_SCORE_HEADER, item_scores(scoring)))
        except OSError as error:
            raise CommandError(f"The scores of texts cannot be written: {error}.") from error


def _require_answers(study: Study) -> None:
    """Without answers no output is of a labelled text; then answers are missing, and not outputs."""
    if study.task == Study.Task.NONE or study.metrics.filter(origin=Metric.Origin.UPLOADED).exists():
        return
    there = (rows.filter(item__study=study).exists() for rows in (Annotation.objects, LabelCount.objects))
    if not any(there):
        raise CommandError(
            "Nobody has labelled a text of this study yet, so there is nothing to score against: let annotators "
            "answer, or import answers with hlv import annotations."
        )


def _said_of_judges(study: Study) -> list[str]:
    judges = list(AutomaticJudge.objects.filter(study=study).order_by("name").values_list("name", flat=True))
    if not judges:
        return []
    who, whose = (
        ("is an automatic judge and gives", "its")
        if len(judges) == 1
        else ("are automatic judges and give", "their")
    )
    return [
        f"{', '.join(judges)} {who} no scores here: hlv metaeval has the strengths that {whose} own judgments give the "
        "methods, beside these metrics."
    ]


def score_tables(result: dict[str, Any]) -> Iterator[Table]:
    """A table for each metric, its methods in the order of the study."""
    for metric in result["metrics"]:
        direction = "higher" if metric["higher_is_better"] else "lower"
        uploaded = metric["origin"] == "uploaded"
        named = metric["name"] if uploaded else f"{metric['label']} ({metric['name']})"
        table = Table(title=f"{named}, {direction} is better{', uploaded' if uploaded else ''}")
        beside = metric["beside"]
        headings = [
            "method",
            "score",
            "95 % interval",
            "runs",
            *([beside["label"]] if beside else []),
            "remark",
        ]
        for heading in headings:
            table.add_column(heading)
        for score in metric["scores"]:
            table.add_row(
                score["method"],
                number(score["value"]),
                interval(score["interval"]),
                "–" if uploaded else _runs(score["runs"], score.get("sd_of_runs")),
                *([number(score["beside"])] if beside else []),
                score["undefined"] or _remark(score, metric, n_resamples=_n_asked(result)),
            )
        yield table


def _n_asked(result: dict[str, Any]) -> int:
    return int(result.get("n_resamples_asked", result["n_resamples"]))


def annotators_table(result: dict[str, Any]) -> Table:
    """Who the methods miss: those who answered most; --json has all."""
    of = result["annotators"]
    table = Table(
        title=f"Error rate for each of {counted(of['n_annotators'], 'annotators')}, lower is better"
    )
    for heading in ("annotator", "items", *result["methods"]):
        table.add_column(heading)
    for row in of["rows"][:MOST_ANNOTATORS]:
        table.add_row(row["annotator"], str(row["n_items"]), *(number(rate) for rate in row["error_rates"]))
    table.add_section()
    means = [f"{number(mean['value'])} ({interval(mean['interval'])})" for mean in of["mean"]]
    table.add_row("mean over annotators, 95 % interval", "", *means)
    return table


def _runs(values: list[float | None], sd: float | None) -> str:
    """How many, and how their own scores spread: the score itself is that of their mean."""
    defined = [value for value in values if value is not None]
    if len(values) < 2 or not defined:
        return str(len(values))
    spread = "" if sd is None else f", SD {number(sd)}"
    return f"{len(values)}: {number(min(defined))} to {number(max(defined))}{spread}"


def _remark(score: dict[str, Any], metric: dict[str, Any], *, n_resamples: int) -> str:
    if score["interval"] is not None or not n_resamples:
        return ""
    if metric.get("why_no_interval"):
        return f"no interval: {metric['why_no_interval']}"
    return "no interval: too many resamples of the items have no score"


def score_notes(result: dict[str, Any]) -> list[str]:
    """What went in, for whoever prints the numbers."""
    notes = []
    if result["without_built_in"]:
        notes.append(f"No built-in metrics: {result['without_built_in']}")
    elif result["n_items"]:
        notes.append(_said_of_texts(result))
    notes += [
        f"{metric['name']} was uploaded: {metric['remark']}{_said_of_own_texts(metric)}."
        for metric in result["metrics"]
        if metric["origin"] == "uploaded"
    ]
    notes += said_of_weights(read_weights(result))
    notes += [
        f"{name} lacks an output for {n} labelled {'item' if n == 1 else 'items'}, left out for all methods."
        for name, n in result["n_incomplete"].items()
    ]
    return notes


def _said_of_texts(result: dict[str, Any]) -> str:
    return (
        f"Scored on {counted(result['n_items'], 'items')} with human labels and an output of every run. A score is that of the "
        f"mean over runs; intervals are of {result['n_resamples']:,} resamples of the items, seed {result['seed']}."
    )


def _said_of_own_texts(metric: dict[str, Any]) -> str:
    """Other texts than those of the built-in metrics, perhaps."""
    if metric["n_items"] is None:
        return ""
    return f" of {counted(metric['n_items'], 'items')}, means over these, which its intervals draw again"
