"""A round of annotating as it goes: answers given through the service, and reports on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from annotations.models import Annotation, Assignment, Participant, RoundReport, Study
from annotations.services.annotating import Answer, record_annotation
from annotations.services.assigning import next_assignment
from annotations.services.rounds import compute_round
from tests.making import make_items, make_participant, make_study

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10"/>'


def answer(person: Participant, *, when: datetime | None = None, **said: Any) -> Annotation:
    """The next text of this person, answered at a moment."""
    seat = next_assignment(person)
    assert isinstance(seat, Assignment), seat
    when = when or timezone.now()
    Assignment.objects.filter(pk=seat.pk).update(reserved_at=when - timedelta(minutes=5))
    seat.refresh_from_db()
    given = Answer(**{"active_ms": 30_000, "submitted_at": when} | said)
    stored = record_annotation(assignment=seat, client_key=uuid4(), answer=given).row
    assert stored is not None
    return stored


@dataclass(frozen=True)
class Round:
    study: Study
    people: list[Participant]
    owner: Participant
    researcher: Participant


def make_round(
    *,
    n_items: int = 6,
    n_people: int = 3,
    days_ago: int = 1,
    text: str = "The landlord keeps my deposit.",
    **fields: Any,
) -> Round:
    """Everybody answered everything: the first two alike, the third otherwise; two groups; remarks of the last."""
    study = make_study(answers_wanted=n_people, **fields)
    make_items(study, n_items, text=text)
    people = [make_participant(study) for _ in range(n_people)]
    Participant.objects.filter(pk=people[-1].pk).update(group="academia")
    Participant.objects.filter(pk__in=[person.pk for person in people[:-1]]).update(group="bar")
    when = timezone.now() - timedelta(days=days_ago)
    for place in range(n_items):
        for number, person in enumerate(people):
            said: dict[str, Any] = {"chosen": {"housing" if number < 2 or place % 2 else "contract": 0.8}}
            if number == n_people - 1 and place == 0:
                said |= {"comment": "Which guideline holds?", "guideline_unclear": True}
            answer(person, when=when, **said)
    return Round(study, people, make_participant(study, "owner"), make_participant(study, "researcher"))


def make_report(study: Study, *, drawn: bool = False) -> RoundReport:
    """A report with few resamples; its figures are stand-ins, as drawing takes seconds."""
    drawings: list[Any] = []
    if drawn:
        drawings = [
            (name + slim, theme, "image/svg+xml", PICTURE)
            for name in ("agreement", "growth", "entropy")
            for slim in ("", "-slim")
            for theme in ("light", "dark")
        ]
    return compute_round(study, n_resamples=20).keep(drawings)
