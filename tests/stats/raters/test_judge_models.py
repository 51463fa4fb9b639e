"""What a ranking model says of the judges: fit to the consensus, leave-one-out, reliability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.pair_probabilities import expected_outcomes
from hlv.stats.raters import (
    RaterCounts,
    UndeterminedJudgesError,
    crowd_posterior,
    fit_crowd_bt,
    fit_with_equal_judges,
    infit_outfit,
    leave_one_judge_out,
)
from tests.stats.boards import make_board, make_random_cells


def make_crowd(
    seed: int, reliabilities: FloatArray, *, n_each: int = 150, n_methods: int = 6, share_of_ties: float = 0.0
) -> Cells:
    """Judges who say the better method with their own probability."""
    generator = np.random.default_rng(seed)
    judge = np.repeat(np.arange(len(reliabilities)), n_each)
    first = generator.integers(n_methods, size=len(judge))
    second = (first + generator.integers(1, n_methods, size=len(judge))) % n_methods
    strengths = np.linspace(2, -2, n_methods)
    seen = generator.random(len(judge)) < expit(strengths[first] - strengths[second])
    honest = generator.random(len(judge)) < reliabilities[judge]
    outcome = np.where(seen == honest, FIRST, SECOND)
    outcome[generator.random(len(judge)) < share_of_ties] = TIE
    return make_cells(first=first, second=second, outcome=outcome, judge=judge)


def fit_of(cells: Cells, n_methods: int, ties_rule: TiesRule = "half") -> BradleyTerryFit:
    return fit_bradley_terry(*pair_counts(cells, n_methods), ties_rule=ties_rule)


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


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from(["half", "davidson", "drop"]))
def test_strengths_without_a_judge_are_those_of_the_rest(seed: int, ties_rule: TiesRule) -> None:
    cells = make_random_cells(seed, n_judges=4, n_judgments=200)
    fit = fit_of(cells, 5, ties_rule)

    found = leave_one_judge_out(RaterCounts.of(cells, 5), fit)

    for place, code in enumerate(found.codes.tolist()):
        others = cells.judge != code
        rest = make_cells(
            first=cells.first[others], second=cells.second[others], outcome=cells.outcome[others]
        )
        if found.undetermined[place] is not None:
            with pytest.raises(NoRankingError):
                fit_of(rest, 5, ties_rule)
            continue
        expected = fit_of(rest, 5, ties_rule).strengths
        np.testing.assert_allclose(found.strengths[place], expected, atol=1e-9)
        assert found.largest_change[place] == pytest.approx(np.abs(expected - fit.strengths).max(), abs=1e-8)


def test_a_judge_who_carries_the_lead_is_named_and_one_who_joins_the_board_has_a_reason() -> None:
    # judge 0 puts 1 before 0 ten times; judge 1 has it the other way; judge 2 alone saw method 2
    cells = make_cells(
        first=[1, 0, 0, 1, 2, 0],
        second=[0, 1, 1, 0, 0, 2],
        outcome=[FIRST] * 6,
        count=[10, 1, 3, 1, 1, 2],
        judge=[0, 0, 1, 1, 2, 2],
    )

    found = leave_one_judge_out(RaterCounts.of(cells, 3), fit_of(cells, 3), names=["a", "b", "c"])

    assert found.changes_leader == [True, False, None]
    assert found.largest_rank_change[:2].tolist() == [2, 0]
    # all say b a c; without judge 0 it is a c b, where two of three pairs are turned, and without judge 1 the same
    np.testing.assert_allclose(found.tau[:2], [-1 / 3, 1])
    assert found.undetermined[:2] == [None, None]
    assert "c" in str(found.undetermined[2])


def test_with_an_equal_say_a_busy_judge_counts_once() -> None:
    # judge 0 says 3 : 1 for method 0 in forty judgments, judge 1 says 1 : 3 in four
    cells = make_cells(
        first=[0, 1, 0, 1], second=[1, 0, 1, 0], outcome=[0] * 4, count=[30, 10, 1, 3], judge=[0, 0, 1, 1]
    )
    boards = RaterCounts.of(cells, 2)

    np.testing.assert_allclose(fit_with_equal_judges(boards).strengths, 0, atol=1e-12)
    # a prior weighs as much as before
    shrunk = fit_bradley_terry(*make_board(2, wins=[(0, 1, 33), (1, 0, 11)]), ridge=1.0)
    same = make_cells(
        first=[0, 1] * 2, second=[1, 0] * 2, outcome=[0] * 4, count=[30, 10, 3, 1], judge=[0, 0, 1, 1]
    )
    np.testing.assert_allclose(
        fit_with_equal_judges(RaterCounts.of(same, 2), ridge=1.0).strengths, shrunk.strengths, atol=1e-9
    )


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.sampled_from(["half", "drop"]))
def test_the_gradient_of_crowd_bt_is_that_of_finite_differences(seed: int, ties_rule: str) -> None:
    boards = RaterCounts.of(make_random_cells(seed, n_judges=3, n_judgments=60), 5)
    posterior = crowd_posterior(boards, ties_rule=ties_rule)  # type: ignore[arg-type]
    point = np.random.default_rng(seed).normal(0, 1.5, 8)

    numerical = approx_fprime(point, lambda x: posterior(x)[0], 1e-6)

    np.testing.assert_allclose(posterior(point)[1], numerical, rtol=1e-4, atol=1e-3)


def test_crowd_bt_is_the_maximum_of_the_formula_as_it_is_printed() -> None:
    cells = make_crowd(11, np.array([0.95, 0.8, 0.3]), n_each=40, n_methods=3)
    fit = fit_crowd_bt(RaterCounts.of(cells, 3), prior_right=3.0, prior_wrong=2.0, ridge=0.3)

    def minus_log_posterior(point: FloatArray) -> float:
        strengths, eta = point[:3], expit(point[3:])
        winner = np.where(cells.outcome == FIRST, cells.first, cells.second)
        loser = np.where(cells.outcome == FIRST, cells.second, cells.first)
        p = expit(strengths[winner] - strengths[loser])
        right = eta[cells.judge]
        return -float(
            np.log(right * p + (1 - right) * (1 - p)).sum()
            + (3 * np.log(eta) + 2 * np.log(1 - eta)).sum()
            - 0.15 * (strengths**2).sum()
        )

    found = minimize(minus_log_posterior, [0.5, 0, -0.5, 1, 1, 1], method="Nelder-Mead",
                     options={"maxiter": 20000, "maxfev": 20000, "xatol": 1e-9, "fatol": 1e-11})  # fmt: skip

    assert fit.log_posterior == pytest.approx(-found.fun, abs=1e-6)
    np.testing.assert_allclose(fit.strengths, found.x[:3] - found.x[:3].mean(), atol=1e-3)
    np.testing.assert_allclose(fit.reliability, expit(found.x[3:]), atol=1e-3)


def test_the_interval_of_a_reliability_is_that_of_the_curvature_by_finite_differences() -> None:
    boards = RaterCounts.of(make_crowd(11, np.array([0.95, 0.8, 0.3]), n_each=40, n_methods=3), 3)
    fit = fit_crowd_bt(boards)
    posterior = crowd_posterior(boards)
    point = np.concatenate([fit.strengths, logit(fit.reliability)])

    steps = 1e-5 * np.eye(6)
    hessian = np.array([(posterior(point + step)[1] - posterior(point - step)[1]) / 2e-5 for step in steps])
    errors = np.sqrt(np.diagonal(np.linalg.inv(-hessian)))[3:]

    np.testing.assert_allclose(logit(fit.high) - logit(fit.reliability), 1.959964 * errors, rtol=1e-5)
    np.testing.assert_allclose(logit(fit.reliability) - logit(fit.low), 1.959964 * errors, rtol=1e-5)


@pytest.mark.parametrize("ties_rule", ["half", "drop"])
def test_crowd_bt_tells_spammers_and_contrarians_from_experts(ties_rule: str) -> None:
    truth = np.array([0.95] * 12 + [0.5] * 5 + [0.1] * 3)
    cells = make_crowd(1, truth, share_of_ties=0.1)

    fit = fit_crowd_bt(RaterCounts.of(cells, 6), ties_rule=ties_rule)  # type: ignore[arg-type]

    experts, spammers, contrarians = fit.reliability[:12], fit.reliability[12:17], fit.reliability[17:]
    assert experts.min() > 0.75 > spammers.max()
    assert spammers.min() > contrarians.max()
    assert (np.diff(fit.strengths) < 0).all()


def test_a_hundred_thousand_judgments_cost_no_more_than_their_pairs() -> None:
    boards = RaterCounts.of(make_crowd(8, np.full(60, 0.9), n_each=1700, n_methods=12), 12)

    # 66 pairs for each judge, whatever the number of judgments
    assert len(boards.judge) <= 60 * 66
    fit = fit_crowd_bt(boards)
    np.testing.assert_allclose(fit.reliability, 0.9, atol=0.08)
    np.testing.assert_allclose(fit.strengths, np.linspace(2, -2, 12), atol=0.3)


def test_crowd_bt_climbs_from_where_all_slopes_are_nothing() -> None:
    # judge 4 goes round in a circle, judges 5 and 6 are opposed: equal strengths are a saddle. With 1 above 2 above 0
    # the circle is right in two of three pairs, in the reverse in one.
    cells = make_cells(
        first=[0, 1, 2, 0, 1], second=[1, 2, 0, 1, 0], outcome=[0] * 5, count=[90] * 3 + [50] * 2, judge=[4, 4, 4, 5, 6]
    )  # fmt: skip

    fit = fit_crowd_bt(RaterCounts.of(cells, 3))

    assert fit.strengths[1] > fit.strengths[2] > fit.strengths[0]
    np.testing.assert_allclose(fit.reliability, [2 / 3, 0.07, 0.98], atol=0.02)


def test_a_judge_of_ties_alone_has_a_reason_instead_of_a_number() -> None:
    cells = make_crowd(1, np.ones(3))
    cells = make_cells(
        first=[*cells.first, 0],
        second=[*cells.second, 1],
        outcome=[*cells.outcome, TIE],
        judge=[*cells.judge, 9],
    )
    boards = RaterCounts.of(cells, 6)

    crowd = fit_crowd_bt(boards, ties_rule="drop")
    consensus = infit_outfit(boards, fit_of(cells, 6, "drop"))

    for found, value in ((crowd, crowd.reliability), (consensus, consensus.infit)):
        assert np.isnan(value[3])
        assert [reason is None for reason in found.undetermined()] == [True, True, True, False]


def test_what_says_nothing_of_the_judges_is_refused() -> None:
    alone = RaterCounts.of(make_cells(first=[0, 1], second=[1, 0], outcome=[0, 0], judge=[5, 5]), 2)
    ties = RaterCounts.of(make_cells(first=[0, 1], second=[1, 0], outcome=[TIE, TIE], judge=[5, 6]), 2)
    opposed = RaterCounts.of(
        make_cells(first=[0, 1], second=[1, 0], outcome=[0, 0], count=[50, 50], judge=[5, 6]), 2
    )
    difference_errors = RaterCounts.of(
        make_cells(first=[0, 2], second=[1, 3], outcome=[0, 0], judge=[5, 6]), 4
    )
    fit = fit_bradley_terry(*make_board(2, wins=[(0, 1, 1), (1, 0, 1)]))

    for ask in (infit_outfit, leave_one_judge_out):
        with pytest.raises(UndeterminedJudgesError, match="one judge"):
            ask(alone, fit)
    with pytest.raises(UndeterminedJudgesError, match="one judge"):
        fit_crowd_bt(alone)
    with pytest.raises(UndeterminedJudgesError, match="tie"):
        fit_crowd_bt(ties)
    with pytest.raises(UndeterminedJudgesError, match="Two orders"):
        fit_crowd_bt(opposed)
    with pytest.raises(NoRankingError, match="2 groups"):
        fit_crowd_bt(difference_errors)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"ties_rule": "davidson"}, "no ties rule"),
        ({"ridge": 0.0}, "prior on the strengths"),
        ({"ridge": -1.0}, "precision"),
        ({"prior_right": 1.0, "prior_wrong": 1.0}, "more right answers"),
    ],
)
def test_crowd_bt_refuses_what_would_leave_it_without_a_maximum(
    options: dict[str, object], reason: str
) -> None:
    boards = RaterCounts.of(make_random_cells(1), 5)

    with pytest.raises(ValueError, match=reason):
        fit_crowd_bt(boards, **options)  # type: ignore[arg-type]
