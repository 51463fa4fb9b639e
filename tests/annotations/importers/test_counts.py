"""Counts without annotators never mix with answers."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.formats.import_options import ImportRefusedError
from annotations.models import Annotation, Assignment, Item, LabelCount, Study
from annotations.selectors.distributions import label_table
from annotations.selectors.participation import coverage, participant_share, people_in
from annotations.services.annotating import (
    Answer,
    InvalidAnswerError,
    record_annotation,
)
from annotations.services.assigning import next_assignment
from annotations.services.imports import import_annotations, import_items, withdraw_import
from tests.files import rows_of_all_tables, write_jsonl, write_rows
from tests.making import make_items, make_participant, make_seat, make_study

pytestmark = pytest.mark.django_db


def make_counted_study(task: str = Study.Task.SINGLE) -> Study:
    study = make_study(task=task, labels=("yes", "no"))
    make_items(study, 3)
    return study


def counts_file(path: Path, **counts: int) -> Path:
    return write_jsonl(path, [{"item": "item-1", "counts": counts}])


def test_counts_become_a_distribution(tmp_path: Path) -> None:
    study = make_counted_study()
    report = import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=30, no=70)])
    assert report.sentence == "1 count added from 1 record."
    assert label_table(study).distributions(one_label_only=True).tolist() == [[0.3, 0.7]]
    assert study.items.get(key="item-1").evidence == Item.Evidence.COUNTS


def test_the_same_counts_twice_add_nothing_and_others_are_refused(tmp_path: Path) -> None:
    study = make_counted_study()
    path = counts_file(tmp_path / "c.jsonl", yes=30, no=70)
    import_annotations(study, [path])
    before = rows_of_all_tables()
    assert import_annotations(study, [path]).n_added == 0
    with pytest.raises(ImportRefusedError, match="other counts already"):
        import_annotations(study, [counts_file(tmp_path / "d.jsonl", yes=31, no=69)])
    assert rows_of_all_tables() == before


def test_counts_and_answers_never_meet_within_an_item(tmp_path: Path) -> None:
    study = make_counted_study()
    import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=1, no=2)])
    answers = write_rows(tmp_path / "a.csv", ("item", "annotator", "label"), ("item-1", "w1", "yes"))
    with pytest.raises(ImportRefusedError, match="never mix"):
        import_annotations(study, [answers])
    other = write_rows(tmp_path / "b.csv", ("item", "annotator", "label"), ("item-2", "w1", "yes"))
    import_annotations(study, [other])
    with pytest.raises(ImportRefusedError, match="never mix"):
        import_annotations(
            study, [write_jsonl(tmp_path / "e.jsonl", [{"item": "item-2", "counts": {"yes": 1}}])]
        )
    assert LabelCount.objects.filter(item__key="item-2").count() == 0


def test_counts_do_not_tell_how_many_answered_where_each_may_choose_several(tmp_path: Path) -> None:
    study = make_counted_study(task=Study.Task.MULTILABEL)
    with pytest.raises(ImportRefusedError, match="how many people answered"):
        import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=3, no=2)])


def test_counts_of_a_text_that_somebody_skipped_are_refused_in_words(tmp_path: Path) -> None:
    study = make_counted_study()
    seat = make_seat(make_participant(study))
    record_annotation(assignment=seat, client_key=uuid4(), answer=Answer(skipped=True, reason="torn page"))
    path = write_jsonl(tmp_path / "c.jsonl", [{"item": seat.item.key, "counts": {"yes": 1, "no": 2}}])
    with pytest.raises(ImportRefusedError, match="never mix"):
        import_annotations(study, [path])


ANSWERS = [Answer(chosen={"yes": 0.8}), Answer(skipped=True, reason="torn page")]


@pytest.mark.both_databases
@pytest.mark.parametrize("answer", ANSWERS, ids=["answer", "skip"])
def test_whoever_has_a_text_open_that_is_given_counts_goes_on_with_another(
    tmp_path: Path, answer: Answer
) -> None:
    study = make_counted_study()
    person, other = make_participant(study), make_participant(study)
    seat, apart = make_seat(person), make_seat(other)
    path = write_jsonl(tmp_path / "c.jsonl", [{"item": seat.item.key, "counts": {"yes": 1, "no": 2}}])
    import_annotations(study, [path])
    seat.refresh_from_db()
    assert seat.returned_at is not None
    assert {item.key: item.seats_taken for item in study.items.all()} == {
        item.key: int(item == apart.item) for item in study.items.all()
    }
    with pytest.raises(InvalidAnswerError, match="accepts no more answers"):
        record_annotation(assignment=seat, client_key=uuid4(), answer=answer)
    assert not Annotation.objects.exists()
    assert make_seat(person).item != seat.item


@pytest.mark.both_databases
def test_a_seat_left_on_a_text_with_counts_is_neither_in_hand_nor_progress(tmp_path: Path) -> None:
    study = make_counted_study()
    person = make_participant(study)
    import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=1, no=2)])
    counted = study.items.get(key="item-1")
    # As when somebody answers at the moment of the import, who is not waited for.
    left = Assignment.objects.create(item=counted, participant=person, lease_until=timezone.now())
    Item.objects.filter(pk=counted.pk).update(seats_taken=1)
    assert participant_share(person) == (0, 2)
    assert make_seat(person).item != counted
    with pytest.raises(InvalidAnswerError, match="accepts no more answers"):
        record_annotation(assignment=left, client_key=uuid4(), answer=ANSWERS[0])
    counted.refresh_from_db()
    assert counted.seats_taken == 0


@pytest.mark.both_databases
def test_progress_counts_only_texts_that_people_can_get(tmp_path: Path) -> None:
    study = make_study(task=Study.Task.SINGLE, labels=("yes", "no"), answers_wanted=1)
    make_items(study, 2)
    more = write_jsonl(tmp_path / "i.jsonl", [{"item": f"more-{n}", "text": "More."} for n in range(2)])
    import_items(study, [more])
    withdraw_import(study.imports.get(), by=None)
    import_annotations(study, [counts_file(tmp_path / "c.jsonl", yes=1, no=2)])
    person = make_participant(study)
    assert participant_share(person) == (0, 1)
    record_annotation(assignment=make_seat(person), client_key=uuid4(), answer=ANSWERS[0])
    assert next_assignment(person).kind == "done"  # type: ignore[union-attr]
    assert participant_share(person) == (1, 1)
    shown = people_in(study).get(pk=person.pk)
    assert (shown.n_done, shown.n_of) == (1, 1)  # type: ignore[attr-defined]
    found = coverage(study)
    assert (found.n_items, found.n_wanted, found.n_answers, found.percent) == (2, 1, 1, 100)
