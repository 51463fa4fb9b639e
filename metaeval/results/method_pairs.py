"""Every two methods of a ranking: what pages, figures and files read out of a snapshot's columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from metaeval.results.result_rows import read_methods


@dataclass(frozen=True)
class Pair:
    """`first` stands above `second` in the ranking; places count from 0. What is None is undefined."""

    first: int
    second: int
    wins: int
    losses: int
    ties: int
    expected: float | None
    low: float | None
    high: float | None
    adjusted_p: float | None = None
    share: float | None = None

    @property
    def n_judgments(self) -> int:
        return self.wins + self.losses + self.ties

    @property
    def observed(self) -> float | None:
        """How often the first was judged better, a tie counting half."""
        n = self.n_judgments
        return (self.wins + self.ties / 2) / n if n else None

    @property
    def against_the_order(self) -> bool:
        return self.observed is not None and self.observed < 0.5


COLUMNS = (
    "first",
    "second",
    "wins",
    "losses",
    "ties",
    "expected",
    "low",
    "high",
)


def read_pairs(result: Mapping[str, Any]) -> list[Pair]:
    """None of a snapshot from before pairs were kept, or without a ranking."""
    stored = result.get("pairs") or {}
    found = [Pair(*row) for row in zip(*(stored.get(name, []) for name in COLUMNS), strict=True)]
    names = method_names(result)
    # How sure an order is, is kept with the differences, by names.
    sure = {(row["above"], row["below"]): row for row in result.get("differences") or []}
    return [_with(pair, names[pair.first], names[pair.second], sure) for pair in found]


def _with(pair: Pair, first: str, second: str, sure: Mapping[tuple[str, str], Mapping[str, Any]]) -> Pair:
    row = sure.get((first, second))
    if row is not None:
        return replace(pair, adjusted_p=row["adjusted_p"], share=row["share_of_resamples"])
    # Two of equal strength may stand there the other way round.
    row = sure.get((second, first))
    if row is None:
        return pair
    share = row["share_of_resamples"]
    return replace(pair, adjusted_p=row["adjusted_p"], share=None if share is None else 1 - share)


def method_names(result: Mapping[str, Any]) -> list[str]:
    """In the order of the ranking, as the places of pairs count them."""
    return [row.name for row in read_methods(result)]
