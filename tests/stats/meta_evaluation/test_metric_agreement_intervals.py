"""Intervals of the metric agreement: what widens them, and where there are none."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest

from hlv.stats.meta_evaluation.agreement_result import Coefficient, ScoreErrors
from hlv.stats.meta_evaluation.metric_agreement import (
    HumanScores,
)
from hlv.stats.meta_evaluation.permutation import NullOrders
from tests.stats.meta_evaluation.agreement_making import (
    METHODS,
    STRENGTHS,
    agreement,
    ends,
    make_metric,
    noisy,
    rows,
)


def test_both_sides_widen_the_interval_more_than_one() -> None:
    certain, uncertain = HumanScores(STRENGTHS), HumanScores(STRENGTHS, noisy(STRENGTHS, seed=1))
    metric = make_metric(resampled=noisy(STRENGTHS, seed=2))

    widths = []
    for human, other in ((certain, metric), (uncertain, make_metric()), (uncertain, metric)):
        (row,) = rows(agreement(human, other))
        low, high = ends(row, "pearson")
        widths.append(high - low)

    assert widths[2] > max(widths[:2])


def test_one_side_resampled_is_said() -> None:
    (people_only,) = rows(agreement(HumanScores(STRENGTHS, noisy(STRENGTHS, seed=1)), make_metric()))
    (metric_only,) = rows(agreement(HumanScores(STRENGTHS), make_metric(resampled=noisy(STRENGTHS, seed=1))))

    assert "one side (the people's)" in people_only.interval_rule
    assert "one side (the metric's)" in metric_only.interval_rule
    assert "soft_pairwise_accuracy" not in people_only.coefficients


def test_without_resampling_there_is_a_value_and_no_interval_and_the_reason() -> None:
    (row,) = rows(agreement(HumanScores(STRENGTHS), make_metric()))

    # of all orders of nine methods the same one and its reverse agree as much
    p = 2 / factorial(9)
    assert row.coefficients["kendall_tau_b"] == Coefficient(1.0, p=p, p_from=NullOrders("exact"))
    assert row.coefficients["pearson"].p_from == NullOrders("all orders", 362_880)
    assert row.interval_rule == "No interval: neither side was resampled."


def test_resamples_without_an_answer_are_counted_whether_lost_or_filled() -> None:
    resampled = noisy(STRENGTHS, seed=5)
    lost = resampled.copy()
    lost[:6] = np.nan
    flagged = np.zeros(300, dtype=bool)
    flagged[:60] = True

    (lost_row,) = rows(agreement(HumanScores(STRENGTHS, lost), make_metric()))
    (filled_row,) = rows(agreement(HumanScores(STRENGTHS, resampled, without_answer=flagged), make_metric()))

    assert lost_row.n_resamples_without_answer == 6
    assert "6 without an answer are left out" in lost_row.interval_rule
    assert filled_row.n_resamples_without_answer == 60
    assert "60 without a ranking of their own were solved with a weak prior" in filled_row.interval_rule
    assert filled_row.coefficients["kendall_tau_b"].interval is not None


def test_too_many_lost_resamples_leave_no_interval() -> None:
    lost = noisy(STRENGTHS, seed=5)
    lost[:60] = np.nan

    (row,) = rows(agreement(HumanScores(STRENGTHS, lost), make_metric()))

    assert row.coefficients["kendall_tau_b"].interval is None
    assert "not estimable" in row.interval_rule
    assert row.coefficients["kendall_tau_b"].value == 1


def test_an_interval_reaches_to_what_errors_weakened_and_holds_the_estimate() -> None:
    """Errors of known size weaken an agreement: the true values may well agree better than the estimates."""
    rng = np.random.default_rng(3)
    true = np.linspace(2, -2, 30)
    people, scores = true + rng.normal(0, 0.9, 30), true + rng.normal(0, 0.9, 30)
    human = HumanScores(people, people + rng.normal(0, 0.9, (300, 30)))
    metric = make_metric(values=scores, resampled=scores + rng.normal(0, 0.9, (300, 30)))

    found = agreement(human, metric, methods=[str(place) for place in range(30)])
    pearson = found.metrics[0].coefficients["pearson"]

    assert pearson.interval is not None
    assert pearson.value == pytest.approx(0.549, abs=0.001)
    assert pearson.interval[0] == pearson.value
    assert pearson.interval[1] > 0.95


def test_a_joint_covariance_of_strengths_takes_the_place_of_their_resamples() -> None:
    """Analytic errors widen the interval where resamples understate them."""
    resampled = noisy(STRENGTHS, seed=1, scale=0.05)
    scores = STRENGTHS[[1, 0, 3, 2, 5, 4, 6, 7, 8]]
    metric = make_metric(values=scores, resampled=noisy(scores, seed=2, scale=0.05))
    wide = ScoreErrors(np.eye(9), 8.0)

    (narrow_row,) = rows(agreement(HumanScores(STRENGTHS, resampled), metric))
    (wide_row,) = rows(agreement(HumanScores(STRENGTHS, resampled, errors=wide), metric))

    assert "people by CR3" in wide_row.interval_rule
    narrow, wider = ends(narrow_row, "pearson"), ends(wide_row, "pearson")
    assert wider[0] < narrow[0]


@pytest.mark.parametrize(
    ("variance", "degrees", "words"),
    [
        (0.01, 1.0, "effectively 2.0 judges or texts"),
        (9.0, 20.0, "standard errors on average"),
    ],
)
def test_what_was_not_simulated_is_noted(variance: float, degrees: float, words: str) -> None:
    spread = noisy(STRENGTHS, seed=1, scale=np.sqrt(variance))
    human = HumanScores(STRENGTHS, spread, errors=ScoreErrors(variance * np.eye(9), degrees))
    usual = HumanScores(STRENGTHS, spread, errors=ScoreErrors(0.01 * np.eye(9), 20.0))

    assert any(words in note for note in agreement(human, make_metric()).notes)
    assert not any(words in note for note in agreement(usual, make_metric()).notes)


def test_few_methods_have_intervals_that_nobody_tested() -> None:
    human = HumanScores(STRENGTHS[:4], noisy(STRENGTHS[:4], seed=1))

    found = agreement(human, make_metric(values=STRENGTHS[:4]), methods=METHODS[:4])

    assert any("fewer than 6 methods" in note for note in found.notes)


def test_an_infinite_score_has_ranks_and_no_interval() -> None:
    human = HumanScores(STRENGTHS, noisy(STRENGTHS, seed=1))
    values = np.where(STRENGTHS.max() == STRENGTHS, np.inf, STRENGTHS)

    (row,) = rows(agreement(human, make_metric(values=values)))

    assert row.coefficients["kendall_tau_b"].value == 1
    assert row.coefficients["kendall_tau_b"].interval is None
    assert row.interval_rule == "No interval: a score is infinite."


def test_resamples_that_are_all_alike_give_no_interval() -> None:
    human = HumanScores(STRENGTHS, np.tile(STRENGTHS, (50, 1)))

    (row,) = rows(agreement(human, make_metric()))

    assert row.interval_rule == "No interval: all resamples give the same value."
