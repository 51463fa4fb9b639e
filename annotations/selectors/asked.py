"""Which items people are asked about: one rule for giving them out and for every number of progress."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from annotations.models import Assignment, Item, Participant
from annotations.selectors.imports import not_withdrawn

# Given back without an answer.
LAPSED = Q(done_at__isnull=True, returned_at__isnull=False)


def without_counts(path: str = "") -> Q:
    """Beside counts without annotators no answer may stand; `path` reaches the item, such as `item__`."""
    return ~Q(**{f"{path}evidence": Item.Evidence.COUNTS})


def asked_about(path: str = "") -> Q:
    """Items that people can get at all."""
    return not_withdrawn(path=f"{path}import_batch") & without_counts(path)


def wanting_answers(
    items: QuerySet[Item],
    *,
    of: Participant | OuterRef | F,
    wanted: int | Combinable,
) -> QuerySet[Item]:
    """Those that this person can get now or when others have given their seats back: wanted, and not had yet.

    A seat that lapsed unanswered is not had: the text may come to the same person again. Else a study that wants
    an answer of each of its people could never be finished after one long lunch.
    """
    had = Assignment.objects.filter(item=OuterRef("pk"), participant=of).exclude(LAPSED)
    return items.filter(asked_about(), ~Exists(had), seats_taken__lt=wanted)
