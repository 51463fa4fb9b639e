"""Crowd-BT against its formula, finite differences and simulated judges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, make_cells
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.raters.crowd_bt import crowd_posterior, fit_crowd_bt
from hlv.stats.raters.infit_outfit import infit_outfit
from hlv.stats.raters.leave_one_rater_out import leave_one_judge_out
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from tests.stats.boards import make_board, make_random_cells
from tests.stats.raters.rater_examples import fit_of, make_crowd


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
