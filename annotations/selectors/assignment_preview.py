"""Who would get which text, how many answers each text and group would have, and what would be missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from django.db.models import Max, OuterRef
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from annotations.models import Assignment, Participant, Study
from annotations.selectors.groups import TAKES_A_PLACE, annotators_in
from annotations.selectors.open_items import (
    IS_OPEN,
    LAPSED,
    RANDOM_STARTS,
    count_subquery,
    open_items,
    random_start,
)
from annotations.selectors.participation import open_invitations
from hlv.stats.labels.quota_allocation import allocate_quotas

# Beyond these a page would keep the person waiting.
MOST_TEXTS, MOST_SEATS, MOST_CELLS = 5_000, 30_000, 2_000_000
FIRST_TEXTS, SHORT_TEXTS = 5, 20
NO_QUOTA = 2**31


@dataclass
class PreviewedPerson:
    """A participant, or an invitation that is still open, with the texts that would come to them."""

    name: str
    group: str
    quota: int | None
    # None: of an invitation that nobody has accepted.
    pk: int | None = None
    number: int = 0
    n_had: int = 0
    n_done: int = 0
    n_open: int = 0
    n_more: int = 0
    first: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        return NO_QUOTA if self.quota is None else max(0, self.quota - self.n_done - self.n_open)


@dataclass(frozen=True)
class PreviewedGroup:
    name: str
    n_people: int
    n_answers: int
    per_text: float


@dataclass(frozen=True)
class AssignmentPreview:
    """`n_texts` are all that people can get, `n_seen` of them were looked at; the rest speaks of those."""

    people: list[PreviewedPerson]
    groups: list[PreviewedGroup]
    # Texts that would not reach the wanted number, with how many answers they would have.
    short: list[tuple[str, int]]
    n_short: int
    # How many texts would have how many answers, the fewest first.
    by_answers: list[tuple[int, int]]
    n_texts: int
    n_seen: int
    n_answers: int
    n_missing: int


class _Text(NamedTuple):
    pk: int
    key: str
    position: int
    seats_taken: int


def assignment_preview(study: Study, *, with_invited: bool, sees_names: bool) -> AssignmentPreview:
    """From what is stored now, everybody going on at the same speed; nothing of it is stored."""
    people = _people(study) + (_invited(study, sees_names=sees_names) if with_invited else [])
    items = study.items.filter(open_items())
    n_texts = items.count()
    most = min(MOST_TEXTS, max(1, MOST_SEATS // study.answers_wanted), MOST_CELLS // max(1, len(people)))
    columns = ("pk", "key", "position", "seats_taken")
    texts = [_Text(*row) for row in items.order_by("position").values_list(*columns)[:most]]
    names = sorted({person.group for person in people})
    group = np.array([names.index(person.group) for person in people], dtype=np.int64)
    had, given = _had_and_given(study, people, texts, names)
    balanced = study.assignment == Study.AssignmentRule.GROUPS and bool(names)
    spread = allocate_quotas(
        taken=np.array([text.seats_taken for text in texts], dtype=np.int64),
        wanted=study.answers_wanted,
        had=had,
        left=np.array([person.left for person in people], dtype=np.int64),
        n_had=np.array([person.n_had for person in people], dtype=np.int64),
        room_of_group=_shares(study, texts, len(names)) - given if balanced else None,
        group=group if balanced else None,
        start=_starts(study, people, texts) if study.order == Study.Order.RANDOM else None,
    )
    for person, item in zip(spread.people.tolist(), spread.items.tolist(), strict=True):
        people[person].n_more += 1
        if len(people[person].first) < FIRST_TEXTS:
            people[person].first.append(texts[item].key)
        given[group[person], item] += 1
    missing = np.maximum(0, study.answers_wanted - spread.taken)
    return AssignmentPreview(
        people=people,
        groups=_groups(people, names, given),
        short=[
            (texts[place].key, int(spread.taken[place])) for place in np.flatnonzero(missing)[:SHORT_TEXTS]
        ],
        n_short=int((missing > 0).sum()),
        by_answers=[(n, int(count)) for n, count in enumerate(np.bincount(spread.taken)) if count],
        n_texts=n_texts,
        n_seen=len(texts),
        n_answers=int(np.minimum(spread.taken, study.answers_wanted).sum()),
        n_missing=int(missing.sum()),
    )


def _people(study: Study) -> list[PreviewedPerson]:
    assignments = Assignment.objects.filter(participant=OuterRef("pk"))
    existing = annotators_in(study).annotate(
        n_had=count_subquery(assignments, "participant"),
        n_done=count_subquery(assignments.filter(done_at__isnull=False), "participant"),
        n_open=count_subquery(assignments.filter(IS_OPEN), "participant"),
    )
    columns = ("group", "quota", "pk", "number", "n_had", "n_done", "n_open")
    # In a query of values the pseudonym, which is no column, is made here.
    word = str(Participant.Role.ANNOTATOR.label).capitalize()
    return [
        PreviewedPerson(f"{word} {row[3]}", *row) for row in existing.order_by("number").values_list(*columns)
    ]


def _invited(study: Study, *, sees_names: bool) -> list[PreviewedPerson]:
    offered = open_invitations(study).filter(role=Participant.Role.ANNOTATOR).order_by("pk")
    return [
        PreviewedPerson(
            (one.email or one.note) if sees_names else _("Invitation %(n)s") % {"n": place},
            one.group,
            one.quota,
            number=10_000 + place,
        )
        for place, one in enumerate(offered, start=1)
    ]


def _had_and_given(
    study: Study, people: list[PreviewedPerson], texts: list[_Text], names: list[str]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Who had which text, and how many places each group has taken of each."""
    column = {text.pk: place for place, text in enumerate(texts)}
    row = {person.pk: place for place, person in enumerate(people) if person.pk is not None}
    had = np.zeros((len(people), len(texts)), dtype=np.bool_)
    given = np.zeros((max(1, len(names)), len(texts)), dtype=np.int64)
    if not texts:
        return had, given
    assignments = Assignment.objects.filter(item__study=study, item__position__lte=texts[-1].position)
    for person, item in assignments.exclude(LAPSED).values_list("participant", "item").iterator():
        if person in row and item in column:
            had[row[person], column[item]] = True
    taken = assignments.filter(TAKES_A_PLACE).values_list("participant__group", "item")
    for name, item in taken.iterator():
        if name in names and item in column:
            given[names.index(name), column[item]] += 1
    return had, given


def _shares(study: Study, texts: list[_Text], n_groups: int) -> NDArray[np.int64]:
    """What each group gives to each text; the groups that give one more change from text to text."""
    whole, over = divmod(study.answers_wanted, n_groups)
    position = np.array([text.position for text in texts], dtype=np.int64)
    place = np.arange(n_groups, dtype=np.int64)[:, None]
    return np.asarray(whole + ((position + place) % n_groups < over), dtype=np.int64)


def _starts(study: Study, people: list[PreviewedPerson], texts: list[_Text]) -> Callable[[int, int], int]:
    """From where on a person's next text is looked for, as seating does it."""
    positions = np.array([text.position for text in texts], dtype=np.int64)
    last = study.items.aggregate(last=Max("position"))["last"] or 0

    def start(person: int, n_had: int) -> int:
        away = random_start(seed=study.seed, number=people[person].number, step=n_had)
        return int(np.searchsorted(positions, (last + 1) * away // RANDOM_STARTS))

    return start


def _groups(
    people: list[PreviewedPerson], names: list[str], given: NDArray[np.int64]
) -> list[PreviewedGroup]:
    n_texts = max(1, given.shape[1])
    return [
        PreviewedGroup(
            name=name,
            n_people=sum(person.group == name for person in people),
            n_answers=int(given[place].sum()),
            per_text=float(given[place].sum() / n_texts),
        )
        for place, name in enumerate(names)
    ]
