"""hlv score: what every metric says of every method."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.models import Annotation, LabelCount, Study
from hlv.core.tabular.writing import CellValue, csv_text
from hlv.stats.labels.distributions import EQUAL
from hlv.stats.metrics.registry import METRICS
from hlv.terminal import (
    ResultCommand,
    add_weights_argument,
    add_where_arguments,
    check_numbers,
    known_study,
    print_result,
    provenance_line,
    where_of,
    with_provenance,
)
from metaeval.findings.score_tables import error_rates_table, metric_table, overview_table, score_findings
from metaeval.models import AutomaticJudge, Metric, Scoring
from metaeval.results.scoring import read_scoring
from metaeval.services.scoring import DEFAULT_RESAMPLES, DEFAULT_SEED
from metaeval.services.scoring_job import (
    ITEM_SCORE_HEADER,
    LABEL_SCORE_HEADER,
    item_scores,
    scores_of_labels,
)

# A terminal shows so many annotators.
MOST_ANNOTATORS = 20


class Command(ResultCommand):
    help = (
        "Score the outputs of methods against the human labels, and list uploaded scores. Example: hlv score "
        "areas-of-law --metric po_jsd"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--metric",
            action="append",
            dest="metrics",
            metavar="KEY",
            help=f"one of the metrics, or an uploaded one by its name; can be repeated: {', '.join(METRICS)}",
        )
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        add_weights_argument(parser, default=EQUAL)
        add_where_arguments(parser)
        parser.add_argument(
            "--items", type=Path, help="also write the score of every text to this file, as CSV"
        )
        parser.add_argument(
            "--labels",
            type=Path,
            help="also write precision, recall and F1 of every label to this file, as CSV",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"], seed=options["seed"])
        params = {name: options[name] for name in ("metrics", "n_resamples", "seed", "weights")}
        params |= {"where": where} if (where := where_of(options)) else {}
        study = known_study(options["slug"])
        if not options["metrics"]:
            # A metric that cannot be is said first, by the job.
            _require_answers(study)
        scoring = self.compute(Scoring, kind="scoring", study=study, params=params)
        if options["items"] is not None:
            self.write_rows(options["items"], ITEM_SCORE_HEADER, item_scores(scoring))
        if options["labels"] is not None:
            self.write_rows(options["labels"], LABEL_SCORE_HEADER, scores_of_labels(scoring))
        if options["as_json"]:
            self.print_json(with_provenance(scoring))
            return
        result = read_scoring(scoring)
        notes = [*(one.plain for one in score_findings(result)), *_automatic_judges(study)]
        print_result(
            self.stdout,
            [
                overview_table(result),
                *(metric_table(metric, n_resamples=result.n_asked) for metric in result.metrics),
                error_rates_table(result, most=MOST_ANNOTATORS),
            ],
            notes[:1],
            notes[1:],
            source=provenance_line(scoring),
            details=options["details"],
        )

    def write_rows(self, path: Path, header: Sequence[str], rows: Iterable[tuple[CellValue, ...]]) -> None:
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_text(header, rows))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error}.") from error


def _require_answers(study: Study) -> None:
    """Without answers no output is of a labelled text; then answers are missing, and not outputs."""
    if study.task == Study.Task.NONE or study.metrics.filter(origin=Metric.Origin.UPLOADED).exists():
        return
    there = (rows.filter(item__study=study).exists() for rows in (Annotation.objects, LabelCount.objects))
    if not any(there):
        raise CommandError(
            "No text of this study has labels yet. Let annotators answer, or import answers with hlv import "
            "annotations."
        )


def _automatic_judges(study: Study) -> list[str]:
    judges = list(AutomaticJudge.objects.filter(study=study).order_by("name").values_list("name", flat=True))
    if not judges:
        return []
    who, whose = ("is an automatic judge", "its") if len(judges) == 1 else ("are automatic judges", "their")
    return [
        f"{', '.join(judges)} {who} and not scored here. Run hlv metaeval for the strengths from {whose} "
        "judgments."
    ]
