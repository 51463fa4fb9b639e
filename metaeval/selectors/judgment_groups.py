"""Judgments that the database grouped, as columns of numbers: the groups come in batches and are not kept as rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from django.db.models import Count, QuerySet

from hlv.stats.arrays import BoolArray, IntArray
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, UNKNOWN
from metaeval.models import Judgment

Verdict = Judgment.Verdict
TIES = (Verdict.BOTH, Verdict.NEITHER, Verdict.TIE)
CODES: Final[dict[str, int]] = {verdict: code for code, verdict in enumerate(Verdict.values)}
COLUMNS = (
    "comparison__low_id",
    "comparison__high_id",
    "participant_id",
    "comparison__item_id",
    "low_is_left",
    "verdict",
)
IN_A_BATCH: Final = 10_000


@dataclass(frozen=True, eq=False)
class Groups:
    """A row for each group of judgments that say the same: 56 bytes, whatever their number.

    Attributes
    ----------
    low, high, judge, item : (G,)
        Keys of rows; `UNKNOWN` where nobody recorded the judge or the item.
    low_is_left : (G,)
        1 or 0, `UNKNOWN` where there were no sides.
    verdict : (G,)
        As `CODES` has them.
    n : (G,)
        How many judgments.
    fingerprint
        The same for the same groups.
    """

    low: IntArray
    high: IntArray
    judge: IntArray
    item: IntArray
    low_is_left: IntArray
    verdict: IntArray
    n: IntArray
    fingerprint: str

    @classmethod
    def of(cls, judgments: QuerySet[Judgment], *, of_pairs_only: bool = False) -> Groups:
        """With `of_pairs_only` who judged and what are as if nobody had recorded them."""
        columns = (*COLUMNS[:2], *COLUMNS[4:]) if of_pairs_only else COLUMNS
        grouped = judgments.order_by(*columns).values_list(*columns).annotate(n=Count("pk"))
        digest = hashlib.sha256()
        batches = [np.empty((0, len(COLUMNS) + 1), dtype=np.int64)]
        # Some for each pair, however many judgments: read at once, PostgreSQL may share the counting among workers.
        rows = iter(grouped) if of_pairs_only else grouped.iterator(chunk_size=IN_A_BATCH)
        while batch := list(islice(rows, IN_A_BATCH)):
            digest.update(repr(batch).encode())
            if of_pairs_only:
                batch = [(*row[:2], None, None, *row[2:]) for row in batch]
            batches.append(np.array([_numbers(*row) for row in batch], dtype=np.int64))
        low, high, judge, item, low_is_left, verdict, n = np.concatenate(batches).T
        return cls(low, high, judge, item, low_is_left, verdict, n, digest.hexdigest())

    def n_of(self, verdict: str, *, among: BoolArray) -> int:
        return int(self.n[among & (self.verdict == CODES[verdict])].sum())

    def outcomes(self) -> IntArray:
        """Of the low method, which is the first one."""
        tied = np.isin(self.verdict, [CODES[tie] for tie in TIES])
        low_won = (self.verdict == CODES[Verdict.LEFT]) == (self.low_is_left == 1)
        return np.where(tied, TIE, np.where(low_won, FIRST, SECOND)).astype(np.int64)


def _numbers(
    low: int, high: int, judge: int | None, item: int | None, low_is_left: bool, verdict: str, n: int
) -> tuple[int, ...]:
    return (
        low,
        high,
        UNKNOWN if judge is None else judge,
        UNKNOWN if item is None else item,
        int(low_is_left),
        CODES[verdict],
        n,
    )


def places(methods: IntArray, keys: IntArray) -> IntArray:
    """Where each method stands among the keys, which have an order of their own."""
    rising = np.argsort(keys)
    return rising[np.searchsorted(keys, methods, sorter=rising)].astype(np.int64)
