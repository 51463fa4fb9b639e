"""On an empty database: a file of annotations imported."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command

from annotations.models import Item, Study
from annotations.services.imports import import_annotations
from annotations.services.studies import NewLabel, create_study
from benchmarks.assignment.annotate_request_work import database_seconds
from benchmarks.machine import peak_memory

LABELS = ("a", "b", "c")
N_ANSWERS, N_SOURCES = 5, 50
N_WARMING = 1_000


def main(*, n_rows: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory(prefix="hlv-bench-") as folder:
        # The first import loads and compiles.
        import_annotations(make_study("warming", N_WARMING), [write_file(Path(folder) / "w.csv", N_WARMING)])
        study, file = make_study("measured", n_rows), write_file(Path(folder) / "answers.csv", n_rows)
        memory, python, of_database = peak_memory(), time.process_time(), database_seconds()
        report = import_annotations(study, [file])
        found = {
            "python": time.process_time() - python,
            "database": database_seconds() - of_database,
            "before": memory,
            "grown": peak_memory() - memory,
        }
    if report.n_added != n_rows:
        raise SystemExit(f"{report.n_added} of {n_rows} rows were added")
    return found


def make_study(slug: str, n_rows: int) -> Study:
    study = create_study(slug=slug, task=Study.Task.SINGLE, labels=[NewLabel(label) for label in LABELS])
    Item.objects.bulk_create(
        (Item(study=study, key=f"item-{n}", position=n) for n in range(n_rows // N_ANSWERS)), batch_size=5_000
    )
    return study


def write_file(path: Path, n_rows: int) -> Path:
    """Each text is answered by five of the sources."""
    rows = (
        f"item-{text},worker {(text + number * 7) % N_SOURCES},{LABELS[(text + number) % len(LABELS)]}\n"
        for text in range(n_rows // N_ANSWERS)
        for number in range(N_ANSWERS)
    )
    with path.open("w", encoding="utf-8") as stream:
        stream.write("item,annotator,label\n")
        stream.writelines(rows)
    return path
