"""Which imports stand, and which were withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from annotations.models import Import, ImportReversal, Item, Study


def withdrawn_imports(as_of: dt.datetime | None = None) -> QuerySet[Import]:
    """Imports whose newest reversal (up to `as_of`) says withdrawn."""
    return Import.objects.filter(pk__in=_withdrawn_keys(as_of))


def _withdrawn_keys(as_of: dt.datetime | None) -> QuerySet[ImportReversal, Any]:
    reversals = ImportReversal.objects.all()
    if as_of is not None:
        reversals = reversals.filter(created_at__lte=as_of)
    later = reversals.filter(batch=OuterRef("batch"), pk__gt=OuterRef("pk"))
    return reversals.filter(~Exists(later), withdrawn=True).values("batch")


def not_withdrawn(*, as_of: dt.datetime | None = None, path: str = "import_batch") -> Q:
    """Rows that count: they came by no import, or by one that stands.

    For every model with an `import_batch`: `Annotation`, `LabelCount`, `Item`, `Output`, `Judgment`,
    `MetricScore`; `path` reaches it over relations, such as `annotation__import_batch`. The subquery does
    not depend on the row, so a database evaluates it once, however many rows there are; and as no part of it asks
    for each import, PostgreSQL may have several workers read the rows.
    """
    return Q(**{f"{path}__isnull": True}) | ~Q(**{f"{path}__in": _withdrawn_keys(as_of)})


def study_imports(study: Study) -> QuerySet[Import]:
    """All imports of a study, the newest first, each with `is_withdrawn` (None where never reversed)."""
    newest = ImportReversal.objects.filter(batch=OuterRef("pk")).order_by("-pk")
    return (
        Import.objects.filter(study=study)
        .annotate(is_withdrawn=Subquery(newest.values("withdrawn")[:1]))
        .select_related("created_by")
        .order_by("-pk")
    )


def items_in_use(items: QuerySet[Item, Any]) -> set[int]:
    """Keys of those that anything refers to but their texts; also asks tables of apps that this one does not know."""
    found: set[int] = set()
    for relation in Item._meta.related_objects:
        if relation.field.name == "item" and relation.name != "texts":
            found.update(
                relation.related_model._default_manager.filter(item__in=items).values_list(
                    "item_id", flat=True
                )
            )
    return found
