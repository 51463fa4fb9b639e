"""How judges fit the consensus, and how far they can be relied on, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells, pair_counts
from hlv.stats.raters import RaterCounts, fit_crowd_bt, infit_outfit
from hlv.stats.raters.infit_outfit import InfitOutfit


def consensus_of(cells: Cells, n_methods: int) -> InfitOutfit:
    return infit_outfit(RaterCounts.of(cells, n_methods), fit_bradley_terry(*pair_counts(cells, n_methods)))


def make_three_judges() -> Cells:
    """All together say 2 : 1 for 0 over 1, 2 : 1 for 1 over 2 and 4 : 1 for 0 over 2: exp(strength) is 4, 2, 1."""
    rows = [
        # judge 0 says what is expected five times
        (0, 1, FIRST, 2, 0), (1, 2, FIRST, 1, 0), (0, 2, FIRST, 2, 0),
        # judge 1 once, and twice the contrary
        (0, 1, SECOND, 1, 1), (1, 2, FIRST, 1, 1), (0, 2, SECOND, 1, 1),
        # judge 2 twice, and once the contrary
        (1, 2, SECOND, 1, 2), (0, 2, FIRST, 2, 2),
    ]  # fmt: skip
    first, second, outcome, count, judge = zip(*rows, strict=True)
    return make_cells(first=first, second=second, outcome=outcome, count=count, judge=judge)


def test_mean_squares_of_three_methods_by_hand() -> None:
    found = consensus_of(make_three_judges(), 3)

    # p is 2/3, 2/3, 4/5. A residual's square is (1 - p)^2 where the stronger won and p^2 where not, its variance
    # W = p (1 - p) is 2/9, 2/9, 4/25: over W they are 1/2 and 2, or 1/4 and 4.
    np.testing.assert_allclose(
        found.outfit, [(3 / 2 + 2 / 4) / 5, (2 + 1 / 2 + 4) / 3, (2 + 2 / 4) / 3], rtol=1e-9
    )
    np.testing.assert_allclose(
        found.infit,
        [
            (3 / 9 + 2 / 25) / (6 / 9 + 8 / 25),
            (4 / 9 + 1 / 9 + 16 / 25) / (4 / 9 + 4 / 25),
            (4 / 9 + 2 / 25) / (2 / 9 + 8 / 25),
        ],
        rtol=1e-9,
    )


def test_their_deviates_by_hand() -> None:
    found = consensus_of(make_three_judges(), 3)

    # Wright and Masters 1982, p. 100: with C the fourth central moment, here p (1 - p) (1 - 3 p (1 - p)), the variance of
    # outfit is sum(C / W^2 - 1) / n^2 and that of infit sum(C - W^2) / sum(W)^2. C / W^2 - 1 = 1 / W - 4 is 1/2, 1/2, 9/4
    # and C - W^2 = W (1 - 4 W) is 2/81, 2/81, 36/625. Of the judges:
    #   outfit  2/5    q^2 = (3/2 + 9/2) / 25 = 6/25           infit  31/74    q^2 = 1597/8214
    #           13/6         (1/2 + 1/2 + 9/4) / 9 = 13/36            269/136        677/2312
    #           5/6          (1/2 + 9/2) / 9 = 5/9                    59/61          3541/7442
    # z = (cbrt(mean square) - 1) 3 / q + q / 3
    np.testing.assert_allclose(found.outfit_z, [-1.448426, 1.667992, 0.011127], atol=1e-6)
    np.testing.assert_allclose(found.infit_z, [-1.565897, 1.595596, 0.181870], atol=1e-6)


def test_their_adjusted_p_by_hand() -> None:
    found = consensus_of(make_three_judges(), 3)

    # 2 (1 - Phi(|z|)) of infit is .117373, .110579, .855685. Holm: 3 x .110579 = .331737 first; 2 x .117373 lies below it
    # and so is as large; .855685 stays.
    np.testing.assert_allclose(found.adjusted_p, [0.331737, 0.331737, 0.855685], atol=1e-6)
    assert found.flags == [None, None, None]


def test_a_flag_needs_a_mean_square_beyond_its_bound_and_a_p_below_a_hundredth() -> None:
    infit = np.array([1.6, 1.4, 0.4, 0.6, 1.6])
    # five times .000063, and the last of Holm's steps .0164
    z = np.array([4.0, 4.0, -4.0, -4.0, 2.4])

    found = InfitOutfit(np.arange(5), np.full(5, 9), outfit=infit, infit=infit, outfit_z=z, infit_z=z)

    np.testing.assert_allclose(found.adjusted_p, [0.000317] * 4 + [0.016395], atol=1e-6)
    assert found.flags == ["erratic", None, "muted", None, None]


def test_deviates_where_a_quarter_are_ties_by_hand() -> None:
    # 3 : 3 and two ties, so a win and a loss have a chance of 3/8 each, W = 3/16 and C = 3/64
    cells = make_cells(
        first=[0] * 4,
        second=[1] * 4,
        outcome=[FIRST, SECOND, SECOND, TIE],
        count=[3, 1, 2, 2],
        judge=[0, 0, 1, 1],
    )

    found = consensus_of(cells, 2)

    # four preferences: (1/4) / (3/16); two and two ties: half of it. q^2 = 4 (4/3 - 1) / 16 = 1/12, of both.
    np.testing.assert_allclose(found.outfit, [4 / 3, 2 / 3])
    np.testing.assert_allclose(found.infit, [4 / 3, 2 / 3])
    np.testing.assert_allclose(found.outfit_z, [1.142132, -1.217565], atol=1e-6)
    np.testing.assert_allclose(found.infit_z, [1.142132, -1.217565], atol=1e-6)


def test_crowd_bt_of_two_methods_by_hand() -> None:
    # Of strengths ln 2 and -ln 2 a perfect judge says 4 : 1. One with eta 3/4 says P = .75 x .8 + .25 x .2 = .65 for the
    # first, one with eta 9/10 says .74. The scores w / P - l / (1 - P), halved, of 26 : 7 and 111 : 13 are 10 and 50.
    cells = make_cells(
        first=[0] * 4,
        second=[1] * 4,
        outcome=[FIRST, SECOND, FIRST, SECOND],
        count=[26, 7, 111, 13],
        judge=[5, 5, 8, 8],
    )

    # By the logit of eta the slope of the posterior is score x (2p - 1) x 2 eta (1 - eta) + right (1 - eta) - wrong eta:
    #   10 x .6 x .375 + 13.5 x .25 - 7.5 x .75 = 0   and   50 x .6 x .18 + 13.5 x .1 - 7.5 x .9 = 0
    # By the first strength it is the sum of score x (2 eta - 1) x 2 p (1 - p), less the ridge's:
    #   10 x .5 x .32 + 50 x .8 x .32 - ridge ln 2 = 0
    found = fit_crowd_bt(
        RaterCounts.of(cells, 2), prior_right=13.5, prior_wrong=7.5, ridge=float(14.4 / np.log(2))
    )

    np.testing.assert_allclose(found.strengths, [np.log(2), -np.log(2)], atol=1e-7)
    np.testing.assert_allclose(found.reliability, [0.75, 0.9], atol=1e-7)
    likelihood = 26 * np.log(0.65) + 7 * np.log(0.35) + 111 * np.log(0.74) + 13 * np.log(0.26)
    prior = 13.5 * np.log(0.75 * 0.9) + 7.5 * np.log(0.25 * 0.1) - 14.4 * np.log(2)
    assert found.log_posterior == pytest.approx(likelihood + prior, abs=1e-9)
    assert found.codes.tolist() == [5, 8]
    assert found.n_judgments.tolist() == [33, 124]
