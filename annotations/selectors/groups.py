"""Answers spread over the groups of annotators: how many each group gives to a text, and whose turn it is.

Of five answers wanted of two groups one gives three and the other two, and on the next text the other way round:
each text reaches the wanted number exactly, and over the study each group gives as much as the other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import ceil

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from annotations.models import Annotation, Assignment, Item, Participant, Study
from annotations.selectors.open_items import count_subquery, n_open_texts

# Asked for as what is not there, not as a join: SQLite, once it knows how rare revisions are, reads the table whole.
_STANDS = Annotation.objects.filter(
    ~Exists(Annotation.objects.filter(replaces=OuterRef("pk"))),
    assignment=OuterRef("pk"),
    skipped=False,
    surplus=False,
)
# What `Item.seats_taken` counts: open assignments, and answers that are neither skips nor surplus.
TAKES_A_PLACE = Q(returned_at__isnull=True) & (Q(done_at__isnull=True) | Q(Exists(_STANDS)))


@dataclass(frozen=True)
class Turn:
    """A group and its place among the groups of a study's annotators."""

    group: str
    place: int
    n_groups: int


def annotators_in(study: Study) -> QuerySet[Participant]:
    """Those among whom a study's answers are spread."""
    return study.participants.filter(role=Participant.Role.ANNOTATOR, user__isnull=False, is_active=True)


def group_quota(participant: Participant) -> tuple[Coalesce, Coalesce]:
    """How many groups come before this person's, and how many there are: for a query of this person."""
    groups = annotators_in(participant.study).order_by().values("study")
    counted = groups.annotate(n=Count("group", distinct=True)).values("n")
    before = groups.filter(group__lt=participant.group).annotate(n=Count("group", distinct=True)).values("n")
    return Coalesce(Subquery(before), 0), Coalesce(Subquery(counted), 1)


def group_turn(participant: Participant) -> Turn | None:
    """The turn by which a person gets texts; None where answers are not spread over groups."""
    if participant.study.assignment != Study.AssignmentRule.GROUPS:
        return None
    found = Participant.objects.filter(pk=participant.pk).values_list(*group_quota(participant))
    place, n_groups = found.get()
    return Turn(participant.group, place, n_groups)


def open_group_slots(participants: QuerySet[Participant]) -> dict[tuple[int, str], int]:
    """How many answers each group may still give, by study and group; of studies that spread them over groups alone."""
    spread = Participant.objects.filter(
        study__in=participants.order_by().values("study"),
        study__assignment=Study.AssignmentRule.GROUPS,
        role=Participant.Role.ANNOTATOR,
        user__isnull=False,
        is_active=True,
    )
    names = defaultdict(list)
    for study_pk, wanted, group in spread.values_list("study", "study__answers_wanted", "group").distinct():
        names[study_pk, wanted].append(group)
    if not names:
        return {}
    studies = [study_pk for study_pk, _wanted in names]
    n_texts = n_open_texts(studies)
    taken = taken_group_slots(studies)
    left = {}
    for (study_pk, wanted), groups in names.items():
        share, rest = divmod(wanted, len(groups))
        # The groups that give one more change from text to text, so all come to the same within one.
        most = n_texts.get(study_pk, 0) * share + ceil(n_texts.get(study_pk, 0) * rest / len(groups))
        for group in groups:
            left[study_pk, group] = max(0, most - taken.get((study_pk, group), 0))
    return left


def taken_group_slots(studies: list[int]) -> dict[tuple[int, str], int]:
    """What `TAKES_A_PLACE` says of each assignment, counted: assignments that were not given back, without the few that take none.

    An index alone counts the assignments of each person; whether an answer stands is asked only of skips and of answers
    too many. Joined with all assignments instead, PostgreSQL may read those of every study.
    """
    assignments = Assignment.objects.filter(participant=OuterRef("pk"), returned_at__isnull=True)
    takes_none = Annotation.objects.filter(
        Q(skipped=True) | Q(surplus=True),
        ~Exists(Annotation.objects.filter(replaces=OuterRef("pk"))),
        participant=OuterRef("pk"),
        assignment__returned_at__isnull=True,
        assignment__isnull=False,
    )
    people = Participant.objects.filter(study__in=studies, user__isnull=False).values_list(
        "study",
        "group",
        count_subquery(assignments, "participant") - count_subquery(takes_none, "participant"),
    )
    taken: Counter[tuple[int, str]] = Counter()
    for study, group, n in people:
        taken[study, group] += n
    return taken


def in_turn(
    items: QuerySet[Item], turn: Turn, *, wanted: int, counting_skips: bool = False
) -> QuerySet[Item]:
    """Items of which the group has not had its share; some are missing where skips count too, which is asked sooner."""
    takes = Q(returned_at__isnull=True) if counting_skips else TAKES_A_PLACE
    given = Assignment.objects.filter(takes, item=OuterRef("pk"), participant__group=turn.group)
    counted = given.order_by().values("item").annotate(n=Count("pk")).values("n")
    share, rest = divmod(wanted, turn.n_groups)
    # The groups that give one more than the others change from text to text.
    limit = Case(When(place_in_turn__lt=rest, then=Value(share + 1)), default=Value(share))
    return (
        items.annotate(place_in_turn=(F("position") + turn.place) % turn.n_groups)
        .annotate(n_left_of_group=limit - Coalesce(Subquery(counted, output_field=IntegerField()), 0))
        .filter(n_left_of_group__gt=0)
    )
