"""Rows as they are, past every service: what the databases must refuse by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from annotations.models import (
    Annotation,
    Assignment,
    Guideline,
    Import,
    Item,
    Label,
    LabelCount,
    Participant,
    Study,
)
from tests.making import make_import, make_items, make_participant, make_study


@dataclass(frozen=True)
class Place:
    """A study with two items and two participants."""

    study: Study
    items: list[Item]
    people: list[Participant]

    @property
    def label(self) -> Label:
        return self.study.labels.all()[0]

    @property
    def guideline(self) -> Guideline:
        return Guideline.objects.create(study=self.study, version=1, text="Read it all.")

    @property
    def batch(self) -> Import:
        return make_import(self.study)


def make_place(**fields: Any) -> Place:
    study = make_study(**fields)
    return Place(study, make_items(study, 2), [make_participant(study) for _ in range(2)])


def make_answer(place: Place, **fields: Any) -> Annotation:
    given = {"item": place.items[0], "participant": place.people[0], "gives_labels": True}
    return Annotation.objects.create(**given | fields, submitted_at=timezone.now())


def make_seat_of(place: Place, **fields: Any) -> Assignment:
    given = {"item": place.items[0], "participant": place.people[0], "lease_until": timezone.now()}
    return Assignment.objects.create(**given | fields)


def make_count(place: Place, **fields: Any) -> LabelCount:
    given = {"item": place.items[0], "label": place.label, "import_batch": place.batch}
    return LabelCount.objects.create(**given | fields, n_chosen=1, n_annotators=2)
