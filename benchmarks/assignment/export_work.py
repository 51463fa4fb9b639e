"""On one database: studies filled, or one of them exported."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.exporters.answers import answer_table
from annotations.import_ledger import gather_statistics
from annotations.models import Study
from annotations.selectors.answers import known_answers
from annotations.selectors.exports import CHUNK_ROWS, answers_by_item, exported_answers, participant_names
from benchmarks.assignment.annotate_request_work import database_seconds
from benchmarks.assignment.filling import make_study_at_work
from benchmarks.machine import peak_memory
from hlv.bundle import export_study

FETCHED = (
    "item__key",
    "participant_id",
    "shown_at",
    "submitted_at",
    "active_ms",
    "reason",
    "comment",
    "labels__label_id",
    "labels__certainty",
)


def main(*, sizes: Sequence[int] = (), n_answers: int = 0, measured: int = 0) -> dict[str, Any]:
    """Fill studies of these numbers of texts, or measure the export of one."""
    if measured:
        return measure(Study.objects.get(slug=f"texts-{measured}"))
    call_command("migrate", verbosity=0)
    for size in sizes:
        make_study_at_work(size, n_answers=n_answers, wanted=n_answers + 1, slug=f"texts-{size}")
    gather_statistics()
    return {}


def measure(study: Study) -> dict[str, Any]:
    now, names = timezone.now(), participant_names(study, with_names=False)
    # The first of each loads and compiles.
    next(answers_by_item(study, as_of=now, names=names))

    def answers() -> None:
        given = exported_answers(study, as_of=now, names=names, only_current=True)
        for _piece in answer_table(given, one_label_only=study.one_label_only):
            pass

    def fetched() -> None:
        rows = known_answers(as_of=now).filter(item__study=study).order_by("item__position")
        for _row in rows.values_list(*FETCHED).iterator(chunk_size=CHUNK_ROWS):
            pass

    with tempfile.TemporaryDirectory(prefix="hlv-bench-") as folder:

        def bundle() -> None:
            export_study(study, Path(folder) / "bundle", as_of=now)

        seconds = {"fetched": cpu_of(fetched), "answers": cpu_of(answers)}
        before = peak_memory()
        with CaptureQueriesContext(connection) as asked:
            seconds["bundle"] = cpu_of(bundle)
        rows = sum(1 for _ in (Path(folder) / "bundle" / "answers.csv").open(encoding="utf-8")) - 1
    return {
        **seconds,
        "rows": rows,
        "statements": len(asked),
        "grown": peak_memory() - before,
    }


def cpu_of(do: Callable[[], None]) -> float:
    begun, of_database = time.process_time(), database_seconds()
    do()
    return time.process_time() - begun + database_seconds() - of_database
