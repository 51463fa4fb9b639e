"""Simulated judgments follow the strengths, ties, tastes and activity asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlv.stats.pairwise.comparisons import TIE
from hlv.stats.power.simulate import (
    SimulatedJudgments,
    davidson_tie_parameter,
    draw_outcomes,
    even_strengths,
    outcome_probabilities,
    simulate_judgments,
    uneven_activity,
)


def make_judgments(seed: int = 0, **changes: float) -> SimulatedJudgments:
    settings = {"tie_share": 0.25, "taste_sd": 0.3, "item_sd": 0.2, "side_bias_sd": 0.1, "evenness": 2.0}
    return simulate_judgments(
        even_strengths(5, spread=2.0),
        n_judgments=20_000,
        n_judges=12,
        n_items=30,
        rng=np.random.default_rng(seed),
        **(settings | changes),
    )


def test_the_same_seed_gives_the_same_judgments() -> None:
    one, again, other = make_judgments(1), make_judgments(1), make_judgments(2)
    for name in ("first", "second", "outcome", "judge", "item", "tastes"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.outcome, other.outcome)


def test_a_method_is_never_compared_with_itself_and_all_pairs_occur() -> None:
    drawn = make_judgments()
    pairs = set(zip(drawn.first.tolist(), drawn.second.tolist(), strict=True))
    assert pairs == {(i, j) for i in range(5) for j in range(5) if i != j}


def test_the_share_of_ties_is_the_one_asked_for() -> None:
    drawn = make_judgments(tie_share=0.3)
    # Four standard errors of a share of 20,000.
    assert abs((drawn.outcome == TIE).mean() - 0.3) < 4 * np.sqrt(0.21 / 20_000)


def test_no_ties_are_drawn_unless_asked_for() -> None:
    drawn = make_judgments(tie_share=0.0)
    assert drawn.tie_parameter == 0
    assert not (drawn.outcome == TIE).any()


def test_without_ties_the_first_wins_with_the_logistic_of_the_advantage() -> None:
    advantage = np.array([-3.0, -0.4, 0.0, 1.1, 800.0])
    probabilities = outcome_probabilities(advantage, tie_parameter=0.0)
    np.testing.assert_allclose(probabilities[:4, 0], 1 / (1 + np.exp(-advantage[:4])), rtol=1e-14)
    assert probabilities[4].tolist() == [1.0, 0.0, 0.0]


@given(st.floats(-30, 30), st.floats(0, 20))
def test_ties_follow_davidsons_ratio(advantage: float, nu: float) -> None:
    win, loss, tie = outcome_probabilities([advantage], tie_parameter=nu)[0]
    assert np.isclose(win + loss + tie, 1)
    assert np.isclose(tie, nu * np.sqrt(win * loss), rtol=1e-9, atol=1e-300)


def test_the_tie_parameter_meets_its_share() -> None:
    advantage = np.linspace(-3, 3, 41)
    nu = davidson_tie_parameter(advantage, tie_share=0.4)
    assert np.isclose(outcome_probabilities(advantage, tie_parameter=nu)[:, 2].mean(), 0.4, atol=1e-9)


def test_drawn_outcomes_occur_as_often_as_their_probabilities() -> None:
    advantage = np.full(40_000, 0.7)
    drawn = draw_outcomes(advantage, tie_parameter=0.8, rng=np.random.default_rng(4))
    shares = np.bincount(drawn, minlength=3) / len(drawn)
    expected = outcome_probabilities([0.7], tie_parameter=0.8)[0]
    np.testing.assert_allclose(shares, expected, atol=4 * np.sqrt(0.25 / 40_000))


def test_tastes_and_item_effects_take_nothing_from_the_sum_of_strengths() -> None:
    drawn = make_judgments()
    assert np.isclose(drawn.strengths.sum(), 0)
    np.testing.assert_allclose(drawn.tastes.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(drawn.item_effects.sum(axis=1), 0, atol=1e-12)


def test_uneven_judges_are_worth_fewer_than_their_number() -> None:
    activity = uneven_activity(400, evenness=1.0, rng=np.random.default_rng(3))
    assert np.isclose(activity.sum(), 1)
    assert 150 < 1 / (activity**2).sum() < 260


def test_infinite_evenness_makes_all_judges_equally_active() -> None:
    activity = uneven_activity(4, evenness=np.inf, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(activity, [0.25] * 4)


def test_even_strengths_fall_from_best_to_worst_and_sum_to_zero() -> None:
    np.testing.assert_allclose(even_strengths(3, spread=2.0), [1.0, 0.0, -1.0])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tie_share": 1.0}, "share of ties"),
        ({"taste_sd": -0.1}, "negative"),
        ({"evenness": 0.0}, "evenness"),
    ],
)
def test_impossible_wishes_are_refused(changes: dict[str, float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        make_judgments(**changes)


@pytest.mark.parametrize("strengths", [[1.0], [0.0, np.nan], [[0.0, 1.0]]])
def test_strengths_must_be_a_finite_row_of_two_or_more(strengths: list[float]) -> None:
    with pytest.raises(ValueError, match="strengths"):
        simulate_judgments(strengths, n_judgments=1, n_judges=1, n_items=1, rng=np.random.default_rng(0))


@pytest.mark.parametrize("counts", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_judgments_judges_and_items_must_exist(counts: tuple[int, int, int]) -> None:
    n_judgments, n_judges, n_items = counts
    with pytest.raises(ValueError, match=r"cannot be drawn|at least one judge"):
        simulate_judgments(
            [1.0, 0.0],
            n_judgments=n_judgments,
            n_judges=n_judges,
            n_items=n_items,
            rng=np.random.default_rng(0),
        )


def test_even_strengths_refuse_one_method_and_a_negative_spread() -> None:
    with pytest.raises(ValueError, match="two methods"):
        even_strengths(1, spread=1.0)
    with pytest.raises(ValueError, match="negative"):
        even_strengths(3, spread=-1.0)
