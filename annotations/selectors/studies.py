"""How far studies and their people are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from annotations.models import Assignment, Item, Participant, Study
from annotations.selectors.counting import cached_count
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.open_items import IS_OPEN, open_items
from annotations.selectors.participation import participant_progress


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
    """People's answers only: imported sources never count as progress, nor do skips and seats still open."""
    totals = study.items.filter(open_items()).aggregate(n=Count("pk"), seats=Sum("seats_taken"))
    n_open = Assignment.objects.filter(open_items("item__"), IS_OPEN, item__study=study).count()
    n_wanted = (totals["n"] or 0) * study.answers_wanted
    return Coverage(
        n_items=study.items.filter(not_withdrawn()).count(),
        n_wanted=n_wanted,
        # The wanted number may have been lowered since seats were taken.
        n_answers=min(n_wanted, max(0, (totals["seats"] or 0) - n_open)),
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
