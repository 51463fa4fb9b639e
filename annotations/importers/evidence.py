"""Which kind of human labels an item has."""

from __future__ import annotations

from collections.abc import Iterable

from annotations.models import Item
from annotations.selectors.study_keys import StudyItems

ITEMS_PER_QUERY = 500


def store_evidence(items: StudyItems, keys: Iterable[str], evidence: Item.Evidence) -> None:
    changed = [pk for key in keys if (pk := items.mark(key, evidence)) is not None]
    for start in range(0, len(changed), ITEMS_PER_QUERY):
        Item.objects.filter(pk__in=changed[start : start + ITEMS_PER_QUERY]).update(evidence=evidence)
