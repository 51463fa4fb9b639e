"""Blocks of texts, such as documents: a column of the texts names the block of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotations.jobs import JobRefusedError
from annotations.models import Item, Study
from hlv.stats.arrays import IntArray


@dataclass(frozen=True, eq=False)
class TextBlocks:
    """The block of each text of a study: the key of its first text.

    Attributes
    ----------
    column
        That names the blocks.
    item_ids : (N,)
        Rising.
    block_ids : (N,)
    """

    column: str
    item_ids: IntArray
    block_ids: IntArray

    def of(self, item_ids: IntArray) -> IntArray:
        """The blocks of these texts of the study."""
        return np.asarray(self.block_ids[np.searchsorted(self.item_ids, item_ids)])


def text_blocks(study: Study, item_ids: IntArray, column: str) -> TextBlocks:
    """The blocks of these texts (N,).

    Raises
    ------
    JobRefusedError
        If a text has no value in the column.
    """
    wanted = set(item_ids.tolist())
    rows = Item.objects.filter(study=study).order_by("pk").values_list("pk", "metadata")
    named = {pk: str(metadata.get(column, "")) for pk, metadata in rows.iterator() if pk in wanted}
    if n_missing := sum(not name for name in named.values()):
        raise JobRefusedError(
            f"{n_missing:,} of {len(named):,} texts have no value in the column {column!r}."
        )
    first: dict[str, int] = {}
    blocks = [first.setdefault(name, pk) for pk, name in named.items()]
    return TextBlocks(column, np.array(list(named), dtype=np.int64), np.array(blocks, dtype=np.int64))
