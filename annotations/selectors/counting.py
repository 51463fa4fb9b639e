"""Rows counted beside others, in the same query."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Count, IntegerField, QuerySet, Subquery
from django.db.models.functions import Coalesce


def count_subquery(rows: QuerySet[Any], of: str) -> Coalesce:
    """How many of some rows there are for each outer row, which `rows` names by `OuterRef`; 0 where there is none.

    Each number counted for itself: beside a join, every count would be made anew for each row of it.

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


def cached_count(key: str, count: Callable[[], Found], *, size: Callable[[Found], int]) -> Found:
    """What was counted lately, or is counted now; `size` says over how many texts."""
    known: Found | None = cache.get(key)
    if known is not None:
        return known
    begun = time.monotonic()
    found = count()
    if size(found) > MANY:
        cache.set(key, found, min(LONGEST_SECONDS, PATIENCE * (time.monotonic() - begun)))
    return found
