"""Which items people are asked about: one rule for giving them out and for every number of progress."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from annotations.models import Annotation, Assignment, Draft, Item, Participant
from annotations.selectors.imports import not_withdrawn, withdrawn_imports

# Given out, and neither answered nor given back; assignments of comparisons alike.
IS_OPEN = Q(done_at__isnull=True, returned_at__isnull=True)
# Given back without an answer.
LAPSED = Q(done_at__isnull=True, returned_at__isnull=False)


def without_counts(path: str = "") -> Q:
    """Beside counts without annotators no answer may stand; `path` reaches the item, such as `item__`."""
    return ~Q(**{f"{path}evidence": Item.Evidence.COUNTS})


def open_items(path: str = "") -> Q:
    """Items that people can get at all."""
    return not_withdrawn(path=f"{path}import_batch") & without_counts(path)


def wanting_answers(
    items: QuerySet[Item],
    *,
    of: Participant | OuterRef | F,
    wanted: int | Combinable,
) -> QuerySet[Item]:
    """Those that this person can get now or when others have given their assignments back: wanted, and not had yet.

    An assignment that lapsed unanswered is not had: the text may come to the same person again. Else a study that wants
    an answer of each of its people could never be finished after one long lunch.
    """
    had = Assignment.objects.filter(item=OuterRef("pk"), participant=of).exclude(LAPSED)
    return items.filter(open_items(), ~Exists(had), seats_taken__lt=wanted)


def n_open_texts(studies: Collection[int]) -> dict[int, int]:
    """How many texts of each study people can get at all; of a study without one there is no entry."""
    return _counted(studies, Q())


def n_texts_wanting_answers(studies: Collection[int]) -> dict[int, int]:
    """How many of those want one more answer, whoever gives it."""
    return _counted(studies, Q(seats_taken__lt=F("study__answers_wanted")))


def _counted(studies: Collection[int], which: Q) -> dict[int, int]:
    # The kinds by name, so that an index leads to those below the wanted number and is all that is read.
    kinds = [kind for kind in Item.Evidence.values if kind != Item.Evidence.COUNTS]
    items = Item.objects.filter(which, study__in=studies, evidence__in=kinds)
    # Named, not asked for in a subquery: where nothing was withdrawn an index answers alone.
    withdrawn = list(withdrawn_imports().filter(study__in=studies).values_list("pk", flat=True))
    if withdrawn:
        items = items.exclude(import_batch__in=withdrawn)
    counted = items.order_by().values("study").annotate(n=Count("pk"))
    return dict(counted.values_list("study", "n"))


# A leap is a share of all positions, in parts of this.
RANDOM_STARTS = 2**20


def random_start(*, seed: int, number: int, step: int) -> int:
    """Where a person's next text is looked for: far from the last, and for nobody else the same."""
    digest = hashlib.sha256(f"{seed}/{number}/{step}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % RANDOM_STARTS


def draft_for(assignment: Assignment, *, existing: Annotation | None) -> Draft | None:
    """Words kept for this assignment; none where an answer was given since they were begun."""
    return Draft.objects.filter(assignment=assignment, replaces=existing).first()


def newest_save(participant: Participant) -> Assignment | None:
    """The assignment this person finished last: what "Saved 14:03" says."""
    return participant.assignments.filter(done_at__isnull=False).order_by("-done_at").first()


def previous_assignment(assignment: Assignment) -> Assignment | None:
    """The assignment this person finished before this one, or last of all where this one is not finished."""
    done = _finished(assignment)
    if assignment.done_at is not None:
        done = done.filter(
            Q(done_at__lt=assignment.done_at) | Q(done_at=assignment.done_at, pk__lt=assignment.pk)
        )
    return done.order_by("-done_at", "-pk").first()


def next_finished_assignment(assignment: Assignment) -> Assignment | None:
    """The assignment this person finished next after this one, which is finished too."""
    newer = Q(done_at__gt=assignment.done_at) | Q(done_at=assignment.done_at, pk__gt=assignment.pk)
    return _finished(assignment).filter(newer).order_by("done_at", "pk").first()


def _finished(assignment: Assignment) -> QuerySet[Assignment]:
    # A text that has been given counts meanwhile has no answer to be read again.
    mine = Assignment.objects.filter(without_counts("item__"), participant_id=assignment.participant_id)
    return mine.filter(done_at__isnull=False).exclude(pk=assignment.pk)


def answer_named(assignment: Assignment, uuid: UUID) -> Annotation | None:
    """An answer to this assignment by its UUID, as a revision names it; answers of others are not there."""
    return Annotation.objects.filter(
        uuid=uuid, item_id=assignment.item_id, participant_id=assignment.participant_id
    ).first()


def count_subquery(rows: QuerySet[Any], of: str) -> Coalesce:
    """How many of some rows there are for each outer row, which `rows` names by `OuterRef`; 0 where there is none.

    A subquery for each count: with a join, every count would be repeated for each joined row.

    Parameters
    ----------
    of
        The column of `rows` that leads to the outer row, and so is the same for all that are counted.
    """
    counted = rows.order_by().values(of).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


MANY = 2_000
# Counting takes a thousandth of the time at most, and no number is older than this.
PATIENCE, LONGEST_SECONDS = 1_000, 600

Found = TypeVar("Found")


def cached_count(
    key: str, count: Callable[[], Found], *, size: Callable[[Found], int], least_seconds: int = 0
) -> Found:
    """What was counted lately, or is counted now; `size` says over how many texts.

    Parameters
    ----------
    least_seconds
        How long a count of few texts is remembered too.
    """
    known: Found | None = cache.get(key)
    if known is not None:
        return known
    begun = time.monotonic()
    found = count()
    seconds = min(LONGEST_SECONDS, PATIENCE * (time.monotonic() - begun)) if size(found) > MANY else 0
    if seconds or least_seconds:
        cache.set(key, found, max(seconds, least_seconds))
    return found
