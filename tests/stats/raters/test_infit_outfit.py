"""Infit and outfit against values computed by hand and simulated judges."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import TiesRule
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.pair_probabilities import expected_outcomes
from hlv.stats.raters.infit_outfit import InfitOutfit, infit_outfit
from hlv.stats.raters.rater_counts import RaterCounts
from tests.stats.boards import make_random_cells
from tests.stats.raters.rater_examples import fit_of, make_crowd


def test_mean_squares_by_hand() -> None:
    # all say 2 : 1 for method 0, so p = 2/3; judge 0 said 0, 0 and judge 1 said 1
    cells = make_cells(first=[0, 0], second=[1, 1], outcome=[FIRST, SECOND], count=[2, 1], judge=[0, 1])

    found = infit_outfit(RaterCounts.of(cells, 2), fit_of(cells, 2))

    # (1/3)^2 / (2/9) and (2/3)^2 / (2/9)
    np.testing.assert_allclose(found.outfit, [0.5, 2.0])
    np.testing.assert_allclose(found.infit, [0.5, 2.0])


@pytest.mark.parametrize("ties_rule", ["half", "davidson", "rao-kupper"])
def test_expected_scores_add_up_to_the_observed_ones(ties_rule: TiesRule) -> None:
    cells = make_random_cells(3)
    wins, ties = pair_counts(cells, 5)
    pairs = pair_table(wins, ties)

    expected = expected_outcomes(fit_bradley_terry(wins, ties, ties_rule=ties_rule), pairs)

    np.testing.assert_allclose(expected.win + expected.loss + expected.tie, 1)
    assert (np.stack([expected.win, expected.loss, expected.tie]) >= 0).all()
    n = pairs.wins + pairs.losses + pairs.ties
    # the score equations of Davidson and of half ties; Rao and Kupper's are others
    if ties_rule != "rao-kupper":
        for method in range(5):
            sign = (pairs.upper == method).astype(float) - (pairs.lower == method)
            surplus = sign @ (pairs.wins + pairs.ties / 2 - n * expected.score)
            assert surplus == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("share_of_ties", [0.0, 0.2])
def test_a_judge_at_random_is_erratic_among_experts(share_of_ties: float) -> None:
    cells = make_crowd(2, np.array([1.0] * 9 + [0.5]), share_of_ties=share_of_ties)

    found = infit_outfit(RaterCounts.of(cells, 6), fit_of(cells, 6))

    assert found.flags == [None] * 9 + ["erratic"]
    np.testing.assert_allclose(found.infit[:9], 0.9, atol=0.35)
    assert found.infit[9] > 1.5


def test_a_judge_who_always_says_the_likelier_is_muted() -> None:
    cells = make_crowd(4, np.ones(8))
    first, second = np.triu_indices(6, k=1)
    cells = make_cells(
        first=np.concatenate([cells.first, first]),
        second=np.concatenate([cells.second, second]),
        outcome=np.concatenate([cells.outcome, np.full(15, FIRST)]),
        judge=np.concatenate([cells.judge, np.full(15, 99)]),
        count=np.concatenate([cells.count, np.full(15, 20)]),
    )

    assert infit_outfit(RaterCounts.of(cells, 6), fit_of(cells, 6)).flags[-1] == "muted"


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
