"""Bootstrap of a board of comparisons: who judged, what was judged, or both, drawn again.

Resamples are made in chunks of a fixed size, each with a seed of its own, so the same seed gives the same
resamples however the chunks are shared out.

References
----------
Owen, A. B. (2007). The pigeonhole bootstrap. Annals of Applied Statistics 1(2), 386-411.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_resamples
from hlv.stats.pairwise.comparison_resampler import (
    RESAMPLING_UNITS,
    ComparisonResampler,
    ResamplingUnit,
    comparison_resampler,
)
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells
from hlv.stats.pairwise.mle_existence import rankings_exist
from hlv.stats.pairwise.pair_likelihoods import PairTable, square_tables
from hlv.stats.resampling.chunks import CHUNK, chunk_generator, chunks
from hlv.stats.resampling.item_weights import multinomial_weights
from hlv.stats.resampling.percentiles import LEVEL, Percentiles, percentile_intervals

Progress = Callable[[int, int], None]
# Strengths (R, M) of drawn boards with NaN in the rows without an answer, and the same filled by a prior.
Solve = Callable[[PairTable], tuple[FloatArray, FloatArray]]

__all__ = [
    "CHUNK",
    "LEVEL",
    "RESAMPLING_UNITS",
    "WEAK_PRIOR",
    "WITHOUT_RANKING",
    "ComparisonResampler",
    "Percentiles",
    "Progress",
    "Resamples",
    "ResamplingUnit",
    "Solve",
    "chunk_generator",
    "chunks",
    "comparison_resampler",
    "comparison_solver",
    "multinomial_weights",
    "percentile_intervals",
    "resample",
    "resample_fits",
    "resampling_unit",
]

# standard deviation 3.16 log odds: far wider than strengths are, and enough to make a maximum finite
WEAK_PRIOR: Final = 0.1
# in every sentence about such resamples, by which it is known among the notes of a ranking
WITHOUT_RANKING: Final = "no ranking of their own"


@dataclass(frozen=True, eq=False)
class Resamples:
    """Strengths of resampled boards.

    Attributes
    ----------
    strengths : (R, M)
        NaN in the rows of resamples without an answer.
    strengths_with_prior : (R, M)
        The same, but those rows are solved with the weak prior `WEAK_PRIOR`; NaN only where that has no answer
        either.
    unit
        What was drawn: "both" judges and items, "judges", "items", or bare "judgments".
    seed
        Entropy of the chunks' seeds.
    """

    strengths: FloatArray
    strengths_with_prior: FloatArray
    unit: ResamplingUnit
    seed: int

    @property
    def n_resamples(self) -> int:
        return len(self.strengths)

    @property
    def without_answer(self) -> BoolArray:
        """(R,)"""
        return np.asarray(np.isnan(self.strengths).any(axis=1))

    @property
    def n_without_answer(self) -> int:
        return int(self.without_answer.sum())


def resampling_unit(cells: Cells, wanted: ResamplingUnit | None) -> tuple[ResamplingUnit, list[str]]:
    """What can be resampled, and a sentence for each thing that cannot.

    Judges and items are drawn again where at least two of each are known; bare judgments only where neither
    is.
    """
    notes: list[str] = []
    judges, items = cells.n_judges >= 2, cells.n_items >= 2
    if wanted in ("both", "judges") and not judges:
        notes.append(_lacking("judges", cells.n_judges))
    if wanted in ("both", "items") and not items:
        notes.append(_lacking("items", cells.n_items))
    use_judges = judges and wanted in (None, "both", "judges")
    use_items = items and wanted in (None, "both", "items")
    if wanted == "judgments":
        unit: ResamplingUnit = "judgments"
    elif use_judges and use_items:
        unit = "both"
    elif use_judges or use_items:
        unit = "judges" if use_judges else "items"
    else:
        # the wanted unit is not known; the other one is better than none
        unit = "judges" if judges else "items" if items else "judgments"
    notes.extend(_unit_notes(unit, cells, judges=judges))
    return unit, notes


def resample_fits(
    resampler: ComparisonResampler,
    fit: BradleyTerryFit,
    *,
    n_resamples: int,
    progress: Progress | None = None,
    only: Sequence[int] | None = None,
) -> Resamples:
    """Bradley-Terry strengths of resampled boards.

    Parameters
    ----------
    fit
        The fit of the full board; its ties rule and prior are used again.
    progress
        SentenceValue (done, total) after each chunk.
    only
        Indices of the chunks to make, all by default; the rows of the others stay NaN.
    """

    return resample(
        resampler,
        comparison_solver(fit, resampler.pairs),
        n_methods=len(fit.strengths),
        n_resamples=n_resamples,
        progress=progress,
        only=only,
    )


def comparison_solver(fit: BradleyTerryFit, full_pairs: PairTable) -> Solve:
    """Bradley-Terry strengths of drawn boards, under the rule and the prior of the full board's fit."""

    def solve(drawn: PairTable) -> tuple[FloatArray, FloatArray]:
        return _fit_chunk(drawn, fit, full_pairs)

    return solve


def resample(
    resampler: ComparisonResampler,
    solve: Solve,
    *,
    n_methods: int,
    n_resamples: int,
    progress: Progress | None = None,
    only: Sequence[int] | None = None,
) -> Resamples:
    """Apply `solve` to every chunk; it gives strengths with NaN rows, and the same filled by a prior."""
    exact = np.full((n_resamples, n_methods), np.nan)
    filled = np.full((n_resamples, n_methods), np.nan)
    for index, rows in enumerate(chunks(n_resamples)):
        if only is not None and index not in only:
            continue
        exact[rows], filled[rows] = solve(resampler.draw(index, rows.stop - rows.start))
        if progress is not None:
            progress(rows.stop, n_resamples)
    return Resamples(exact, filled, resampler.unit, resampler.seed)


def _fit_chunk(
    drawn: PairTable, fit: BradleyTerryFit, full_pairs: PairTable
) -> tuple[FloatArray, FloatArray]:
    exact = np.full((len(drawn.wins), full_pairs.n_methods), np.nan)
    wins, ties = square_tables(drawn)
    exists = rankings_exist(wins, ties, ties_rule=fit.ties_rule, ridge=fit.ridge)
    rows = np.flatnonzero(exists)
    if len(rows):
        some = drawn if len(rows) == len(exact) else drawn.at(rows)
        exact[rows] = fit_resamples(some, full=fit, full_pairs=full_pairs, ridge=fit.ridge)
    filled = exact.copy()
    if len(rows) == len(exact):
        return exact, filled
    with_prior = rankings_exist(wins, ties, ties_rule=fit.ties_rule, ridge=WEAK_PRIOR)
    rows = np.flatnonzero(~exists & with_prior)
    if len(rows):
        filled[rows] = fit_resamples(drawn.at(rows), full=fit, full_pairs=full_pairs, ridge=WEAK_PRIOR)
    return exact, filled


def _lacking(what: str, number: int) -> str:
    known = f"no {what} are known" if number == 0 else f"only one of the {what} is known"
    return f"Resampling {what} was requested, but {known}."


def _unit_notes(unit: ResamplingUnit, cells: Cells, *, judges: bool) -> list[str]:
    if unit == "judgments":
        known = judges or cells.n_items >= 2
        why = (
            "Neither judges nor items are resampled"
            if known
            else "Neither several judges nor several items are known"
        )
        return [
            f"{why}: single judgments are resampled as if each had its own judge, so intervals are too narrow where people "
            "judged more than once."
        ]
    kept = cells.count > 0
    notes = []
    if unit == "items":
        who = "The judges are not known" if cells.n_judges == 0 else "There is one judge"
        chosen = f"{who}: items" if not judges else "Items alone"
        notes.append(f"{chosen} are resampled, so the intervals ignore differences between judges.")
    for role, used, codes in (
        ("judge", unit in ("both", "judges"), cells.judge),
        ("item", unit in ("both", "items"), cells.item),
    ):
        n_unknown = int(cells.count[kept & (codes == UNKNOWN)].sum())
        if used and n_unknown:
            notes.append(
                f"{n_unknown:,} {'judgment' if n_unknown == 1 else 'judgments'} without a known {role} "
                f"{'counts as that' if n_unknown == 1 else 'count as those'} of one {role}."
            )
    return notes


def few_judges_note(unit: ResamplingUnit, cells: Cells) -> list[str]:
    """For whoever made intervals: what they rest on where judges are few."""
    if unit in ("items", "judgments") or cells.n_judges >= 10:
        return []
    return [
        f"There are only {cells.n_judges} judges: this number, not that of judgments, limits the precision of intervals."
    ]
