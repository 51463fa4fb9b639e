"""Facts of items that came with their files, and the words of their texts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from annotations.models import Item, ItemText, Study
from annotations.selectors.imports import not_withdrawn
from hlv.stats.arrays import IntArray
from hlv.stats.training.folds import TEST, TRAIN, part_name

SPLIT = "split"


def item_facts(study: Study, name: str) -> dict[int, str]:
    """The fact of this name by key of the item; items without it are not there."""
    items = Item.objects.filter(not_withdrawn(), study=study).order_by("position")
    # Read here, not in the database: looking into JSON differs from one to the other.
    return {
        pk: str(facts[name]) for pk, facts in items.values_list("pk", "metadata").iterator() if name in facts
    }


def split_parts(study: Study) -> dict[int, str]:
    """The part of each text of a study with a split: train, dev, test, or the text's own word for another part.

    A study has a split where the fact "split" names training and test texts; else nothing is returned.
    """
    return parts_of(item_facts(study, SPLIT))


def parts_of(facts: Mapping[int, str]) -> dict[int, str]:
    """As `split_parts`, from the values of the fact "split"."""
    parts = {pk: part_name(value) or value for pk, value in facts.items()}
    return parts if {TRAIN, TEST} <= set(parts.values()) else {}


def items_with_fact(study: Study, name: str, value: str) -> IntArray:
    """Keys of the items whose fact has this value."""
    found = [pk for pk, fact in item_facts(study, name).items() if fact == value]
    return np.array(found, dtype=np.int64)


def item_texts(study: Study) -> dict[int, str]:
    """The texts of each item, in their order and one below the other."""
    items = list(
        Item.objects.filter(not_withdrawn(), study=study).order_by("position").values_list("pk", flat=True)
    )
    parts: dict[int, list[str]] = {pk: [] for pk in items}
    rows = ItemText.objects.filter(item__study=study).order_by("item_id", "position")
    for pk, text in rows.values_list("item_id", "text").iterator(chunk_size=5000):
        if pk in parts:
            parts[pk].append(text)
    return {pk: "\n".join(texts) for pk, texts in parts.items()}
