"""Every two methods of a ranking: how far they lie apart, how sure that is, and what it would take to separate them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import TieArray, ties_of
from hlv.stats.pairwise.analytic_intervals import AnalyticIntervals
from hlv.stats.pairwise.bootstrap import Resamples
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit
from hlv.stats.pairwise.multiple_comparisons import Separation
from hlv.stats.pairwise.pair_likelihoods import PairTable
from hlv.stats.pairwise.sample_size import is_too_many, most_informative, widest_multiple
from hlv.stats.resampling.percentiles import percentile_intervals

# Of more pairs only neighbours in the ranking are listed: nobody reads a thousand rows.
MOST_PAIRS: Final = 500
Interval = tuple[float, float]


@dataclass(frozen=True)
class StillNeeded:
    """So many judgments and judges more."""

    judgments: int
    judges: int


@dataclass(frozen=True, kw_only=True)
class MethodDifference:
    """Two methods of a ranking, the stronger one above; what is None is undefined.

    Attributes
    ----------
    difference, interval, simultaneous_interval
        Of the strengths; the second interval holds together with those of all other pairs (Bonferroni).
    adjusted_p
        Holm-adjusted over all pairs.
    share_of_resamples
        In how many resamples the first stands above the second, half where they tie: no probability of truth.
    are_neighbours
        Nothing stands between them. The two fields that follow are theirs alone.
    still_needed
        What would separate them by a chance of .8 if they lay as far apart as estimated, with as many judgments for
        each judge as now; 0 where there are enough, None where nothing says.
    best_comparison
        Where they are not separated: the two methods of which one more judgment says most about them.
    """

    above: str
    below: str
    difference: float
    interval: Interval | None = None
    simultaneous_interval: Interval | None = None
    adjusted_p: float | None = None
    share_of_resamples: float | None = None
    are_neighbours: bool = False
    still_needed: StillNeeded | None = None
    best_comparison: tuple[str, str] | None = None

    def is_out_of_reach(self, *, n_judgments: int) -> bool:
        """Whether separating them needs more than `UNREACHABLE` times the judgments there are."""
        if self.still_needed is None:
            # With an error of its own, only `MOST_TIMES` can have been too few.
            wide = self.simultaneous_interval
            return wide is not None and wide[0] < wide[1]
        return is_too_many(self.still_needed.judgments, n_judgments=n_judgments)


def method_differences(
    strengths: FloatArray,
    names: list[str],
    *,
    fit: BradleyTerryFit | None,
    pairs: PairTable,
    analytic: AnalyticIntervals | None,
    separation: Separation | None,
    resamples: Resamples,
    n_judgments: int,
    n_judges: int,
) -> list[MethodDifference]:
    """Each two methods, from the top of the ranking down; of more than `MOST_PAIRS` pairs neighbours alone."""
    order = np.argsort(-strengths, kind="stable").tolist()
    near = [(place, place + 1) for place in range(len(order) - 1)]
    every = [(one, other) for one in range(len(order)) for other in range(one + 1, len(order))]
    ties = ties_of(resamples.strengths[~resamples.without_answer], "strength")
    rows = []
    for one, other in every if len(every) <= MOST_PAIRS else near:
        first, second = order[one], order[other]
        own, wide = _intervals(first, second, strengths, analytic, resamples)
        row = MethodDifference(
            above=names[first],
            below=names[second],
            difference=float(strengths[first] - strengths[second]),
            interval=own,
            simultaneous_interval=wide,
            adjusted_p=None if separation is None else finite(separation.adjusted_p[first, second]),
            share_of_resamples=_share(ties, first, second),
            are_neighbours=other == one + 1,
        )
        if row.are_neighbours:
            difference_errors = separation is not None and bool(separation.above[first, second])
            needed: StillNeeded | None = StillNeeded(0, 0)
            best = None
            if not difference_errors:
                needed = _still_needed(
                    first, second, strengths, analytic, n_judgments=n_judgments, n_judges=n_judges
                )
                if fit is not None:
                    a, b = most_informative(fit, pairs, first=first, second=second)
                    best = names[a], names[b]
            row = replace(row, still_needed=needed, best_comparison=best)
        rows.append(row)
    return rows


def _intervals(
    first: int,
    second: int,
    strengths: FloatArray,
    analytic: AnalyticIntervals | None,
    resamples: Resamples,
) -> tuple[Interval | None, Interval | None]:
    """Of their difference, and together with all others."""
    difference = float(strengths[first] - strengths[second])
    if analytic is None:
        drawn = resamples.strengths[:, [first]] - resamples.strengths[:, [second]]
        found = percentile_intervals(drawn, without_answer=resamples.without_answer)
        own = None
        if found.low is not None and found.high is not None and found.low[0] < found.high[0]:
            own = float(found.low[0]), float(found.high[0])
        return own, None
    errors = analytic.difference_errors.of(first, second)
    half, wide = float(errors.half_widths()), float(errors.half_widths(analytic.simultaneous_tail))
    return (difference - half, difference + half), (difference - wide, difference + wide)


def _share(ties: TieArray, first: int, second: int) -> float | None:
    if not len(ties):
        return None
    return float(np.mean((1 + np.sign(ties[:, first] - ties[:, second])) / 2))


def _still_needed(
    first: int,
    second: int,
    strengths: FloatArray,
    analytic: AnalyticIntervals | None,
    *,
    n_judgments: int,
    n_judges: int,
) -> StillNeeded | None:
    if analytic is None:
        return None
    times = float(
        widest_multiple(
            strengths[first] - strengths[second],
            analytic.difference_errors.of(first, second),
            n_methods=len(strengths),
        )
    )
    if not np.isfinite(times):
        return None
    more = max(0.0, times - 1)
    return StillNeeded(ceil(more * n_judgments), ceil(more * n_judges))


def finite(value: float) -> float | None:
    """The value, or None in the place of NaN and infinity."""
    return float(value) if np.isfinite(value) else None
