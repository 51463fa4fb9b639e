"""Which studies a person sees, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Least

from annotations.models import Assignment, Participant, Study, User


@dataclass(frozen=True)
class Coverage:
    """Answers there are against answers wanted; surplus answers do not count twice."""

    n_items: int
    n_wanted: int
    n_answers: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return int(100 * self.n_answers / self.n_wanted) if self.n_wanted else 0


def studies_visible_to(user: User) -> QuerySet[Study]:
    return (
        Study.objects.filter(participants__user=user, participants__is_active=True)
        .distinct()
        .order_by("name", "pk")
    )


def coverage(study: Study) -> Coverage:
    """People's answers only: imported sources never count as progress."""
    answered = Count(
        "assignments", filter=Q(assignments__done_at__isnull=False, assignments__returned_at__isnull=True)
    )
    per_item = study.items.order_by().annotate(answered=answered)
    totals = per_item.aggregate(n=Count("pk"), answers=Sum(Least("answered", study.answers_wanted)))
    n_items = totals["n"] or 0
    return Coverage(
        n_items=n_items, n_wanted=n_items * study.answers_wanted, n_answers=totals["answers"] or 0
    )


def answered_by(participant: Participant) -> int:
    return Assignment.objects.filter(participant=participant, done_at__isnull=False).count()


def share_of(participant: Participant) -> tuple[int, int]:
    """A person's own progress: texts done, of how many that may come."""
    done = answered_by(participant)
    if participant.quota is not None:
        return done, participant.quota
    study = participant.study
    open_items = (
        study.items.filter(seats_taken__lt=study.answers_wanted)
        .exclude(assignments__participant=participant)
        .count()
    )
    held = Assignment.objects.filter(
        participant=participant, done_at__isnull=True, returned_at__isnull=True
    ).count()
    return done, done + held + open_items
