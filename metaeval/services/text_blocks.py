"""Blocks of texts, such as documents: a column of the texts names the block of each."""

from __future__ import annotations

from typing import Final

import numpy as np

from annotations.jobs import JobRefusedError
from annotations.models import Item, Study
from annotations.selectors.imports import not_withdrawn
from hlv.core.rendering.numbers import counted
from hlv.stats.arrays import IntArray
from hlv.stats.resampling.item_weights import ItemBlocks

BLOCKED_TESTS: Final = (
    "Texts with the same value of {column} are drawn together, and tests exchange them together. The agreement on "
    "single judgments draws single texts."
)


def text_blocks(study: Study, column: str, *, item_ids: IntArray | None = None) -> ItemBlocks | None:
    """The blocks of the texts of a study, or of these; None without a column. Texts of withdrawn imports have none.

    Raises
    ------
    JobRefusedError
        If a text has no value in the column.
    """
    if not column:
        return None
    wanted = None if item_ids is None else set(item_ids.tolist())
    rows = Item.objects.filter(not_withdrawn(), study=study).order_by("pk").values_list("pk", "metadata")
    named = {
        pk: str(metadata.get(column, ""))
        for pk, metadata in rows.iterator()
        if wanted is None or pk in wanted
    }
    if n_missing := sum(not name for name in named.values()):
        raise JobRefusedError(
            f"{n_missing:,} of {len(named):,} texts have no value in the column {column!r}."
        )
    first: dict[str, int] = {}
    blocks = [first.setdefault(name, pk) for pk, name in named.items()]
    return ItemBlocks(np.array(list(named), dtype=np.int64), np.array(blocks, dtype=np.int64))


def blocks_note(column: str, blocks: ItemBlocks | None, item_ids: IntArray) -> list[str]:
    """What is drawn together, in a sentence; nothing where each text is drawn by itself."""
    if blocks is None:
        return []
    n_blocks = len(np.unique(blocks.of(item_ids)))
    return [
        f"Texts with the same value of {column} are drawn together: {counted(len(item_ids), 'texts')} in "
        f"{counted(n_blocks, 'blocks')}."
    ]
