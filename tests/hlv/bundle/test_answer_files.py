"""Items and answers are read once, however many files of a bundle they go to, and memory holds one item at a time."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Study
from annotations.selectors import exports
from annotations.selectors.exports import answers_by_item, exported_items, participant_names
from benchmarks.assignment.filling import make_study_at_work
from hlv.bundle.annotations_export import AnnotationsExport
from hlv.bundle.folder import Bundle

pytestmark = pytest.mark.django_db

READS = ("annotations_annotation", "annotations_item", "annotations_itemtext", "annotations_annotationlabel")


CHUNK = 200


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few rows are several chunks."""
    monkeypatch.setattr(exports, "CHUNK_ROWS", CHUNK)


def statements_of_export(study: Study, folder: Path) -> list[str]:
    folder.mkdir()
    with CaptureQueriesContext(connection) as asked:
        AnnotationsExport(study, Bundle(folder), as_of=timezone.now(), with_names=False).write()
    return [one["sql"] for one in asked.captured_queries if "FROM" in one["sql"]]


def table_read(sql: str) -> str:
    return sql.partition(" FROM ")[2].split()[0].strip('"')


@pytest.mark.both_databases
def test_a_bundle_reads_items_and_answers_once_however_many_there_are(tmp_path: Path) -> None:
    few = make_study_at_work(10, n_answers=2, wanted=3, n_people=3, slug="few")
    many = make_study_at_work(CHUNK + 10, n_answers=2, wanted=3, n_people=3, slug="many")
    for name, study in (("few", few), ("many", many)):
        asked = statements_of_export(study, tmp_path / name)
        assert len(asked) <= 24
        found = [table_read(sql) for sql in asked if "GROUP BY" not in sql]
        assert {table: found.count(table) for table in READS} == dict.fromkeys(READS, 1)
    lines = (tmp_path / "many" / "answers.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2 * (CHUNK + 10)


def peak_of_reading(study: Study) -> int:
    names, now = participant_names(study, with_names=False), timezone.now()
    tracemalloc.start()
    try:
        for _item in exported_items(study, as_of=now):
            pass
        for _answers in answers_by_item(study, as_of=now, names=names):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.both_databases
def test_memory_does_not_grow_with_the_number_of_answers() -> None:
    smaller = make_study_at_work(CHUNK * 3, n_answers=1, wanted=3, n_people=3, slug="smaller")
    larger = make_study_at_work(CHUNK * 9, n_answers=1, wanted=3, n_people=3, slug="larger")
    # What is loaded and compiled once is not counted.
    peak_of_reading(smaller)
    assert peak_of_reading(larger) < 1.2 * peak_of_reading(smaller)
