from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t as student

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.pairwise.analytic_intervals import AnalyticIntervals, analytic_intervals
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry
from hlv.stats.pairwise.cluster_variance import UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import Cells, make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import TIES_RULES, TiesRule
from hlv.stats.pairwise.pair_likelihoods import PairTable, pair_table
from hlv.stats.pairwise.ranking import rank_methods
from tests.stats.boards import make_random_cells, read_llmfao


def intervals(
    cells: Cells, *, n_methods: int, unit: ResamplingUnit, ties_rule: TiesRule = "half"
) -> AnalyticIntervals:
    fit, pairs = fitted(cells, n_methods, ties_rule=ties_rule)
    return analytic_intervals(cells, fit, pairs, unit=unit)


def fitted(
    cells: Cells, n_methods: int, *, ties_rule: TiesRule = "half"
) -> tuple[BradleyTerryFit, PairTable]:
    wins, ties = pair_counts(cells, n_methods)
    return fit_bradley_terry(wins, ties, ties_rule=ties_rule), pair_table(wins, ties)


def two_method_cells() -> Cells:
    """Three judges: 3-1, 2-2, 1-3 with 4, 8 and 4 judgments."""
    return make_cells(
        first=[0] * 6,
        second=[1] * 6,
        outcome=[0, 1, 0, 1, 0, 1],
        count=[3, 1, 6, 2, 1, 3],
        judge=[0, 0, 1, 1, 2, 2],
        item=[0, 1, 2, 3, 4, 5],
    )


def test_two_methods_and_three_judges_by_hand() -> None:
    found = intervals(two_method_cells(), n_methods=2, unit="judges")

    p = 10 / 16
    bend = p * (1 - p)
    scores = np.array([3 - 4 * p, 6 - 8 * p, 1 - 4 * p])
    steps = scores / (bend * (16 - np.array([4, 8, 4])))
    error = np.sqrt(2 / 3 * (steps**2).sum())
    effective = 1 / ((np.array([4, 8, 4]) / 16) ** 2).sum()
    assert found.difference_error[0, 1] == pytest.approx(error, abs=1e-12)
    assert found.difference_degrees[0, 1] == pytest.approx(effective - 1, abs=1e-12)
    # the strength is half the difference
    np.testing.assert_allclose(found.standard_error, error / 2, atol=1e-12)
    low, high = found.bounds()
    np.testing.assert_allclose(
        high - found.strengths, error / 2 * student.ppf(0.975, effective - 1), atol=1e-10
    )
    np.testing.assert_allclose(found.strengths - low, high - found.strengths, atol=1e-12)


def _by_hand(cells: Cells, cluster: IntArray, *, n_methods: int) -> tuple[FloatArray, FloatArray]:
    """CR3 covariance and shares of the information with half ties, by loops and a pseudoinverse."""
    strengths = fitted(cells, n_methods)[0].strengths
    names = np.unique(cluster)
    tables = np.zeros((len(names), n_methods, n_methods))
    scores = np.zeros((len(names), n_methods))
    for row in range(len(cells)):
        i, j, count = cells.first[row], cells.second[row], cells.count[row]
        k = int(np.searchsorted(names, cluster[row]))
        p = 1 / (1 + np.exp(strengths[j] - strengths[i]))
        a = np.zeros(n_methods)
        a[i], a[j] = 1, -1
        scores[k] += count * ({0: 1.0, 1: 0.0, 2: 0.5}[int(cells.outcome[row])] - p) * a
        tables[k] += count * p * (1 - p) * np.outer(a, a)
    whole = tables.sum(axis=0)
    steps = np.array(
        [np.linalg.pinv(whole - table) @ score for table, score in zip(tables, scores, strict=True)]
    )
    inverse = np.linalg.pinv(whole)
    shares = np.zeros((len(names), n_methods))
    for k, table in enumerate(tables):
        for i in range(n_methods):
            c = np.eye(n_methods)[i] - 1 / n_methods
            shares[k, i] = c @ inverse @ table @ inverse @ c / (c @ inverse @ c)
    return (len(names) - 1) / len(names) * steps.T @ steps, shares


@pytest.mark.parametrize("unit", ["judges", "items"])
def test_one_way_errors_agree_with_loops(unit: ResamplingUnit) -> None:
    cells = make_random_cells(1, n_judgments=300)
    covariance, shares = _by_hand(cells, cells.judge if unit == "judges" else cells.item, n_methods=5)

    found = intervals(cells, n_methods=5, unit=unit)

    diagonal = np.diagonal(covariance)
    np.testing.assert_allclose(found.standard_error, np.sqrt(diagonal), rtol=1e-9)
    differences = np.sqrt(diagonal[:, None] + diagonal[None, :] - 2 * covariance)
    off = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose(found.difference_error[off], differences[off], rtol=1e-9)
    np.testing.assert_allclose(found.degrees_of_freedom, 1 / (shares**2).sum(axis=0) - 1, rtol=1e-9)


def test_two_ways_take_the_widest_interval_of_each_contrast() -> None:
    cells = make_random_cells(2, n_judgments=300, n_judges=4)
    by_judge, of_judges = _by_hand(cells, cells.judge, n_methods=5)
    by_item, of_items = _by_hand(cells, cells.item, n_methods=5)
    by_cell, _ = _by_hand(cells, cells.judge * 100 + cells.item, n_methods=5)
    judges, items = (1 / (shares**2).sum(axis=0) - 1 for shares in (of_judges, of_items))

    found = intervals(cells, n_methods=5, unit="both")

    widths = [
        np.sqrt(np.maximum(np.diagonal(variance), 0)) * student.ppf(0.975, degrees)
        for variance, degrees in (
            (by_judge, judges),
            (by_item, items),
            (by_judge + by_item - by_cell, np.minimum(judges, items)),
        )
    ]
    low, high = found.bounds()
    np.testing.assert_allclose((high - low) / 2, np.max(widths, axis=0), rtol=1e-9)
    np.testing.assert_allclose(
        found.standard_error * student.ppf(0.975, found.degrees_of_freedom), (high - low) / 2, rtol=1e-9
    )
    assert "two-way" in found.method


def test_bare_judgments_are_clusters_of_one_however_they_are_counted() -> None:
    cells = make_random_cells(3, n_judgments=300)
    covariance, shares = _by_hand(cells, np.arange(len(cells)), n_methods=5)
    grouped, count = np.unique(
        np.stack([cells.first, cells.second, cells.outcome]), axis=1, return_counts=True
    )
    counted = make_cells(first=grouped[0], second=grouped[1], outcome=grouped[2], count=count)

    found = intervals(counted, n_methods=5, unit="judgments")

    np.testing.assert_allclose(found.standard_error, np.sqrt(np.diagonal(covariance)), rtol=1e-9)
    np.testing.assert_allclose(found.degrees_of_freedom, 1 / (shares**2).sum(axis=0) - 1, rtol=1e-9)


@pytest.mark.parametrize("ties_rule", TIES_RULES)
def test_errors_approximate_the_jackknife_that_fits_again_without_each_judge(ties_rule: TiesRule) -> None:
    cells = make_random_cells(4, n_judgments=4000, n_judges=25)
    fit, _ = fitted(cells, 5, ties_rule=ties_rule)
    steps = []
    for judge in range(25):
        rest = cells.judge != judge
        part = make_cells(first=cells.first[rest], second=cells.second[rest], outcome=cells.outcome[rest])
        steps.append(fitted(part, 5, ties_rule=ties_rule)[0].strengths - fit.strengths)
    jackknife = np.sqrt(24 / 25 * (np.array(steps) ** 2).sum(axis=0))

    found = intervals(cells, n_methods=5, unit="judges", ties_rule=ties_rule)

    np.testing.assert_allclose(found.standard_error, jackknife, rtol=0.01)


def test_intervals_of_judges_with_tastes_cover_the_truth_about_as_often_as_they_say() -> None:
    generator = np.random.default_rng(7)
    truth = np.array([0.6, 0.2, -0.2, -0.6])
    n_covered = n_seen = 0
    for _ in range(150):
        taste = truth + generator.normal(scale=0.5, size=(12, 4))
        judge = np.repeat(np.arange(12), 60)
        first = generator.integers(4, size=720)
        second = (first + generator.integers(1, 4, size=720)) % 4
        chance = 1 / (1 + np.exp(taste[judge, second] - taste[judge, first]))
        outcome = np.where(generator.random(720) < chance, 0, 1)
        cells = make_cells(first=first, second=second, outcome=outcome, judge=judge)
        found = intervals(cells, n_methods=4, unit="judges")
        low, high = found.bounds()
        # averaging over tastes shrinks the marginal log odds by about this much
        marginal = truth * 0.94
        n_covered += int(((low <= marginal) & (marginal <= high)).sum())
        n_seen += 4

    assert 0.92 <= n_covered / n_seen <= 0.985


def test_simultaneous_intervals_are_wider_than_each_alone() -> None:
    found = intervals(make_random_cells(5), n_methods=5, unit="judges")

    off = ~np.eye(5, dtype=bool)
    alone = found.difference_error * student.ppf(0.975, found.difference_degrees)
    together = found.simultaneous_half_widths()
    assert (together[off] > alone[off]).all()
    # Bonferroni over ten differences
    expected = found.difference_error * student.ppf(1 - 0.0025, found.difference_degrees)
    np.testing.assert_allclose(together[off], expected[off], rtol=1e-9)


def test_p_values_are_those_of_the_t_test() -> None:
    found = intervals(make_random_cells(6), n_methods=5, unit="judges")

    p = found.p_values()

    ratio = abs(found.strengths[0] - found.strengths[3]) / found.difference_error[0, 3]
    assert p[0, 3] == pytest.approx(2 * student.sf(ratio, found.difference_degrees[0, 3]))
    np.testing.assert_allclose(p, p.T, rtol=1e-9)
    assert np.isnan(np.diagonal(p)).all()


def test_a_judge_who_alone_joins_the_board_leaves_it_undetermined() -> None:
    cells = make_cells(
        first=[0, 0, 0, 0, 1, 1],
        second=[1, 1, 1, 1, 2, 2],
        outcome=[0, 1, 0, 1, 0, 1],
        judge=[0, 0, 1, 1, 1, 1],
    )

    with pytest.raises(UndeterminedIntervalError, match="Without one judge"):
        intervals(cells, n_methods=3, unit="judges")


def test_a_prior_is_nobody_and_adds_no_degrees_of_freedom() -> None:
    cells = make_random_cells(8, n_judgments=300, n_judges=6)
    wins, ties = pair_counts(cells, 5)
    bare, strong = (
        analytic_intervals(
            cells, fit_bradley_terry(wins, ties, ridge=ridge), pair_table(wins, ties), unit="judges"
        )
        for ridge in (1e-9, 30.0)
    )
    difference_errors = ~np.eye(5, dtype=bool)
    assert (strong.difference_degrees[difference_errors] <= 5 + 1e-9).all()
    np.testing.assert_allclose(
        strong.difference_degrees[difference_errors], bare.difference_degrees[difference_errors], rtol=0.1
    )


def test_where_only_a_prior_joins_methods_no_error_is_made() -> None:
    difference_errors = make_cells(
        first=[0, 0, 2, 2] * 5,
        second=[1, 1, 3, 3] * 5,
        outcome=[0, 1, 0, 0] * 5,
        judge=np.repeat(np.arange(5), 4).tolist(),
    )
    wins, ties = pair_counts(difference_errors, 4)
    fit = fit_bradley_terry(wins, ties, ridge=1.0)
    with pytest.raises(UndeterminedIntervalError, match="were never compared"):
        analytic_intervals(difference_errors, fit, pair_table(wins, ties), unit="judges")
    found = rank_methods(difference_errors, list("abcd"), ridge=1.0, n_resamples=50, seed=1)
    assert found.separation is None
    assert any("were never compared" in note for note in found.notes)


def test_a_judge_whose_verdicts_are_all_dropped_is_no_judge() -> None:
    cells = make_random_cells(8, n_judgments=200, n_judges=5)
    besides = make_cells(
        first=[*cells.first, 0, 1, 2],
        second=[*cells.second, 1, 2, 3],
        outcome=[*cells.outcome, 2, 2, 2],
        judge=[*cells.judge, 99, 99, 99],
    )
    with_her, without = (
        intervals(one, n_methods=5, unit="judges", ties_rule="drop") for one in (besides, cells)
    )
    np.testing.assert_allclose(with_her.difference_error, without.difference_error, rtol=1e-12)


def test_ties_that_are_dropped_join_nothing() -> None:
    cells = make_cells(
        first=[0, 0, 0, 0, 1, 1, 1, 1],
        second=[1, 1, 1, 1, 2, 2, 2, 2],
        outcome=[0, 1, 0, 1, 0, 1, 2, 2],
        count=[2, 1, 1, 1, 2, 1, 1, 1],
        judge=[0, 0, 1, 1, 0, 0, 1, 1],
    )

    with pytest.raises(UndeterminedIntervalError, match="Without one judge"):
        intervals(cells, n_methods=3, unit="judges", ties_rule="drop")
    assert np.isfinite(intervals(cells, n_methods=3, unit="judges").standard_error).all()


def test_one_judge_alone_says_nothing_about_judges() -> None:
    cells = make_cells(first=[0, 0], second=[1, 1], outcome=[0, 1], judge=[3, 3])

    with pytest.raises(UndeterminedIntervalError, match="only one judge"):
        intervals(cells, n_methods=2, unit="judges")


def test_a_judge_who_made_nearly_every_judgment_is_not_several() -> None:
    cells = make_cells(
        first=[0] * 4, second=[1] * 4, outcome=[0, 1, 0, 1], count=[500, 500, 2, 1], judge=[0, 0, 1, 1]
    )

    with pytest.raises(UndeterminedIntervalError, match=r"effectively 1\.0"):
        intervals(cells, n_methods=2, unit="judges")


def test_a_tie_model_that_rests_on_one_judge_is_undetermined() -> None:
    # without judge 1 the Rao-Kupper board is a chain of wins, and its threshold is free
    cells = make_cells(
        first=[0, 1, 2, 0, 0, 1],
        second=[1, 2, 0, 1, 2, 2],
        outcome=[0, 0, 0, 2, 2, 2],
        judge=[0, 0, 1, 1, 1, 1],
    )

    with pytest.raises(UndeterminedIntervalError, match=r"[Ww]ithout one judge"):
        intervals(cells, n_methods=3, unit="judges", ties_rule="rao-kupper")


@pytest.mark.parametrize("ties_rule", TIES_RULES)
def test_errors_do_not_depend_on_the_order_of_methods(ties_rule: TiesRule) -> None:
    cells = make_random_cells(8)
    order = np.array([3, 0, 4, 1, 2])
    renamed = make_cells(
        first=order[cells.first],
        second=order[cells.second],
        outcome=cells.outcome,
        judge=cells.judge,
        item=cells.item,
    )

    one = intervals(cells, n_methods=5, unit="both", ties_rule=ties_rule)
    other = intervals(renamed, n_methods=5, unit="both", ties_rule=ties_rule)

    np.testing.assert_allclose(other.standard_error[order], one.standard_error, rtol=1e-8)


@pytest.mark.parametrize("unit", ["both", "judges", "items", "judgments"])
def test_llmfao_has_analytic_intervals(shared_data: Path, unit: ResamplingUnit) -> None:
    cells, names = read_llmfao(shared_data, "crowd")

    found = intervals(cells, n_methods=len(names), unit=unit)

    assert np.isfinite(found.standard_error).all()
    assert (found.degrees_of_freedom > 1).all()


def test_judges_who_agree_exactly_give_no_interval_of_no_width() -> None:
    cells = make_cells(
        first=[0, 0, 0, 0], second=[1] * 4, outcome=[0, 1, 0, 1], count=[2, 1, 2, 1], judge=[0, 0, 1, 1]
    )
    content = rank_methods(cells, ["x", "y"], seed=1, n_resamples=50).summary()
    assert content.undetermined is None
    assert [method.interval for method in content.methods] == [None, None]
    assert any("agree exactly" in note for note in content.notes)


@pytest.mark.parametrize("unit", ["judges", "items", "both"])
def test_a_cell_that_stands_for_no_judgment_is_nobody(unit: ResamplingUnit) -> None:
    cells = make_random_cells(3, n_judgments=300)
    more = make_cells(
        **{
            name: np.append(getattr(cells, name), added)
            for name, added in (("first", 0), ("second", 1), ("outcome", 0), ("count", 0), ("judge", 99))
        },
        item=np.append(cells.item, 99),
        first_is_left=np.append(cells.first_is_left, 1),
    )

    one, other = (intervals(some, n_methods=5, unit=unit) for some in (cells, more))

    np.testing.assert_allclose(other.standard_error, one.standard_error)
    np.testing.assert_allclose(other.degrees_of_freedom, one.degrees_of_freedom)
