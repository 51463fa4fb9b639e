"""What was read, what was skipped and what was said later stay apart, in the rows and in what is taken away."""

from __future__ import annotations

import csv
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.models import Annotation
from annotations.services.annotating import Answer, record_annotation
from annotations.services.studies import publish_guideline
from hlv.bundle import export_study
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_an_edited_guideline_is_a_new_version_and_answers_keep_the_one_that_was_read(tmp_path: Path) -> None:
    study = make_study()
    make_items(study, 2)
    lawyer = make_participant(study)
    answers = []
    for text in ("Choose all areas.", "Choose the main area."):
        version = publish_guideline(study, text=text).version
        answer = Answer(chosen={"housing": 0.8}, guideline_version=version)
        answers.append(record_annotation(assignment=make_seat(lawyer), client_key=uuid4(), answer=answer).row)
    assert list(study.guidelines.values_list("version", "text")) == [
        (1, "Choose all areas."),
        (2, "Choose the main area."),
    ]
    assert [row and row.guideline and row.guideline.version for row in answers] == [1, 2]
    folder = export_study(study, tmp_path / "out", as_of=timezone.now()).folder
    assert sorted(row["guideline_version"] for row in rows_of(folder / "answers.csv")) == ["1", "2"]


def test_a_skip_is_a_row_with_its_reason_and_stays_beside_what_was_said_later(tmp_path: Path) -> None:
    study = make_study()
    make_items(study, 1)
    seat = make_seat(make_participant(study))
    skip = Answer(skipped=True, reason="I know the family.")
    skipped = record_annotation(assignment=seat, client_key=uuid4(), answer=skip).row
    first = export_study(study, tmp_path / "first", as_of=timezone.now()).folder
    (row,) = rows_of(first / "answers.csv")
    assert ("skipped" in row["flags"], row["reason"]) == (True, "I know the family.")

    # Sent from an old draft that knows nothing of the skip: refused, and the skip stands.
    answer = Answer(chosen={"housing": 0.8})
    late = record_annotation(assignment=seat, client_key=uuid4(), answer=answer)
    assert (late.status, late.row) == (409, skipped)
    record_annotation(assignment=seat, client_key=uuid4(), answer=answer, replaces=skipped)
    assert Annotation.objects.count() == 2
    second = export_study(study, tmp_path / "second", as_of=timezone.now()).folder
    stands = [(row["reason"], row["stands"]) for row in rows_of(second / "annotations.csv")]
    assert stands == [("I know the family.", "false"), ("", "true")]
