"""Which items people are asked about: one rule for giving them out and for every number of progress."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from annotations.models import Assignment, Item, Participant
from annotations.selectors.imports import not_withdrawn, withdrawn_imports

# Given out, and neither answered nor given back; seats of comparisons alike.
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
    """Those that this person can get now or when others have given their seats back: wanted, and not had yet.

    A seat that lapsed unanswered is not had: the text may come to the same person again. Else a study that wants
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
