"""Which roles a person holds where, and how far participants are: in one query for a whole list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from annotations.models import Assignment, Invitation, Item, Participant, Study, User
from annotations.selectors.groups import open_group_slots
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.open_items import (
    IS_OPEN,
    LAPSED,
    cached_count,
    count_subquery,
    n_texts_wanting_answers,
    open_items,
    without_counts,
)


def with_progress(participants: QuerySet[Participant]) -> QuerySet[Participant]:
    """Adds `n_done` and `n_of`: texts answered or skipped, of how many that may come to this person.

    Texts that need an answer are counted once per study; each person's own texts are subtracted. A list therefore
    reads the texts once and the assignments of the listed people.
    """
    studies = list(participants.order_by().values_list("study", flat=True).distinct())
    n_wanting = n_texts_wanting_answers(studies)
    assignments = Assignment.objects.filter(participant=OuterRef("pk"))
    # By the key of each seat's text. As a join, PostgreSQL may read the texts of all studies for the assignments of one person.
    taken = Item.objects.filter(open_items(), pk=OuterRef("item")).order_by().values("seats_taken")
    had = assignments.exclude(LAPSED).annotate(taken=Subquery(taken))
    n_open: Combinable = Case(
        *(When(study=study, then=Value(n)) for study, n in n_wanting.items()), default=Value(0)
    ) - count_subquery(had.filter(taken__lt=OuterRef("study__answers_wanted")), "participant")
    left = [
        When(study=study, group=group, then=Least(n_open, Value(n)))
        for (study, group), n in open_group_slots(participants).items()
    ]
    held = assignments.filter(without_counts("item__"), IS_OPEN)
    return (
        participants.annotate(n_done=count_subquery(assignments.filter(done_at__isnull=False), "participant"))
        # Not selected themselves: each would be counted a second time for the sum.
        .alias(
            n_held=count_subquery(held, "participant"),
            # No more than what is left for the person's group, where answers are spread over groups.
            n_open=Case(*left, default=n_open) if left else n_open,
        )
        .annotate(n_of=Coalesce(F("quota"), F("n_done") + F("n_held") + F("n_open")))
    )


def participant_progress(participant: Participant) -> tuple[int, int]:
    """The same two numbers of one person."""
    counted: Any = with_progress(Participant.objects.filter(pk=participant.pk)).get()
    return counted.n_done, counted.n_of


def participations(user: User, *, study: Study | None = None) -> QuerySet[Participant]:
    """All roles a person holds, or those in one study, studies by name; of who came by a link into one, those there."""
    held = Participant.objects.filter(user=user, is_active=True)
    if user.only_study_id is not None:
        held = held.filter(study=user.only_study_id)
    if study is not None:
        held = held.filter(study=study)
    return with_progress(held).select_related("study").order_by("study__name", "study__pk", "role")


def people_in(study: Study) -> QuerySet[Participant]:
    """People who answer in a study; imported sources are counted apart."""
    people = study.participants.filter(user__isnull=False)
    return with_progress(people).select_related("user__joined_by").order_by("role", "number")


def first_participant_of_source(study: Study, role: str) -> dict[int, int]:
    """Of a source that repeats itself, the first participant for each further one: they are one and the same."""
    sources = study.participants.filter(role=role, user__isnull=True)
    repeated = sources.filter(source_occurrence__gt=0).values_list("pk", "source")
    first = dict(
        sources.filter(source_occurrence=0, source__in=[source for _, source in repeated]).values_list(
            "source", "pk"
        )
    )
    return {pk: first[source] for pk, source in repeated if source in first}


def count_sources(study: Study) -> int:
    return study.participants.filter(user__isnull=True).count()


def is_only_owner(participant: Participant) -> bool:
    """Whether the study would lose its last owner with this role."""
    owners = participant.study.participants.filter(role=Participant.Role.OWNER, is_active=True)
    return participant.role == Participant.Role.OWNER and not owners.exclude(pk=participant.pk).exists()


def open_invitations(study: Study) -> QuerySet[Invitation]:
    return study.invitations.filter(
        used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now()
    )


@dataclass(frozen=True)
class Coverage:
    """Texts of a study, and answers there are against answers wanted of people."""

    n_items: int
    n_wanted: int
    n_answers: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return int(100 * self.n_answers / self.n_wanted) if self.n_wanted else 0


def coverage(study: Study) -> Coverage:
    """People's answers only: imported sources never count as progress, nor do skips and assignments still open."""
    totals = study.items.filter(open_items()).aggregate(n=Count("pk"), taken=Sum("seats_taken"))
    n_open = Assignment.objects.filter(open_items("item__"), IS_OPEN, item__study=study).count()
    n_wanted = (totals["n"] or 0) * study.answers_wanted
    return Coverage(
        n_items=study.items.filter(not_withdrawn()).count(),
        n_wanted=n_wanted,
        # The wanted number may have been lowered since assignments were taken.
        n_answers=min(n_wanted, max(0, (totals["taken"] or 0) - n_open)),
    )


def cached_coverage(study: Study) -> Coverage:
    """The study's progress for pages that many people open at every moment."""
    return cached_count(f"coverage/{study.uuid}", lambda: coverage(study), size=lambda found: found.n_items)


def cached_share(participant: Participant) -> tuple[int, int]:
    """A person's own progress for every text: what is done is counted each time, of how many is remembered.

    One's own work does not change of how many; others', who fill a text, do so slowly.
    """
    key = f"share/{participant.uuid}/{participant.quota}"
    _done, of = cached_count(key, lambda: participant_share(participant), size=lambda found: found[1])
    met = Q(done_at__isnull=False) | Q(returned_at__isnull=True)
    counted = participant.assignments.aggregate(n_done=Count("done_at"), n_met=Count("pk", filter=met))
    return counted["n_done"], participant.quota or max(of, counted["n_met"])


# Replies to answers show progress that others made up to so many seconds later: of the study, and of how many texts may
# come to a person.
COVERAGE_SECONDS, SHARE_SECONDS = 15, 120


def recent_coverage(study: Study) -> Coverage:
    """The study's progress for replies to answers."""
    return cached_count(
        f"recent-coverage/{study.uuid}",
        lambda: coverage(study),
        size=lambda found: found.n_items,
        least_seconds=COVERAGE_SECONDS,
    )


def recent_share(participant: Participant, *, n_met: int) -> int:
    """Of how many texts this person does their share, of whom `n_met` were answered or are held."""
    _done, of = cached_count(
        f"recent-share/{participant.uuid}/{participant.quota}",
        lambda: participant_share(participant),
        size=lambda found: found[1],
        least_seconds=SHARE_SECONDS,
    )
    return participant.quota or max(of, n_met)


def participant_share(participant: Participant) -> tuple[int, int]:
    """A person's own progress: texts done, of how many that may come."""
    return participant_progress(participant)


def has_answers(study: Study) -> bool:
    """Whether anybody has answered with its labels, here or in a file."""
    # A trigger marks the texts, so that nobody looks for the first answer among those of all studies.
    return study.items.filter(evidence__in=[Item.Evidence.ANNOTATIONS, Item.Evidence.COUNTS]).exists()


def newest_guideline(study: Study) -> int | None:
    """The version that an answer of now is given under."""
    return study.guidelines.order_by("-version").values_list("version", flat=True).first()
