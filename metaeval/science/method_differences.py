"""Every two methods of a ranking: how far they lie apart, how sure that is, and what it would take to separate them."""

from __future__ import annotations

from math import ceil
from typing import Any, Final

import numpy as np

from metaeval.science.bradley_terry import BradleyTerryFit
from metaeval.science.comparisons import FloatArray
from metaeval.science.correlation import TieArray, ties_of
from metaeval.science.intervals import AnalyticIntervals
from metaeval.science.pair_models import PairTable
from metaeval.science.resampling import Resamples, percentile_intervals
from metaeval.science.separation import Separation
from metaeval.science.still_needed import most_informative, times_of_the_widest

# Of more pairs only neighbours in the ranking are listed: nobody reads a thousand rows.
MOST_PAIRS: Final = 500


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
) -> list[dict[str, Any]]:
    """A row for each two methods, the stronger one first, from the top of the ranking down.

    Keys
    ----
    difference, interval, simultaneous_interval
        Of the strengths; the second interval holds together with those of all other pairs (Bonferroni).
    adjusted_p
        Holm-adjusted over all pairs.
    share_of_resamples
        In how many resamples the first stands above the second, half where they tie: no probability of truth.
    still_needed
        {"judgments", "judges"} more that would separate them by a chance of .8 if they lay as far apart as
        estimated, with as many judgments for each judge as now; 0 where there are enough, None where nothing
        says. Asked of neighbours alone.
    best_comparison
        Of neighbours that are not separated: the two methods of which one more judgment says most about them.
    """
    order = np.argsort(-strengths, kind="stable").tolist()
    near = [(place, place + 1) for place in range(len(order) - 1)]
    every = [(one, other) for one in range(len(order)) for other in range(one + 1, len(order))]
    ties = ties_of(resamples.strengths[~resamples.without_answer], "strength")
    rows = []
    for one, other in every if len(every) <= MOST_PAIRS else near:
        first, second = order[one], order[other]
        row: dict[str, Any] = {
            "above": names[first],
            "below": names[second],
            "difference": float(strengths[first] - strengths[second]),
            **_intervals(first, second, strengths, analytic, resamples),
            "adjusted_p": None if separation is None else _number(separation.adjusted_p[first, second]),
            "share_of_resamples": _share(ties, first, second),
        }
        if other == one + 1:
            apart = separation is not None and bool(separation.above[first, second])
            row["still_needed"] = (
                {"judgments": 0, "judges": 0}
                if apart
                else _still_needed(
                    first, second, strengths, analytic, n_judgments=n_judgments, n_judges=n_judges
                )
            )
            row["best_comparison"] = (
                None
                if fit is None or apart
                else [names[method] for method in most_informative(fit, pairs, first=first, second=second)]
            )
        rows.append(row)
    return rows


def _intervals(
    first: int,
    second: int,
    strengths: FloatArray,
    analytic: AnalyticIntervals | None,
    resamples: Resamples,
) -> dict[str, list[float] | None]:
    difference = float(strengths[first] - strengths[second])
    if analytic is None:
        drawn = resamples.strengths[:, [first]] - resamples.strengths[:, [second]]
        found = percentile_intervals(drawn, without_answer=resamples.without_answer)
        own = None
        if found.low is not None and found.high is not None and found.low[0] < found.high[0]:
            own = [float(found.low[0]), float(found.high[0])]
        return {"interval": own, "simultaneous_interval": None}
    errors = analytic.apart.of(first, second)
    half, wide = float(errors.half_widths()), float(errors.half_widths(analytic.tail_together))
    return {
        "interval": [difference - half, difference + half],
        "simultaneous_interval": [difference - wide, difference + wide],
    }


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
) -> dict[str, int] | None:
    if analytic is None:
        return None
    times = float(
        times_of_the_widest(
            strengths[first] - strengths[second], analytic.apart.of(first, second), n_methods=len(strengths)
        )
    )
    if not np.isfinite(times):
        return None
    more = max(0.0, times - 1)
    return {"judgments": ceil(more * n_judgments), "judges": ceil(more * n_judges)}


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
