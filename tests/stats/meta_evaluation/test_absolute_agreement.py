from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import beta
from scipy.stats import pearsonr, permutation_test

from hlv.stats.correlation import pearson
from hlv.stats.meta_evaluation.absolute_agreement import absolute_agreement, chance_of_absolute_pearson
from tests.published import wmt


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((0.2, 0.9), (0.2, 0.9)),
        ((-0.9, -0.2), (0.2, 0.9)),
        ((-0.9, 0.2), (0.0, 0.9)),
        ((-0.1, 0.8), (0.0, 0.8)),
    ],
)
def test_the_interval_has_all_strengths_of_the_interval_with_sign(
    interval: tuple[float, float], expected: tuple[float, float]
) -> None:
    found = absolute_agreement(-0.5, interval=interval)

    assert (found.value, found.sign, found.interval) == (0.5, -1, expected)
    strengths = np.abs(np.linspace(*interval, 2001))
    assert expected == pytest.approx((strengths.min(), strengths.max()), abs=1e-3)


def test_p_counts_both_directions_as_scipy_does() -> None:
    generator = np.random.default_rng(3)
    x, y = generator.normal(size=6), generator.normal(size=6)
    # All orders but the observed one, which the p adds.
    null = np.array([pearsonr(x, y[list(order)]).statistic for order in itertools.permutations(range(6))][1:])

    found = absolute_agreement(float(pearsonr(x, y).statistic), null=null)

    exact = permutation_test(
        (x,), lambda x: abs(pearsonr(x, y).statistic), permutation_type="pairings", alternative="greater",
        n_resamples=np.inf, vectorized=False,
    )  # fmt: skip
    assert found.p == pytest.approx(exact.pvalue)
    assert found.chance == pytest.approx(np.abs(null).mean())
    # Unrelated scores have a strength above 0.
    assert found.chance > 0.3


def test_what_is_no_coefficient_is_refused() -> None:
    for value, interval, reason in (
        (1.2, None, "between"),
        (float("nan"), None, "between"),
        (0.1, (0.5, 0.2), "order"),
    ):
        with pytest.raises(ValueError, match=reason):
            absolute_agreement(value, interval=interval)
    assert absolute_agreement(0.4, null=np.array([np.nan])).p is None


@pytest.mark.parametrize("name", wmt.WMT19_DE_EN_METRICS)
def test_the_table_of_wmt19_german_to_english_prints_these_strengths(name: str) -> None:
    human, scores = np.array(wmt.WMT19_DE_EN_HUMAN), np.array(wmt.WMT19_DE_EN_METRICS[name])
    printed, sign = wmt.WMT19_DE_EN_ABSOLUTE_R[name]

    found = absolute_agreement(float(pearson(scores, human)))

    assert (round(found.value, 3), found.sign) == (printed, sign)
    # .247 is near what chance gives: the mean over orders of 16 systems is .21.
    assert chance_of_absolute_pearson(scores, human, n_permutations=999, seed=1) == pytest.approx(
        0.21, abs=0.02
    )


def test_strength_by_chance_is_the_mean_over_all_orders() -> None:
    generator = np.random.default_rng(8)
    x, y = generator.normal(size=6), generator.normal(size=6)
    strengths = [abs(pearsonr(x[list(order)], y).statistic) for order in itertools.permutations(range(6))]

    found = chance_of_absolute_pearson(x, y, n_permutations=99, seed=1)

    assert found == pytest.approx(np.mean(strengths), abs=1e-12)


def test_strength_by_chance_of_many_systems_is_near_that_of_normal_scores() -> None:
    # Of unrelated normal scores r has density (1 - r^2)^((M - 4) / 2): E|r| = B(1, (M - 2) / 2) / B(1 / 2, (M - 2) / 2).
    generator = np.random.default_rng(9)
    x, y = generator.normal(size=20), generator.normal(size=20)

    found = chance_of_absolute_pearson(x, y, n_permutations=9_999, seed=1)

    assert found == pytest.approx(beta(1, 9) / beta(0.5, 9), abs=0.006)
    assert found == chance_of_absolute_pearson(x, y, n_permutations=9_999, seed=1)
    assert found != chance_of_absolute_pearson(x, y, n_permutations=9_999, seed=2)


def test_a_constant_side_has_no_strength_by_chance() -> None:
    assert chance_of_absolute_pearson(np.ones(5), np.arange(5.0), n_permutations=9, seed=1) is None
