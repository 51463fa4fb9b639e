"""Bradley-Terry strengths: closed forms, rules for ties, priors, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import (
    fit_bradley_terry,
    fit_resamples,
    rule_and_logarithm,
)
from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.mle_existence import TIE_MODELS, TIES_RULES, NoRankingError, TiesRule
from hlv.stats.pairwise.pair_likelihoods import (
    PairTable,
    derivatives,
    gradient,
    information,
    log_likelihood,
    pair_table,
)
from tests.published import boards as published
from tests.stats.boards import make_board, make_random_cells

LN4 = np.log(4)


def test_three_wins_and_two_ties_are_four_to_one_in_half_ties() -> None:
    fit = fit_bradley_terry(*make_board(2, wins=[(0, 1, 3)], ties=[(0, 1, 2)]))

    np.testing.assert_allclose(fit.strengths, [LN4 / 2, -LN4 / 2], atol=1e-12)
    assert fit.tie_parameter is None


def test_davidson_of_two_methods_has_its_closed_form() -> None:
    fit = fit_bradley_terry(
        *make_board(2, wins=[(0, 1, 8), (1, 0, 2)], ties=[(0, 1, 4)]), ties_rule="davidson"
    )

    # pi_0 / pi_1 = 8 / 2 and nu = ties / sqrt(wins * losses)
    np.testing.assert_allclose(fit.strengths, [LN4 / 2, -LN4 / 2], atol=1e-12)
    assert fit.tie_parameter == pytest.approx(1.0, abs=1e-12)


def test_rao_kupper_of_two_equal_methods_has_its_closed_form() -> None:
    fit = fit_bradley_terry(
        *make_board(2, wins=[(0, 1, 3), (1, 0, 3)], ties=[(0, 1, 4)]), ties_rule="rao-kupper"
    )

    # P(tie) = (theta - 1) / (theta + 1) = 0.4 at equal strengths
    assert fit.tie_parameter == pytest.approx(1.4 / 0.6, abs=1e-12)
    np.testing.assert_allclose(fit.strengths, 0, atol=1e-12)


def test_all_ties_make_all_methods_equal() -> None:
    fit = fit_bradley_terry(*make_board(3, ties=[(0, 1, 5), (1, 2, 1)]))

    np.testing.assert_allclose(fit.strengths, 0, atol=1e-15)


@pytest.mark.parametrize("odds", [10**3, 10**6, 10**9, 10**12])
def test_wins_against_overwhelming_odds_do_not_cost_a_digit(odds: int) -> None:
    fit = fit_bradley_terry(*make_board(3, wins=[(0, 1, odds), (1, 0, 1), (1, 2, odds), (2, 1, 1)]))

    np.testing.assert_allclose(fit.strengths, [np.log(odds), 0, -np.log(odds)], atol=1e-13)


def test_a_board_settles_where_only_rounding_moves_it() -> None:
    wins = [(0, 1, 10**6), (1, 2, 10**6), (2, 3, 10**6), (3, 4, 1), (4, 0, 1)]

    fit = fit_bradley_terry(*make_board(5, wins=wins))

    # round a ring of wins as much is unexpected at each, here very nearly one win
    step = np.log(10**6 - 1)
    np.testing.assert_allclose(fit.strengths, [1.5 * step, step / 2, -step / 2, -1.5 * step, 0], atol=1e-6)


def test_a_step_too_far_is_shortened() -> None:
    # found by random search: one of Newton's steps would lower the likelihood
    wins = np.zeros((6, 6))
    wins[0, [1, 4, 5]] = 1e5, 1e2, 1
    wins[1, [0, 5]] = 1e2, 1
    wins[2, [0, 1, 3]] = 1e3, 1e3, 10
    wins[3, [1, 4, 5]] = 1e4, 1e6, 1e6
    wins[4, 2], wins[5, 0] = 1e6, 1

    strengths = fit_bradley_terry(wins, np.zeros((6, 6))).strengths

    # at the maximum each method has won as often as it is expected to
    unexpected = wins / (1 + np.exp(strengths[:, None] - strengths))
    np.testing.assert_allclose(unexpected.sum(axis=1), unexpected.sum(axis=0), rtol=1e-10)


def climbs_nowhere(pairs: PairTable, strengths: FloatArray, logarithm: float, rule: TiesRule) -> bool:
    """Whether the likelihood has no slope here."""
    slopes = derivatives(pairs, strengths[pairs.upper] - strengths[pairs.lower], np.asarray(logarithm), rule)
    return bool(np.abs(gradient(pairs, slopes, rule)).max() < 1e-6)


def test_a_step_of_a_tie_model_over_its_boundary_is_halved() -> None:
    # found by random search: whole steps of Newton's carry theta below 1, and never come to rest
    wins, ties = np.zeros((3, 3)), np.zeros((3, 3))
    wins[0, 2], wins[2, 0] = 3, 1
    ties[0, 1] = ties[1, 0] = 35

    fit = fit_bradley_terry(wins, ties, ties_rule="rao-kupper")

    assert fit.n_steps < 20
    np.testing.assert_allclose(fit.strengths, [1.416775645, 1.416775645, -2.83355129], atol=1e-8)
    assert fit.tie_parameter == pytest.approx(35.0427787135)
    assert climbs_nowhere(
        pair_table(wins, ties), fit.strengths, float(np.log(fit.tie_parameter)), "rao-kupper"
    )


def test_only_the_resamples_that_need_it_take_a_shorter_step() -> None:
    wins, ties = np.zeros((3, 3)), np.zeros((3, 3))
    wins[0, 2], wins[2, 0] = 3, 1
    ties[0, 1] = ties[1, 0] = 35
    full_pairs = pair_table(np.ones((3, 3)) - np.eye(3), np.ones((3, 3)) - np.eye(3))
    full = fit_bradley_terry(np.ones((3, 3)) - np.eye(3), np.ones((3, 3)) - np.eye(3), ties_rule="rao-kupper")
    easy = pair_table(3 * (np.ones((3, 3)) - np.eye(3)), np.ones((3, 3)) - np.eye(3))
    hard = PairTable(
        3,
        full_pairs.upper,
        full_pairs.lower,
        wins[full_pairs.upper, full_pairs.lower],
        wins[full_pairs.lower, full_pairs.upper],
        ties[full_pairs.upper, full_pairs.lower],
    )
    rows = PairTable(
        3,
        full_pairs.upper,
        full_pairs.lower,
        *(np.stack([getattr(easy, name), getattr(hard, name)]) for name in ("wins", "losses", "ties")),
    )

    found = fit_resamples(rows, full=full, full_pairs=full_pairs)

    np.testing.assert_allclose(found[0], 0, atol=1e-9)
    np.testing.assert_allclose(found[1], [1.416775645, 1.416775645, -2.83355129], atol=1e-8)


@pytest.mark.parametrize(("ties_rule", "boundary"), [("davidson", 0.0), ("rao-kupper", 1.0)])
def test_without_ties_a_tie_model_is_the_model_of_wins(ties_rule: TiesRule, boundary: float) -> None:
    wins, ties = make_board(3, wins=[(0, 1, 3), (1, 2, 2), (2, 0, 1)])

    fit = fit_bradley_terry(wins, ties, ties_rule=ties_rule)

    assert fit.tie_parameter == boundary
    np.testing.assert_array_equal(fit.strengths, fit_bradley_terry(wins, ties).strengths)


def test_two_methods_with_wins_one_way_and_ties_have_an_answer_by_half_ties_alone() -> None:
    n_wins, n_losses, n_ties = published.ONE_WAY_WITH_TIES
    board = make_board(2, wins=[(0, 1, n_wins), (1, 0, n_losses)], ties=[(0, 1, n_ties)])

    strengths = fit_bradley_terry(*board).strengths

    assert strengths[0] - strengths[1] == pytest.approx(published.ONE_WAY_DIFFERENCE, abs=1e-9)
    for rule in TIE_MODELS:
        with pytest.raises(NoRankingError, match="more wins than ties"):
            fit_bradley_terry(*board, ties_rule=rule)


def test_a_cycle_through_a_tie_gives_the_tie_models_an_answer() -> None:
    n_wins, n_ties = published.CYCLE_WINS, published.CYCLE_TIES
    board = make_board(3, wins=[(0, 1, n_wins), (1, 2, n_wins)], ties=[(0, 2, n_ties)])

    davidson = fit_bradley_terry(*board, ties_rule="davidson")
    rao_kupper = fit_bradley_terry(*board, ties_rule="rao-kupper")

    s = davidson.strengths
    np.testing.assert_allclose(s[0] - s[1:], published.CYCLE_DAVIDSON, atol=1e-5)
    assert np.log(davidson.tie_parameter or 0) == pytest.approx(published.CYCLE_LOG_NU, abs=1e-5)
    s = rao_kupper.strengths
    np.testing.assert_allclose(s[0] - s[1:], published.CYCLE_RAO_KUPPER, atol=1e-4)


@pytest.mark.parametrize("ties_rule", TIES_RULES)
def test_gradient_and_information_agree_with_finite_differences(ties_rule: TiesRule) -> None:
    pairs = pair_table(*pair_counts(make_random_cells(3), 5))
    n_parameters = 6 if ties_rule in ("davidson", "rao-kupper") else 5
    point = np.array([0.4, -0.1, 0.2, 0.3, -0.8, 0.7])

    def slope_at(point: FloatArray) -> tuple[FloatArray, FloatArray]:
        x = point[pairs.upper] - point[pairs.lower]
        slopes = derivatives(pairs, x, np.asarray(point[5]), ties_rule)
        return gradient(pairs, slopes, ties_rule), information(pairs, slopes, ties_rule)

    def value_at(point: FloatArray) -> float:
        return float(
            log_likelihood(pairs, point[pairs.upper] - point[pairs.lower], np.asarray(point[5]), ties_rule)
        )

    slope, curve = slope_at(point)
    for parameter in range(n_parameters):
        step = np.zeros(6)
        step[parameter] = 1e-5
        assert slope[parameter] == pytest.approx(
            (value_at(point + step) - value_at(point - step)) / 2e-5, abs=1e-5
        )
        bend = (slope_at(point + step)[0] - slope_at(point - step)[0]) / 2e-5
        np.testing.assert_allclose(-curve[parameter], bend, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), ties_rule=st.sampled_from(TIES_RULES))
def test_renaming_methods_renames_strengths(seed: int, ties_rule: TiesRule) -> None:
    wins, ties = pair_counts(make_random_cells(seed), 5)
    order = np.random.default_rng(seed).permutation(5)

    one = fit_bradley_terry(wins, ties, ties_rule=ties_rule)
    other = fit_bradley_terry(wins[np.ix_(order, order)], ties[np.ix_(order, order)], ties_rule=ties_rule)

    np.testing.assert_allclose(one.strengths[order], other.strengths, atol=1e-10)
    assert abs(one.strengths.sum()) < 1e-12


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), ties_rule=st.sampled_from(TIES_RULES))
def test_turning_every_verdict_turns_the_ranking(seed: int, ties_rule: TiesRule) -> None:
    wins, ties = pair_counts(make_random_cells(seed), 5)

    one = fit_bradley_terry(wins, ties, ties_rule=ties_rule)
    other = fit_bradley_terry(wins.T, ties, ties_rule=ties_rule)

    np.testing.assert_allclose(one.strengths, -other.strengths, atol=1e-10)


def test_a_prior_shrinks_and_ranks_the_undefeated() -> None:
    wins, ties = make_board(2, wins=[(0, 1, 5)])

    weak, strong = (fit_bradley_terry(wins, ties, ridge=ridge).strengths for ridge in (0.1, 10.0))

    assert weak[0] > strong[0] > 0
    # at the maximum 5 (1 - p) = ridge * s
    assert 5 / (1 + np.exp(2 * weak[0])) == pytest.approx(0.1 * weak[0], abs=1e-10)


def test_extreme_boards_converge() -> None:
    wins, ties = make_board(6, wins=[(i, j, 10**6) for i in range(6) for j in range(i + 1, 6)] + [(5, 0, 1)])

    fit = fit_bradley_terry(wins, ties)

    p = 1 / (1 + np.exp(fit.strengths[None, :] - fit.strengths[:, None]))
    expected_wins = ((wins + wins.T) * p).sum(axis=1)
    np.testing.assert_allclose(expected_wins, wins.sum(axis=1), rtol=1e-9, atol=1e-6)


def test_an_undefeated_method_is_refused_by_name() -> None:
    wins, ties = make_board(3, wins=[(0, 1, 2), (0, 2, 2), (1, 2, 1), (2, 1, 1)])

    with pytest.raises(NoRankingError, match="champion"):
        fit_bradley_terry(wins, ties, names=["champion", "b", "c"])


@pytest.mark.parametrize("ridge", [-1.0, np.nan, np.inf])
def test_an_impossible_prior_is_refused(ridge: float) -> None:
    with pytest.raises(ValueError, match="precision"):
        fit_bradley_terry(*make_board(2, wins=[(0, 1, 1), (1, 0, 1)]), ridge=ridge)


@pytest.mark.parametrize("ties_rule", TIES_RULES)
@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_resamples_solved_together_are_those_solved_alone(ties_rule: TiesRule, ridge: float) -> None:
    generator = np.random.default_rng(5)
    wins, ties = pair_counts(make_random_cells(5), 5)
    pairs = pair_table(wins, ties)
    drawn = PairTable(
        5,
        pairs.upper,
        pairs.lower,
        generator.poisson(pairs.wins / 2 + 2, size=(40, pairs.n_pairs)).astype(float),
        generator.poisson(pairs.losses / 2 + 2, size=(40, pairs.n_pairs)).astype(float),
        generator.poisson(pairs.ties / 2, size=(40, pairs.n_pairs)).astype(float),
    )
    drawn.ties[0] = 0
    full = fit_bradley_terry(wins, ties, ties_rule=ties_rule)

    together = fit_resamples(drawn, full=full, full_pairs=pairs, ridge=ridge)

    for row in range(40):
        board = make_board(
            5,
            wins=[
                *zip(pairs.upper, pairs.lower, drawn.wins[row], strict=True),
                *zip(pairs.lower, pairs.upper, drawn.losses[row], strict=True),
            ],
            ties=list(zip(pairs.upper, pairs.lower, drawn.ties[row], strict=True)),
        )
        alone = fit_bradley_terry(*board, ties_rule=ties_rule, ridge=ridge)
        np.testing.assert_allclose(together[row], alone.strengths, atol=1e-9)


@pytest.mark.parametrize("ties_rule", TIE_MODELS)
def test_a_tie_model_on_its_boundary_is_in_force_as_the_model_of_wins(ties_rule: TiesRule) -> None:
    wins = np.ones((3, 3)) - np.eye(3)

    without = fit_bradley_terry(wins, np.zeros((3, 3)), ties_rule=ties_rule)
    with_ties = fit_bradley_terry(wins, wins, ties_rule=ties_rule)

    assert rule_and_logarithm(without) == ("drop", 0.0)
    assert rule_and_logarithm(with_ties) == (ties_rule, pytest.approx(np.log(with_ties.tie_parameter)))
