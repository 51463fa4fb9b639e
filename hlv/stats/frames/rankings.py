"""Rankings of methods from a table with one pairwise judgment in each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import IntArray
from hlv.stats.display import Columns, Shown
from hlv.stats.frames.columns import Column, InvalidColumnError, Name, codes_of, read_column, sorted_names
from hlv.stats.frames.progress_bar import runner
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells
from hlv.stats.pairwise.ranking import rank_methods as rank_cells
from hlv.stats.pairwise.ranking_models import RankingModel
from hlv.stats.pairwise.ranking_result import RankedMethod, Ranking

# Words of a winner, where it is not the name of one of the two methods.
WINNER_WORDS: Final = {
    "first": FIRST,
    "left": FIRST,
    "a": FIRST,
    "model_a": FIRST,
    "second": SECOND,
    "right": SECOND,
    "b": SECOND,
    "model_b": SECOND,
    "tie": TIE,
    "both": TIE,
    "neither": TIE,
    "tie (bothbad)": TIE,
}


@dataclass(frozen=True, eq=False, repr=False)
class MethodRanking(Shown):
    """A ranking of methods, the strongest first.

    Attributes
    ----------
    ranking : Ranking
        With differences of methods, standard errors and notes.
    cells : Cells
        The judgments as integer codes.
    items : list
        The items by code; empty where they are unknown.
    """

    ranking: Ranking
    cells: Cells
    items: list[Name]

    @property
    def undetermined(self) -> str | None:
        """Why there is no ranking; None where there is one."""
        return self.ranking.undetermined

    @property
    def methods(self) -> list[RankedMethod]:
        """The strongest first."""
        return self.ranking.summary().methods

    @property
    def caption(self) -> str:
        ranking = self.ranking
        if ranking.undetermined is not None:
            return f"No ranking: {ranking.undetermined}"
        known = [
            f"{n:,} {what}" for n, what in ((ranking.n_judges, "judges"), (ranking.n_items, "items")) if n
        ]
        return ", ".join(
            [f"Ranking of {len(ranking.names)} methods from {ranking.n_judgments:,} judgments", *known]
        )

    def columns(self) -> Columns:
        methods = self.methods
        return {
            "method": [one.name for one in methods],
            "strength": [one.strength for one in methods],
            "low": [None if one.interval is None else one.interval[0] for one in methods],
            "high": [None if one.interval is None else one.interval[1] for one in methods],
            "rank": [one.rank for one in methods],
            "best_rank": [None if one.rank_interval is None else one.rank_interval[0] for one in methods],
            "worst_rank": [None if one.rank_interval is None else one.rank_interval[1] for one in methods],
            "n_judgments": [one.n_judgments for one in methods],
        }

    @property
    def draws(self) -> RankingDraws:
        """How its resamples draw the items."""
        return RankingDraws.of(self.cells, unit=self.ranking.resampling_unit, seed=self.ranking.seed)

    def item_keys(self, items: Sequence[Name]) -> IntArray:
        """Keys (N,) by which scores of these items are drawn as the ranking draws them."""
        if _are_integers(self.items) and _are_integers(items):
            return np.array(items, dtype=np.int64)
        place = {item: code for code, item in enumerate(self.items)}
        others = sorted_names(item for item in items if item not in place)
        place |= {item: len(self.items) + code for code, item in enumerate(others)}
        return codes_of(items, list(place))


def rank_methods(
    *,
    first: Column,
    second: Column,
    winner: Column,
    judge: Column | None = None,
    item: Column | None = None,
    model: RankingModel = "bradley-terry",
    ties: str = "half",
    resample: ResamplingUnit | None = None,
    n_resamples: int = 2000,
    seed: int = 1,
    ridge: float = 0.0,
    progress: bool = False,
) -> MethodRanking:
    """Rank methods by pairwise judgments; the columns have one row for each judgment.

    Parameters
    ----------
    first, second
        Names of the two methods.
    winner
        The name of the better one, or "first", "second" or "tie"; "left", "a" and "model_a" mean the first as well, "right",
        "b" and "model_b" the second.
    judge, item
        Who judged, and the outputs of which item; both make the intervals honest.
    model, ties, resample, n_resamples, seed, ridge
        As `hlv.stats.pairwise.rank_methods` takes them.
    progress
        Draw a progress bar.

    Returns
    -------
    MethodRanking
        With `undetermined` set where the judgments determine no ranking: that is an answer, not an error.

    Raises
    ------
    InvalidColumnError
        If columns differ in length, a cell is missing, or a winner is none of the two methods.

    Examples
    --------
    >>> from hlv.stats import rank_methods
    >>> found = rank_methods(
    ...     first=["a", "a", "b", "c"] * 30, second=["b", "c", "c", "a"] * 30,
    ...     winner=["a", "a", "b", "a", "a", "c", "c", "c", "b", "a", "b", "a"] * 10,
    ...     judge=[n % 12 for n in range(120)], n_resamples=100,
    ... )
    >>> [(one.name, one.rank) for one in found.methods]
    [('a', 1), ('b', 2), ('c', 3)]
    """
    first_cells = read_column(first, "first")
    n = len(first_cells)
    second_cells = read_column(second, "second", length=n)
    methods = sorted_names([*first_cells, *second_cells])
    outcome = [
        _outcome(row, *cells)
        for row, cells in enumerate(
            zip(first_cells, second_cells, read_column(winner, "winner", length=n), strict=True)
        )
    ]
    _, judge_codes = _coded(judge, "judge", n)
    items, item_codes = _coded(item, "item", n)
    cells = make_cells(
        first=codes_of(first_cells, methods),
        second=codes_of(second_cells, methods),
        outcome=np.array(outcome, dtype=np.int64),
        judge=judge_codes,
        item=item_codes,
    )
    ranking = rank_cells(
        cells,
        [str(name) for name in methods],
        model=model,
        ties=ties,
        resample=resample,
        n_resamples=n_resamples,
        seed=seed,
        ridge=ridge,
        run=runner(progress=progress, what="Resampling judgments"),
    )
    return MethodRanking(ranking, cells, items)


def _outcome(row: int, first: Name, second: Name, winner: Name) -> int:
    if first == second:
        raise InvalidColumnError(
            "Row %(at_row)s compares %(first)s with itself.", at_row=row, first=repr(first)
        )
    if winner == first:
        return FIRST
    if winner == second:
        return SECOND
    word = str(winner).strip().lower()
    if word in WINNER_WORDS:
        return WINNER_WORDS[word]
    raise InvalidColumnError(
        'The winner %(winner)s in row %(at_row)s is neither %(first)s nor %(second)s: write one of them, "first", "second" or "tie".',
        winner=repr(winner),
        at_row=row,
        first=repr(first),
        second=repr(second),
    )


def _are_integers(names: Sequence[Name]) -> bool:
    return all(type(name) is int and name >= 0 for name in names)


def _coded(column: Column | None, name: str, length: int) -> tuple[list[Name], IntArray | None]:
    """The names of a column and their codes; whole numbers are their own codes."""
    if column is None:
        return [], None
    cells = read_column(column, name, length=length)
    names = sorted_names(cells)
    if _are_integers(names):
        return names, np.array(cells, dtype=np.int64)
    return names, codes_of(cells, names)
