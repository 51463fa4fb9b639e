"""What the databases themselves refuse in a new row: strangers, contradictions, values out of range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from annotations.models import (
    AnnotationLabel,
    Guideline,
    Import,
    Item,
    Job,
    Participant,
    Study,
)
from tests.annotations.making import Place, make_answer, make_count, make_place, make_seat_of
from tests.making import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


STRANGERS: dict[str, Callable[[Place, Place], object]] = {
    "an item's import": lambda here, other: Item.objects.create(
        study=here.study, key="k", position=9, import_batch=other.batch
    ),
    "a seat's participant": lambda here, other: make_seat_of(here, participant=other.people[0]),
    "an answer's participant": lambda here, other: make_answer(here, participant=other.people[0]),
    "an answer's item": lambda here, other: make_answer(here, item=other.items[0]),
    "an answer's guideline": lambda here, other: make_answer(here, guideline=other.guideline),
    "an answer's import": lambda here, other: make_answer(here, import_batch=other.batch),
    "a label of an answer": lambda here, other: AnnotationLabel.objects.create(
        annotation=make_answer(here), label=other.label
    ),
    "a label that is counted": lambda here, other: make_count(here, label=other.label),
    "a count's import": lambda here, other: make_count(here, import_batch=other.batch),
}


@pytest.mark.parametrize("make_stranger", STRANGERS.values(), ids=STRANGERS)
def test_nothing_is_joined_across_studies(make_stranger: Callable[[Place, Place], object]) -> None:
    here, other = make_place(), make_place()
    with pytest.raises(IntegrityError, match="belong to one study"), transaction.atomic():
        make_stranger(here, other)


@pytest.mark.parametrize("differs", ["item", "participant"])
def test_an_answer_has_the_item_and_the_participant_of_its_seat(differs: str) -> None:
    place = make_place()
    seat = make_seat_of(place)
    make_answer(place, assignment=seat)
    other = {"item": place.items[1]} if differs == "item" else {"participant": place.people[1]}
    with pytest.raises(IntegrityError, match="of its assignment"), transaction.atomic():
        make_answer(place, assignment=seat, **other)


@pytest.mark.parametrize("differs", ["item", "participant"])
def test_an_answer_replaces_one_of_the_same_participant_to_the_same_item(differs: str) -> None:
    place = make_place()
    first = make_answer(place)
    other = {"item": place.items[1]} if differs == "item" else {"participant": place.people[1]}
    with pytest.raises(IntegrityError, match="same participant to the same item"), transaction.atomic():
        make_answer(place, replaces=first, **other)
    make_answer(place, replaces=first)


@pytest.mark.parametrize(
    ("answer", "chosen", "sentence"),
    [
        ({"gives_labels": False, "skipped": True}, False, "A skip has no labels"),
        ({"gives_labels": False, "facts_insufficient": True}, True, "gives no labels has none chosen"),
    ],
)
def test_an_answer_without_labels_has_none(answer: dict[str, bool], chosen: bool, sentence: str) -> None:
    place = make_place()
    row = make_answer(place, **answer)
    with pytest.raises(IntegrityError, match=sentence), transaction.atomic():
        AnnotationLabel.objects.create(annotation=row, label=place.label, chosen=chosen)


@pytest.mark.parametrize("task", ["single", "ordinal"])
def test_a_study_of_one_label_takes_one_and_any_number_ruled_out(task: str) -> None:
    place = make_place(task=task)
    row = make_answer(place)
    first, second, third = place.study.labels.all()
    AnnotationLabel.objects.create(annotation=row, label=first)
    AnnotationLabel.objects.create(annotation=row, label=second, chosen=False, certainty=0.9)
    with pytest.raises(IntegrityError, match="one label at most"), transaction.atomic():
        AnnotationLabel.objects.create(annotation=row, label=third)


def test_a_study_of_several_labels_takes_several() -> None:
    place = make_place(task="multilabel")
    row = make_answer(place)
    AnnotationLabel.objects.bulk_create(
        AnnotationLabel(annotation=row, label=label) for label in place.study.labels.all()
    )
    assert row.labels.count() == 3


OUT_OF_RANGE: list[tuple[type[models.Model], str, object, str]] = [
    (Study, "task", "guess", "study_task_is_known"),
    (Study, "order", "sorted", "study_order_is_known"),
    (Study, "state", "gone", "study_state_is_known"),
    (Study, "assignment", "chance", "study_assignment_is_known"),
    (Study, "answers_wanted", 0, "study_wants_an_answer"),
    (Study, "answers_wanted", 1001, "study_wants_1000_at_most"),
    (Guideline, "version", 0, "guideline_versions_begin_at_1"),
    (Import, "kind", "people", "import_kind_is_known"),
    (Item, "evidence", "some", "item_evidence_is_known"),
    (Job, "state", "lost", "job_state_is_known"),
    (Participant, "role", "guest", "participant_role_is_known"),
    (Participant, "number", 0, "participant_numbers_begin_at_1"),
    (Participant, "quota", 0, "participant_quota_wants_an_answer"),
    (AnnotationLabel, "certainty", 1.5, "annotation_certainty_is_a_share"),
]


@pytest.mark.parametrize(
    ("model", "field", "value", "constraint"),
    OUT_OF_RANGE,
    ids=[f"{row[0].__name__}.{row[1]}={row[2]}" for row in OUT_OF_RANGE],
)
def test_choices_are_closed_and_numbers_in_range(
    model: type[models.Model], field: str, value: object, constraint: str
) -> None:
    place = make_place()
    row: Any = {
        Study: lambda: Study(slug="s", name="s"),
        Guideline: lambda: Guideline(study=place.study, text="t"),
        Import: lambda: Import(study=place.study, source="f", format="long", sha256=""),
        Item: lambda: Item(study=place.study, key="k", position=9),
        Job: lambda: Job(study=place.study, kind="agreement"),
        Participant: lambda: Participant(study=place.study, user=make_person(), role="annotator", number=9),
        AnnotationLabel: lambda: AnnotationLabel(annotation=make_answer(place), label=place.label),
    }[model]()
    setattr(row, field, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save()


def test_an_item_says_which_kind_of_labels_it_has_whoever_writes() -> None:
    place = make_place()
    make_answer(place)
    make_count(place, item=place.items[1])
    assert [item.evidence for item in place.study.items.all()] == ["annotations", "counts"]
    with pytest.raises(IntegrityError, match="never both"), transaction.atomic():
        place.study.items.update(evidence="none")


def test_a_skip_is_no_label_but_keeps_counts_out() -> None:
    place = make_place()
    make_answer(place, gives_labels=False, skipped=True)
    assert place.study.items.get(pk=place.items[0].pk).evidence == "none"
    with pytest.raises(IntegrityError, match="never both"), transaction.atomic():
        make_count(place)
