from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import entropy

from hlv.stats.labels.distributions import InvalidDistributionError, UndefinedDistributionError
from hlv.stats.labels.entropy_estimators import ENTROPY_ESTIMATORS, EntropyEstimator, estimated_entropy
from tests.stats.labels.answer_tables import answer_tables

GAMMA = 0.57721566490153286


def by_hand(counts: list[int], estimator: EntropyEstimator) -> float:
    """The formulas of the papers, one label at a time."""
    m = sum(counts)
    seen = [count for count in counts if count]
    if estimator == "plug-in":
        return float(entropy(counts))
    if estimator == "miller-madow":
        return float(entropy(counts)) + (len(seen) - 1) / (2 * m)
    if estimator == "chao-shen":
        singles = seen.count(1)
        singles = m - 1 if singles == m else singles
        shares = [(1 - singles / m) * count / m for count in seen]
        return -sum(p * math.log(p) / (1 - (1 - p) ** m) for p in shares if p < 1)
    # G(1) = -gamma - ln 2, G(2) = 2 + G(1), G(2n + 1) = G(2n), G(2n + 2) = G(2n) + 2 / (2n + 1).
    g = {1: -GAMMA - math.log(2), 2: 2 - GAMMA - math.log(2)}
    for n in range(3, m + 1):
        g[n] = g[n - 1] if n % 2 else g[n - 2] + 2 / (n - 1)
    return math.log(m) - sum(count * g[count] for count in seen) / m


@pytest.mark.parametrize("estimator", ENTROPY_ESTIMATORS)
def test_each_estimator_is_its_formula(estimator: EntropyEstimator) -> None:
    tables = [[2, 1, 0], [1, 1, 1], [5, 0, 0], [3, 2, 1], [7, 7, 1], [1, 0, 0]]

    found = estimated_entropy(tables, estimator=estimator)

    np.testing.assert_allclose(found, [by_hand(counts, estimator) for counts in tables], atol=1e-10)


@pytest.mark.parametrize("population", [(0.5, 0.3, 0.2), (0.25, 0.25, 0.25, 0.25), (0.8, 0.15, 0.05)])
@pytest.mark.parametrize("m", [5, 8])
def test_corrections_have_less_bias_than_the_observed_shares(population: tuple[float, ...], m: int) -> None:
    tables, chances = answer_tables(np.array(population), m)
    truth = entropy(population)

    bias = {
        one: float(chances @ estimated_entropy(tables, estimator=one)) - truth for one in ENTROPY_ESTIMATORS
    }

    assert bias["plug-in"] < -0.05
    assert all(abs(bias[one]) < 0.7 * abs(bias["plug-in"]) for one in ("miller-madow", "grassberger"))
    assert abs(bias["chao-shen"]) < abs(bias["plug-in"])


def test_many_annotators_need_no_correction() -> None:
    counts = np.array([[5000, 3000, 2000]])

    for estimator in ENTROPY_ESTIMATORS:
        assert estimated_entropy(counts, estimator=estimator)[0] == pytest.approx(
            entropy(counts[0]), abs=2e-4
        )


def test_tables_without_counts_are_refused() -> None:
    for table, error, reason in (
        ([[1, 2], [0, 0]], UndefinedDistributionError, "nobody answered"),
        ([[1.5, 2]], InvalidDistributionError, "not a count"),
        ([[-1, 2]], InvalidDistributionError, "not a count"),
        ([[np.nan, 2]], InvalidDistributionError, "not a count"),
        ([[3]], InvalidDistributionError, "two or more"),
    ):
        with pytest.raises(error, match=reason):
            estimated_entropy(table, estimator="plug-in")
    with pytest.raises(ValueError, match="unknown estimator"):
        estimated_entropy([[1, 2]], estimator="jackknife")
