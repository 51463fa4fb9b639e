"""What the commands share: running a job in the foreground with a progress bar, and saying its end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable

from annotations import jobs
from annotations.models import Job, Snapshot, Study
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import Table
from hlv.core.rendering.terminal import terminal_table
from hlv.core.tabular.encoding import check_encoding
from hlv.core.tabular.errors import FormatError
from hlv.missing import said_of_missing
from metaeval.exporters.results import snapshot_json

# Of a fingerprint so many letters stand in a line; --json has it whole.
FINGERPRINT_SHOWN = 12


def with_provenance(snapshot: Snapshot, result: dict[str, Any] | None = None) -> dict[str, Any]:
    """The result as --json prints it, then its snapshot; `result` where it is not printed as stored."""
    kept = snapshot_json(snapshot)
    origin = {"snapshot": kept.pop("uuid"), "n_resamples": _n_resamples(snapshot), **kept}
    shown: dict[str, Any] = snapshot.result if result is None else result
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

    def run_job(self, *, kind: str, study: Study, params: dict[str, Any]) -> dict[str, Any]:
        """The job's result, or its refusal as the command's one sentence."""
        try:
            job = jobs.create(kind=kind, study=study, params=params)
        except jobs.MissingDataError as refusal:
            raise CommandError(said_of_missing(refusal.missing, study)) from refusal
        except jobs.JobRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            shown = bar.add_task(kind, total=None)

            def tell(running: Job) -> None:
                bar.update(
                    shown,
                    description=running.progress_note or kind,
                    completed=running.progress_done,
                    total=running.progress_total or None,
                )

            job = jobs.run_now(job, tell)
        for missing in jobs.missing_of(job):
            raise CommandError(said_of_missing(missing, study))
        if job.state != Job.State.DONE or job.result is None:
            raise CommandError(job.reason or f"The {kind} job ended as {job.state}.")
        result: dict[str, Any] = job.result
        return result

    def print_json(self, result: dict[str, Any]) -> None:
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


def check_numbers(options: dict[str, Any]) -> None:
    if options["n_resamples"] < 0 or options["seed"] < 0:
        raise CommandError("--n-resamples and --seed take whole numbers from 0.")


def parse_uuid(result: dict[str, Any], key: str) -> UUID:
    return UUID(str(result[key]))
