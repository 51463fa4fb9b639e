"""Would two metrics be told apart? Metrics simulated beside a simulated ranking, and both tests put to them.

A third metric, as good as the better one, shows how often the test finds a difference where there is none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.correlation import is_constant, pearson, ties_of
from hlv.stats.meta_evaluation.paired_permutation import swap_p_values

METRIC_TESTS: Final = ("PERM-BOTH", "joint bootstrap")

ALPHA: Final = 0.05
# 19 permutations would do for one test at .05; more make its power steadier.
N_PERMUTATIONS: Final = 199
# With two methods a correlation is 1 or -1, whatever the metric.
FEWEST_TO_CORRELATE: Final = 3


class MetricTestResults(NamedTuple):
    """What the tests found, in the order of `METRIC_TESTS`.

    Attributes
    ----------
    leads : (tests,)
        1 where the better metric leads significantly, -1 where the worse one does, 0 without a significant difference.
    twin_differs : (tests,)
        Whether two equally good metrics differ significantly.
    """

    leads: IntArray
    twin_differs: BoolArray


def metric_power(
    strengths: FloatArray,
    estimate: FloatArray,
    resampled: FloatArray,
    *,
    better: float,
    worse: float,
    n_items: int,
    rng: np.random.Generator,
) -> MetricTestResults:
    """Simulate three metrics and test their differences in Pearson's r with the estimated strengths.

    Parameters
    ----------
    strengths, estimate : (M,)
        The true strengths, and those that the judgments gave.
    resampled : (R, M)
        Strengths of resampled judgments; rows of NaN have no answer.
    better, worse
        Exact correlations of the metrics' noiseless scores with `strengths`: the tests speak of these methods, not
        of others that might have been drawn. The twin has the better one's.
    n_items
        Scored; each score has noise of the standard deviation that the methods' scores have.
    """
    if is_constant(ties_of(estimate, "strength")):
        return MetricTestResults(np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.bool_))
    correlations = (better, worse, better)
    scores = np.stack([_item_scores(strengths, r, n_items=n_items, rng=rng) for r in correlations])
    found = pearson(scores.mean(axis=2), estimate[None])
    leader = 1 if found[0] > found[1] else -1
    swapped = swap_p_values(
        scores,
        estimate,
        np.array([0, 0]),
        np.array([1, 2]),
        coefficient="pearson",
        n_permutations=N_PERMUTATIONS,
        seed=int(rng.integers(2**63)),
    )
    significant = np.stack([swapped, _joint_p(scores, resampled, rng)]) <= ALPHA
    return MetricTestResults(np.where(significant[:, 0], leader, 0), significant[:, 1])


def _joint_p(scores: FloatArray, resampled: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Two-sided p (2,) of the first metric against each of the others; judges and scored items drawn again."""
    answered = resampled[~np.isnan(resampled).any(axis=1)]
    if not len(answered):
        return np.ones(2)
    n_items = scores.shape[2]
    weights = rng.multinomial(n_items, np.full(n_items, 1 / n_items), size=len(answered)) / n_items
    of_resamples = np.stack([pearson(weights @ metric.T, answered) for metric in scores])
    differences = of_resamples[0] - of_resamples[1:]
    rarer = np.minimum((differences <= 0).sum(axis=1), (differences >= 0).sum(axis=1))
    return np.asarray(np.minimum(1.0, 2 * (1 + rarer) / (1 + len(answered))))


def _item_scores(
    strengths: FloatArray, correlation: float, *, n_items: int, rng: np.random.Generator
) -> FloatArray:
    """Scores (M, N) whose noiseless means have this very correlation with the strengths."""
    along = strengths / np.linalg.norm(strengths)
    across = rng.normal(size=len(strengths))
    across -= across.mean()
    across -= (across @ along) * along
    across /= np.linalg.norm(across)
    of_methods = np.sqrt(len(strengths)) * (correlation * along + np.sqrt(1 - correlation**2) * across)
    return np.asarray(of_methods[:, None] + rng.normal(size=(len(strengths), n_items)))
