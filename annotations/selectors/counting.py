"""Rows counted beside others, in the same query."""

from __future__ import annotations

from typing import Any

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
