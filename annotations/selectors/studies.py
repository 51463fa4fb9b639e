"""How far studies and their people are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum

from annotations.models import Assignment, Participant, Study


@dataclass(frozen=True)
class Coverage:
    """Answers there are against answers wanted."""

    n_items: int
    n_wanted: int
    n_answers: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return int(100 * self.n_answers / self.n_wanted) if self.n_wanted else 0


def coverage(study: Study) -> Coverage:
    """People's answers only: imported sources never count as progress, nor do skips and seats still open."""
    totals = study.items.aggregate(n=Count("pk"), seats=Sum("seats_taken"))
    n_open = Assignment.objects.filter(
        item__study=study, done_at__isnull=True, returned_at__isnull=True
    ).count()
    n_items = totals["n"] or 0
    n_wanted = n_items * study.answers_wanted
    return Coverage(
        n_items=n_items,
        n_wanted=n_wanted,
        # The wanted number may have been lowered since seats were taken.
        n_answers=min(n_wanted, max(0, (totals["seats"] or 0) - n_open)),
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
