"""What a forecast must be read with: where its intervals leave something out, and on how few simulations it rests.

Functions of a forecast as jobs keep it, so that those of earlier versions are read with the same care.
"""

from __future__ import annotations

from typing import Final

from scipy.stats import binomtest

from hlv.stats.power.forecast_result import ForecastResult, StoredScenario
from hlv.stats.resampling.percentiles import LEVEL

# What a median of those simulations that have an answer needs: fewer than half are the lucky ones.
LEAST_SHARE: Final = 0.5
# Below this share of intervals that hold the truth, they are not what they say; 200 simulations tell .95 from it.
LEAST_COVERAGE: Final = 0.93
# From so many simulations on a share is told within about 15 points.
ENOUGH_SIMULATIONS: Final = 50


def left_out(plan: StoredScenario) -> str | None:
    """What intervals of such a campaign leave out, as `hlv rank` says it; None where they leave out nothing."""
    one_judge, one_text = plan.n_judges == 1, plan.n_items == 1
    if one_judge and one_text:
        return (
            "There is one judge, and one text: bare judgments are resampled, and the intervals leave out how much "
            "judges and texts differ."
        )
    if one_judge:
        return "There is one judge: items are resampled, and the intervals leave out how much judges differ."
    if one_text:
        return "There is one text: judges are resampled, and the intervals leave out how much texts differ."
    return None


def needed_undetermined(found: ForecastResult) -> str | None:
    """Why no number of judgments is said that would separate methods; None where there is one, or none is enough."""
    leaves_out = left_out(found.plan)
    if leaves_out is not None:
        return leaves_out
    whole = "an interval that leaves nothing out" if found.n_leaving_out else "an interval"
    return _too_few(found, found.n_with_interval - found.n_leaving_out, whole)


def metrics_undetermined(found: ForecastResult) -> str | None:
    """Why nothing is said of tests of metrics: too few simulations have a ranking to hold them against."""
    return _too_few(found, found.n_with_ranking, "a ranking")


def _too_few(found: ForecastResult, number: int, of_what: str) -> str | None:
    n_simulations = found.n_simulations
    if number >= LEAST_SHARE * n_simulations:
        return None
    if number == 0:
        return f"No simulation of {n_simulations} gave {of_what}."
    return f"Only {number} of {n_simulations} simulations gave {of_what}, fewer than half: they are no typical ones."


def misses_coverage(found: ForecastResult) -> bool:
    """Whether intervals, each or all together, hold the truth clearly less often than they say."""
    shares = (found.coverage.differences, found.coverage.together)
    return any(share is not None and share < LEAST_COVERAGE for share in shares)


def cautions(found: ForecastResult) -> list[str]:
    """Sentences without which the numbers would be read as better than they are, the gravest first."""
    said = []
    leaves_out = left_out(found.plan)
    if leaves_out is not None:
        said.append(
            f"{leaves_out} Widths, and what is told apart, look surer than they are; no number of judgments needed is "
            "given. With more judges and texts intervals are wider because they count this, not because more is worse."
        )
    elif found.n_leaving_out:
        said.append(
            f"In {found.n_leaving_out} of {found.n_simulations} simulations one judge gave all judgments, or all "
            "were of one text: their intervals leave out how much judges, or texts, differ, and are too narrow."
        )
    if misses_coverage(found):
        said.append(_coverage_sentence(found))
    n_simulations, n_ranked, n_known = found.n_simulations, found.n_with_ranking, found.n_with_interval
    if n_known < n_simulations:
        few = _too_few(found, n_known, "an interval")
        said.append(
            f"Widths and coverage are those of the {n_known} of {n_simulations} simulations with an interval."
            if few is None
            else f"{few} Widths and coverage are theirs; what more would be needed is undetermined."
            if n_known
            else f"{few} What more would be needed is undetermined."
        )
    if n_ranked < n_simulations and found.metric_comparison is not None:
        few = _too_few(found, n_ranked, "a ranking")
        said.append(
            "Metrics: a simulation without a ranking tells none apart, and false alarms are those of the "
            f"{n_ranked} of {n_simulations} with a ranking."
            if few is None
            else f"{few} Whether metrics would be told apart is undetermined."
        )
    if n_simulations < ENOUGH_SIMULATIONS:
        said.append(_precision_sentence(n_simulations))
    return said


def _coverage_sentence(found: ForecastResult) -> str:
    held = [
        f"{share:.0%} {of_what}"
        for share, of_what in (
            (found.coverage.differences, "of differences"),
            (found.coverage.together, "of simulations for all together"),
        )
        if share is not None
    ]
    chance = (
        ", which in so few simulations may be chance" if found.n_with_interval < ENOUGH_SIMULATIONS else ""
    )
    return f"Intervals that claim {100 * LEVEL:.0f} % held the truth in {' and '.join(held)}: less often than they claim{chance}."


def _precision_sentence(n_simulations: int) -> str:
    if n_simulations == 1:
        return "There is one simulation: shares can only be 0 or 100 %, and medians are what that one gave."
    interval = binomtest(n_simulations // 2, n_simulations).proportion_ci(LEVEL)
    return (
        f"There are only {n_simulations} simulations: a share near a half is known within "
        f"{100 * (interval.high - interval.low) / 2:.0f} points, and medians are as unsteady."
    )
