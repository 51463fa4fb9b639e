from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize
from scipy.special import expit, log_expit

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.position_effect import fit_position_effect
from tests.published import boards as published


def make_sided(*rows: tuple[int, int, int, int], **columns: Any) -> Cells:
    """Cells from (left, right, outcome, count)."""
    left, right, outcome, count = zip(*rows, strict=True)
    return make_cells(
        first=left,
        second=right,
        outcome=outcome,
        count=count,
        first_is_left=np.ones(len(left), dtype=int),
        **columns,
    )


def make_random_sided(
    seed: int,
    *,
    n: int,
    n_methods: int = 3,
    effect: float = 0.0,
    n_judges: int = 5,
    share_of_ties: float = 0.15,
) -> Cells:
    generator = np.random.default_rng(seed)
    strengths = np.linspace(0.5, -0.5, n_methods)
    first = generator.integers(n_methods, size=n)
    second = (first + generator.integers(1, n_methods, size=n)) % n_methods
    is_left = generator.integers(2, size=n)
    odds = strengths[first] - strengths[second] + effect * (2 * is_left - 1)
    outcome = np.where(generator.random(n) < expit(odds), FIRST, SECOND)
    outcome[generator.random(n) < share_of_ties] = TIE
    judge = generator.integers(n_judges, size=n)
    return make_cells(first=first, second=second, outcome=outcome, judge=judge, first_is_left=is_left)


def test_two_methods_by_hand() -> None:
    # from the left 0 wins 6 : 2 and 1 wins 4 : 4, so d = (ln 3 + ln 1) / 2 and s_0 - s_1 = (ln 3 - ln 1) / 2
    cells = make_sided((0, 1, FIRST, 6), (0, 1, SECOND, 2), (1, 0, FIRST, 4), (1, 0, SECOND, 4))

    found = fit_position_effect(cells, 2)

    assert found.side_effect == pytest.approx(np.log(3) / 2)
    np.testing.assert_allclose(found.strengths, [np.log(3) / 4, -np.log(3) / 4])
    # variances of two log odds, a quarter of each
    assert found.model_error == pytest.approx(np.sqrt((1 / 6 + 1 / 2 + 1 / 4 + 1 / 4) / 4))
    assert found.judge_error is None
    assert "one judge" in str(found.judge_undetermined)


def test_playing_at_home_in_the_baseball_of_1987() -> None:
    rows = []
    for home, away, won, lost in published.BASEBALL:
        rows += [(home, away, FIRST, won), (home, away, SECOND, lost)]

    found = fit_position_effect(make_sided(*rows), 7, names=published.TEAMS)

    assert found.side_effect == pytest.approx(published.HOME_EFFECT, abs=1e-5)
    assert found.model_error == pytest.approx(published.HOME_EFFECT_ERROR, abs=1e-5)
    assert found.likelihood_ratio == pytest.approx(published.HOME_LIKELIHOOD_RATIO, abs=1e-5)
    against_baltimore = found.strengths[:-1] - found.strengths[-1]
    np.testing.assert_allclose(against_baltimore, published.HOME_STRENGTHS, atol=1e-5)
    worths = np.exp(found.strengths)
    np.testing.assert_allclose(worths / worths.sum(), published.HOME_SHARES, atol=5e-4)
    saturated = sum(
        k * np.log(k / (won + lost)) for _, _, won, lost in published.BASEBALL for k in (won, lost) if k
    )
    deviance = 2 * (saturated - found.log_likelihood)
    assert deviance == pytest.approx(published.HOME_DEVIANCE, abs=1e-4)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6), st.sampled_from(["half", "drop"]))
def test_it_is_the_maximum_of_the_likelihood_judgment_by_judgment(seed: int, ties_rule: str) -> None:
    cells = make_random_sided(seed, n=120, effect=0.4)
    found = fit_position_effect(cells, 3, ties_rule=ties_rule)  # type: ignore[arg-type]

    def minus_log_likelihood(point: FloatArray) -> float:
        s = np.array([0.0, *point[:2]])
        odds = s[cells.first] - s[cells.second] + point[2] * (2 * cells.first_is_left - 1)
        half = 0.5 if ties_rule == "half" else 0.0
        won = np.choose(cells.outcome, [1.0, 0.0, half])
        lost = np.choose(cells.outcome, [0.0, 1.0, half])
        return -float((won * log_expit(odds) + lost * log_expit(-odds)).sum())

    best = minimize(minus_log_likelihood, np.zeros(3), method="BFGS", options={"gtol": 1e-8})
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-7)
    np.testing.assert_allclose(
        [*(found.strengths[1:] - found.strengths[0]), found.side_effect], best.x, atol=1e-4
    )
    assert found.n_judgments + found.n_left_out == 120


def unbounded(cells: Cells, n_methods: int) -> bool:
    """Whether some direction never lowers the likelihood, by a linear programme over its wins."""
    rows = []
    for first, second, outcome, left in zip(
        cells.first, cells.second, cells.outcome, cells.first_is_left, strict=True
    ):
        row = np.zeros(n_methods + 1)
        row[first], row[second], row[-1] = 1, -1, 2 * left - 1
        rows += [row] if outcome == FIRST else [-row] if outcome == SECOND else [row, -row]
    table = np.array(rows)
    anchor = np.zeros((1, n_methods + 1))
    anchor[0, 0] = 1
    box = [(-1, 1)] * (n_methods + 1)
    for objective in (*np.eye(n_methods + 1), *-np.eye(n_methods + 1)):
        solved = linprog(objective, A_ub=-table, b_ub=np.zeros(len(table)), A_eq=anchor, b_eq=[0], bounds=box)
        if solved.fun < -1e-7:
            return True
    return False


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 9))
def test_it_is_refused_exactly_where_the_likelihood_has_no_maximum(seed: int, n: int) -> None:
    cells = make_random_sided(seed, n=n)

    if unbounded(cells, 3):
        with pytest.raises(NoRankingError):
            fit_position_effect(cells, 3)
    else:
        assert np.isfinite(fit_position_effect(cells, 3).side_effect)


def test_judges_who_differ_widen_the_error_and_leave_one_out_is_its_size() -> None:
    generator = np.random.default_rng(1)
    parts = [make_random_sided(seed, n=60, effect=generator.normal(0.3, 1.5)) for seed in range(8)]
    cells = make_cells(
        first=np.concatenate([part.first for part in parts]),
        second=np.concatenate([part.second for part in parts]),
        outcome=np.concatenate([part.outcome for part in parts]),
        first_is_left=np.concatenate([part.first_is_left for part in parts]),
        judge=np.repeat(np.arange(8), 60),
    )

    found = fit_position_effect(cells, 3)

    jackknife = []
    for judge in range(8):
        rest = cells.judge != judge
        without = make_cells(
            first=cells.first[rest], second=cells.second[rest], outcome=cells.outcome[rest],
            first_is_left=cells.first_is_left[rest],
        )  # fmt: skip
        jackknife.append(fit_position_effect(without, 3).side_effect)
    expected = np.sqrt(7 / 8 * np.sum((np.array(jackknife) - found.side_effect) ** 2))
    # one step instead of a new fit
    assert found.judge_error == pytest.approx(expected, rel=0.05)
    assert found.judge_error is not None
    assert found.judge_error > 2 * found.model_error
    assert found.judge_degrees == pytest.approx(7, abs=0.5)


def test_what_leaves_the_side_effect_open_is_refused_by_name() -> None:
    always_left = make_sided((0, 1, FIRST, 3), (1, 0, FIRST, 3))
    one_way = make_sided((0, 1, FIRST, 3), (0, 1, SECOND, 2))
    undefeated = make_sided((0, 1, FIRST, 3), (1, 0, SECOND, 3))
    unknown = make_cells(first=[0], second=[1], outcome=[FIRST])

    for cells, reason in (
        (always_left, "winners on the right"),
        (one_way, "cannot be separated"),
        (undefeated, "2 groups"),
        (unknown, "names the sides"),
    ):
        with pytest.raises(NoRankingError, match=reason):
            fit_position_effect(cells, 2)
    with pytest.raises(ValueError, match="no ties rule"):
        fit_position_effect(always_left, 2, ties_rule="davidson")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="beyond"):
        fit_position_effect(always_left, 1)


@pytest.mark.parametrize("share_of_ties", [0.0, 0.3, 0.6])
def test_the_test_of_judgments_keeps_its_level_with_half_ties(share_of_ties: float) -> None:
    """Of 400 boards without a side effect 5 % are expected below .05, and the error is that of the estimates."""
    found = [
        fit_position_effect(make_random_sided(seed, n=150, share_of_ties=share_of_ties), 3)
        for seed in range(400)
    ]
    assert 0.025 < np.mean([one.p < 0.05 for one in found]) < 0.08
    spread = np.std([one.side_effect for one in found])
    assert np.mean([one.model_error for one in found]) == pytest.approx(spread, rel=0.1)


def test_ties_alone_are_no_evidence_of_a_side() -> None:
    found = fit_position_effect(make_sided((0, 1, TIE, 5), (1, 0, TIE, 5)), 2)
    assert (found.side_effect, found.dispersion, found.p) == (0.0, 0.0, 1.0)
