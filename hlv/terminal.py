"""What commands share: arguments, running a job with a progress bar, and printing its result."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC
from io import StringIO
from pathlib import Path
from typing import Final, TypeVar, get_args

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable

from annotations import jobs
from annotations.models import Job, Missing, Snapshot, Study, User
from annotations.services.people import person_with_address
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import Table
from hlv.core.rendering.terminal import terminal_table
from hlv.core.tabular.encoding import check_encoding
from hlv.core.tabular.errors import FormatError
from hlv.stats.labels.distributions import WEIGHTS
from hlv.stats.pairwise.comparison_resampler import ResamplingUnit
from hlv.stats.pairwise.ranking_models import RANKING_MODELS, TIES_OF_MODELS
from metaeval.exporters.results import snapshot_json
from metaeval.models import Campaign, Ranking
from metaeval.results.ranking import read_ranking
from metaeval.results.ranking_options import DEFAULT_RESAMPLES, DEFAULT_SEED, RankingOptions
from metaeval.selectors.selections import RULES, Selection

Result = TypeVar("Result", bound=Snapshot)
_COMMANDS = {
    Missing.ANSWERS: ("import annotations FILE --study {slug}",),
    Missing.OUTPUTS: ("import outputs FILE --study {slug}",),
    Missing.SHARED_TEXTS: ("import annotations FILE --study {slug}", "import outputs FILE --study {slug}"),
    Missing.SCORES: ("import scores FILE --study {slug}",),
    Missing.JUDGMENTS: ("import judgments FILE --study {slug}",),
    Missing.RANKING: ("metaeval {slug}",),
}


def missing_data_sentence(missing: Missing, study: Study) -> str:
    commands = " or ".join(f"hlv {one.format(slug=study.slug)}" for one in _COMMANDS.get(missing, ()))
    return f"{missing.label} {f'Command: {commands}' if commands else ''}".rstrip()


# Of a fingerprint so many letters stand in a line; --json has it whole.
FINGERPRINT_SHOWN = 12


def with_provenance(snapshot: Snapshot, result: Mapping[str, object] | None = None) -> dict[str, object]:
    """The result as --json prints it, then its snapshot; `result` where it is not printed as stored."""
    kept = snapshot_json(snapshot)
    origin = {"snapshot": kept.pop("uuid"), "n_resamples": _n_resamples(snapshot), **kept}
    shown: Mapping[str, object] = snapshot.result if result is None else result
    # What programs read is as it was; what has a name of its own comes after it.
    return {**shown, **{key: value for key, value in origin.items() if key not in shown}}


def provenance_line(snapshot: Snapshot) -> str:
    """In the order of the page of results, and short enough for a line."""
    n = _n_resamples(snapshot)
    return " · ".join(
        (
            f"seed {snapshot.seed}",
            "no resamples" if not n else "1 resample" if n == 1 else f"{n:,} resamples",
            *_weights(snapshot),
            snapshot.code_version,
            f"as of {snapshot.as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            f"snapshot {snapshot.uuid}",
            f"data {snapshot.data_fingerprint[:FINGERPRINT_SHOWN]}",
        )
    )


def _n_resamples(snapshot: Snapshot) -> int:
    return int(snapshot.result.get("n_resamples", snapshot.parameters.get("n_resamples", 0)))


def _weights(snapshot: Snapshot) -> list[str]:
    """How human labels count, of a snapshot that rests on them."""
    weights = snapshot.result.get("weights")
    return [] if weights is None else [f"weights {weights}"]


STUDIES_NAMED = 10
# Below a table; one remark has one or two sentences.
MOST_REMARKS = 3


def known_study(slug: str) -> Study:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        slugs = list(Study.objects.order_by("slug").values_list("slug", flat=True)[: STUDIES_NAMED + 1])
        known = ", ".join(slugs[:STUDIES_NAMED]) or "none yet"
        more = ", ..." if len(slugs) > STUDIES_NAMED else ""
        raise CommandError(
            f"There is no study {slug!r} (known: {known}{more}). Make one with hlv create-study."
        )
    return study


def read_text(path: Path) -> str:
    """A file of words, or why it cannot be read."""
    try:
        check_encoding(path, "utf-8", name=path.name)
        return path.read_text(encoding="utf-8-sig")
    except FormatError as error:
        raise CommandError(error.sentence) from error
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error}.") from error


class ResultCommand(BaseCommand):
    """A command that runs one job here and prints its result, as tables or with --json."""

    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the study")
        add_output_arguments(parser)

    def compute(self, model: type[Result], *, kind: str, study: Study, params: jobs.Params) -> Result:
        """The snapshot that a job of this kind stores, or its refusal as the command's one sentence."""
        try:
            job = jobs.create(kind=kind, study=study, params=params)
        except jobs.MissingDataError as refusal:
            raise CommandError(missing_data_sentence(refusal.missing, study)) from refusal
        except jobs.JobRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            shown = bar.add_task(kind, total=None)

            def show_progress(running: Job) -> None:
                bar.update(
                    shown,
                    description=running.progress_note or kind,
                    completed=running.progress_done,
                    total=running.progress_total or None,
                )

            job = jobs.run_now(job, show_progress)
        for missing in jobs.missing_of(job):
            raise CommandError(missing_data_sentence(missing, study))
        if job.state != Job.State.DONE or job.result is None:
            raise CommandError(job.reason or f"The {kind} job ended as {job.state}.")
        # A job names the snapshot by its model: "label_agreement".
        key = model._meta.verbose_name_raw.replace(" ", "_")
        return model._default_manager.get(uuid=job.result[key])

    def print_json(self, result: Mapping[str, object]) -> None:
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False))


def add_output_arguments(parser: CommandParser) -> None:
    parser.add_argument("--details", action="store_true", help="print all tables and notes")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON, and nothing else")


def print_result(
    output: OutputWrapper,
    tables: Iterable[Table | None],
    answer: Sequence[str],
    notes: Iterable[str] = (),
    *,
    source: str,
    details: bool,
) -> None:
    """The first table and the answer; with `details`, the other tables and the notes as well.

    `source` is printed below each table, because each may be copied separately.
    """
    first, *others = filter(None, tables)
    for table in [first, *others] if details else [replace(first, note="")]:
        print_table_to(output, terminal_table(table))
        output.write(f"{source}\n")
    for sentence in (
        [*answer, *notes] if details else [*answer[:MOST_REMARKS], "(--details: all tables and notes)"]
    ):
        output.write(unmarked(sentence))


def print_table_to(output: OutputWrapper, table: RichTable) -> None:
    """As wide as the terminal, and wide enough for a file or a pipe where there is none."""
    text = StringIO()
    Console(file=text, width=None if sys.stdout.isatty() else 140, highlight=False, markup=False).print(table)
    output.write(text.getvalue())


NO_NUMBERS = "--n-resamples and --seed take whole numbers from 0."


def check_numbers(*, n_resamples: int, seed: int) -> None:
    if n_resamples < 0 or seed < 0:
        raise CommandError(NO_NUMBERS)


def known_person(email: str) -> User:
    person = person_with_address(email)
    if person is None:
        raise CommandError(
            f"Nobody has the address {email!r} yet: hlv create-person {email} makes them known."
        )
    return person


def known_campaign(study: Study, name: str) -> Campaign:
    campaign = study.campaigns.filter(name=name).first()
    if campaign is None:
        known = ", ".join(study.campaigns.values_list("name", flat=True)[:10]) or "none yet"
        raise CommandError(f"The study {study.slug} has no campaign {name!r} (known: {known}).")
    return campaign


def campaign_of(study: Study, name: str | None) -> Campaign:
    """The campaign of this name, or the only one where none is named."""
    if name is not None:
        return known_campaign(study, name)
    campaigns = Campaign.objects.filter(study=study)
    if campaigns.count() > 1:
        known = ", ".join(campaigns.values_list("name", flat=True))
        raise CommandError(f"The study has several campaigns; name one with --campaign: {known}.")
    only = campaigns.first()
    if only is None:
        raise CommandError("The study has no judgments yet: import some with hlv import judgments.")
    return only


DEFAULTS: Final = RankingOptions()
# Of any model, each once; which go together is the job's to say.
ALL_TIES: Final = tuple(dict.fromkeys(rule for rules in TIES_OF_MODELS.values() for rule in rules))
KNOWN_TIES: Final = "; ".join(f"{model}: {', '.join(rules)}" for model, rules in TIES_OF_MODELS.items())


def add_ranking_arguments(parser: CommandParser, *, n_resamples: int | None = DEFAULT_RESAMPLES) -> None:
    """How to rank. Nothing is a default of the parser: what is not named, a frozen plan may say."""
    parser.add_argument("--campaign", help="campaign (criterion), if there are several")
    parser.add_argument("--model", choices=RANKING_MODELS, help=DEFAULTS.model)
    parser.add_argument(
        "--ties",
        choices=ALL_TIES,
        help=f"{DEFAULTS.ties}; {KNOWN_TIES}; denominator: a tie is a comparison without a win",
    )
    parser.add_argument("--resample", choices=get_args(ResamplingUnit), help="default: the widest available")
    parser.add_argument(
        "--n-resamples",
        type=int,
        help="by the number of metrics, 5,000 or more" if n_resamples is None else f"{n_resamples:,}",
    )
    parser.add_argument("--seed", type=int, help=f"{DEFAULT_SEED}")
    parser.add_argument("--ridge", type=float, help="precision of a Gaussian prior; 0 = none")
    left_out = parser.add_argument_group("excluded verdicts")
    left_out.add_argument(
        "--without-judges", nargs="+", type=int, metavar="N", help="by the numbers of their pseudonyms"
    )
    left_out.add_argument("--without-methods", nargs="+", metavar="NAME")
    left_out.add_argument("--without-texts", nargs="+", metavar="KEY", help="metrics are scored on all texts")
    left_out.add_argument(
        "--under-seconds",
        type=float,
        metavar="S",
        help="less active time than this; verdicts without a time are kept",
    )


def add_block_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "--block-by",
        metavar="COLUMN",
        help="a column of the texts, such as document: texts with one value are drawn together",
    )


def add_selection_arguments(parser: CommandParser) -> None:
    """What of a campaign is looked at by itself; a plan, which speaks of whole campaigns, has none of it."""
    part = parser.add_argument_group("a subset of the campaign")
    part.add_argument(
        "--base-model", metavar="NAME", help="methods of one base model, and judgments between them"
    )
    part.add_argument("--judge-group", metavar="NAME", help="judgments of the judges of one group")


def selection_params(options: Mapping[str, object]) -> dict[str, object]:
    """The part that was named; what is none, the job refuses."""
    named = (field.name for field in fields(Selection))
    return {name: options[name] for name in named if options[name] is not None}


def base_model_hint(ranking: Ranking) -> str:
    """The way to a ranking where there is none of all methods together; nothing where there is no such way."""
    names = read_ranking(ranking).base_models_alone
    if not names:
        return ""
    ways = ", ".join(f"--base-model {shlex.quote(name)}" for name in names)
    return f"Or rank one base model: {ways}."


def add_base_model_arguments(parser: CommandParser) -> None:
    """Base models of methods that the files do not name; `BaseModels.parse` reads them."""
    parser.add_argument(
        "--base-model",
        "--group",
        dest="base_models",
        action="append",
        default=[],
        metavar="[FILE=]NAME",
        help="base model of the methods, of all files or of one",
    )
    parser.add_argument(
        "--min-input-id",
        dest="min_input_ids",
        action="append",
        default=[],
        metavar="NAME=ID",
        help="the paper's files: inputs from this id on have this base model",
    )


def add_weights_argument(parser: CommandParser, *, default: str | None = None) -> None:
    parser.add_argument(
        "--weights",
        choices=WEIGHTS,
        default=default,
        help=f"weights of human labels in metric scores: {DEFAULTS.weights} (default), or by certainty",
    )


def add_where_arguments(parser: CommandParser) -> None:
    """Which texts: by a fact of theirs. `where_of` reads them."""
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--where", metavar="FACT=VALUE", help="only texts with this fact, such as split=test")
    chosen.add_argument("--split", metavar="PART", help="short for --where split=PART")


def where_of(options: Mapping[str, object]) -> str:
    """The fact and value that was asked for; empty: all texts."""
    return f"split={options['split']}" if options["split"] else str(options["where"] or "")


def ranking_params(options: Mapping[str, object]) -> dict[str, object]:
    """The options that were named; the rest is left to the plan in force or to the program."""
    named = ("model", "ties", "resample", "n_resamples", "seed", "ridge", "weights", "block_by", *RULES)
    params = {name: options[name] for name in named if options.get(name) is not None}
    if any(isinstance(number := params.get(name), int) and number < 0 for name in ("n_resamples", "seed")):
        raise CommandError(NO_NUMBERS)
    return params
