"""Which imports stand, and which were withdrawn."""

from __future__ import annotations

import datetime as dt
import difflib
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from annotations.formats.import_options import ImportRefusedError
from annotations.formats.paper_inputs import DIGEST_PREFIX, digest_of_texts
from annotations.models import Import, ImportReversal, Item, ItemText, Study


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


class StudyLabels:
    """Label keys to rows; a file never adds a label."""

    def __init__(self, study: Study) -> None:
        self.pks: dict[str, int] = dict(study.labels.order_by("position").values_list("key", "pk"))
        if not self.pks:
            raise ImportRefusedError(
                f"The study “{study.slug}” has no labels, so no answers can be imported into it: make one with "
                "create-study --task single --labels a,b,c."
            )

    def unknown(self, names: Iterable[str]) -> str | None:
        """A sentence about the first label that the study does not have."""
        for name in names:
            if name not in self.pks:
                near = difflib.get_close_matches(name, self.pks, n=1)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                listed = ", ".join(list(self.pks)[:20]) + (", …" if len(self.pks) > 20 else "")
                return f"the study has no label “{name}”.{hint} Its labels are {listed}."
        return None


class StudyItems:
    """Item keys to rows, and which kind of evidence each has."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._by_digest: defaultdict[str, list[str]] | None = None
        self._found: dict[str, tuple[int, str]] = {
            key: (pk, evidence)
            for key, pk, evidence in study.items.order_by().values_list("key", "pk", "evidence")
        }

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: str) -> tuple[int, str] | None:
        """The item with this key, or the one with the text whose digest it is.

        Raises
        ------
        ImportRefusedError
            Several items have this text.
        """
        own = self._own_key(key)
        return None if own is None else self._found[own]

    def _own_key(self, key: str) -> str | None:
        if key in self._found:
            return key
        return self.named_otherwise(key) if key.startswith(DIGEST_PREFIX) else None

    def named_otherwise(self, digest: str) -> str | None:
        """The key of the item with the text of this digest."""
        keys = self._keys_by_digest().get(digest, [])
        if len(keys) > 1:
            raise ImportRefusedError(
                f"The items “{keys[0]}” and “{keys[1]}” have the same text, so “{digest}” could be either: name the items "
                "in a column item of the list of options."
            )
        return keys[0] if keys else None

    def _keys_by_digest(self) -> dict[str, list[str]]:
        """Of items that other files named: those of the paper's files have their digests as keys."""
        if self._by_digest is None:
            self._by_digest = defaultdict(list)
            rows = (
                ItemText.objects.filter(not_withdrawn(path="item__import_batch"), item__study=self._study)
                .exclude(item__key__startswith=DIGEST_PREFIX)
                .order_by("item_id", "position")
                .values_list("item__key", "name", "text")
            )
            for key, texts in groupby(rows.iterator(), key=lambda row: row[0]):
                self._by_digest[digest_of_texts([(name, text) for _, name, text in texts])].append(key)
        return self._by_digest

    def unknown(self, key: str) -> str:
        if not self._found:
            return f"there is no item “{key}”: the study has none yet, so import the items first."
        near = difflib.get_close_matches(key, list(self._found)[:2000], n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        return f"there is no item “{key}” in the study.{hint} Import the items first."

    def add(self, key: str, pk: int) -> None:
        """An item made since."""
        self._found[key] = (pk, Item.Evidence.NONE)

    def mark(self, key: str, evidence: str) -> int | None:
        """Remember which evidence an item has now; its pk where that is news to be stored."""
        own = self._own_key(key) or key
        pk, before = self._found[own]
        if before == evidence:
            return None
        self._found[own] = (pk, evidence)
        return pk
