"""Answers spread over the groups of annotators: how many each group gives to a text, and whose turn it is.

Of five answers wanted of two groups one gives three and the other two, and on the next text the other way round:
each text reaches the wanted number exactly, and over the study each group gives as much as the other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import (
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Coalesce

from annotations.models import Annotation, Assignment, Item, Participant, Study

_STANDS = Annotation.objects.filter(
    assignment=OuterRef("pk"), replaced_by__isnull=True, skipped=False, surplus=False
)
# What `Item.seats_taken` counts: open seats, and answers that are neither skips nor surplus.
TAKES_A_PLACE = Q(returned_at__isnull=True) & (Q(done_at__isnull=True) | Q(Exists(_STANDS)))


@dataclass(frozen=True)
class Turn:
    """A group and its place among the groups of a study's annotators, as values or as columns of a query.

    `group` is compared one query deeper than the others.
    """

    group: str | Combinable
    place: int | Combinable
    n_groups: int | Combinable


def annotators_in(study: Study) -> QuerySet[Participant]:
    """Those among whom a study's answers are spread."""
    return study.participants.filter(role=Participant.Role.ANNOTATOR, user__isnull=False, is_active=True)


def places_of_group(participant: Participant) -> tuple[Coalesce, Coalesce]:
    """How many groups come before this person's, and how many there are: for a query of this person."""
    groups = annotators_in(participant.study).order_by().values("study")
    counted = groups.annotate(n=Count("group", distinct=True)).values("n")
    before = groups.filter(group__lt=participant.group).annotate(n=Count("group", distinct=True)).values("n")
    return Coalesce(Subquery(before), 0), Coalesce(Subquery(counted), 1)


def turn_of(participant: Participant) -> Turn | None:
    """The turn by which a person gets texts; None where answers are not spread over groups."""
    if participant.study.assignment != Study.AssignmentRule.GROUPS:
        return None
    found = Participant.objects.filter(pk=participant.pk).values_list(*places_of_group(participant))
    place, n_groups = found.get()
    return Turn(participant.group, place, n_groups)


def with_turns(participants: QuerySet[Participant]) -> QuerySet[Participant] | None:
    """Adds `place_of_group` and `n_groups` for a whole list; None where no study spreads answers over groups."""
    groups: defaultdict[int, list[str]] = defaultdict(list)
    spread = Participant.objects.filter(
        study__in=participants.order_by().values("study"),
        study__assignment=Study.AssignmentRule.GROUPS,
        role=Participant.Role.ANNOTATOR,
        user__isnull=False,
        is_active=True,
    )
    for study_pk, group in spread.order_by("study", "group").values_list("study", "group").distinct():
        groups[study_pk].append(group)
    if not groups:
        return None
    places = [
        When(study=study_pk, group=group, then=Value(place))
        for study_pk, names in groups.items()
        for place, group in enumerate(names)
    ]
    numbers = [When(study=study_pk, then=Value(len(names))) for study_pk, names in groups.items()]
    return participants.annotate(
        place_of_group=Case(*places, default=Value(0), output_field=IntegerField()),
        n_groups=Case(*numbers, default=Value(1), output_field=IntegerField()),
    )


def in_turn(items: QuerySet[Item], turn: Turn, *, wanted: int | Combinable) -> QuerySet[Item]:
    """Items of which the group has not had its share."""
    given = Assignment.objects.filter(TAKES_A_PLACE, item=OuterRef("pk"), participant__group=turn.group)
    counted = given.order_by().values("item").annotate(n=Count("pk")).values("n")
    whole, left = _share(wanted, turn.n_groups)
    # The groups that give one more than the others change from text to text.
    place = _as_number((F("position") + turn.place) % turn.n_groups)
    items = items.annotate(
        n_of_group=Coalesce(Subquery(counted, output_field=IntegerField()), 0), place_in_turn=place
    )
    return items.filter(Q(n_of_group__lt=whole) | Q(n_of_group=whole, place_in_turn__lt=left))


def _share(wanted: int | Combinable, n_groups: int | Combinable) -> tuple[Combinable, Combinable]:
    """What every group gives to a text, and how many groups give one more."""
    if isinstance(wanted, int) and isinstance(n_groups, int):
        return Value(wanted // n_groups), Value(wanted % n_groups)
    of = wanted if isinstance(wanted, Combinable) else Value(wanted)
    return _as_number(of / n_groups), _as_number(of % n_groups)


def _as_number(expression: CombinedExpression) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(expression, output_field=IntegerField())
