"""Where judges and items are both random, the interval of a contrast is the widest of three."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.pairwise.analytic_intervals import AnalyticIntervals, StandardErrors, analytic_intervals
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.cluster_variance import UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import Cells, make_cells, pair_counts
from hlv.stats.pairwise.multiple_comparisons import compare_all_pairs
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.pairwise.sample_size import widest_multiple
from hlv.stats.power.simulate import simulate_judgments
from tests.stats.boards import make_random_cells

# Of each item, which of three judges preferred the first of two methods; every judge saw every item once, and 18 of
# the 24 judgments are for the first. So the difference is log 3, a judgment has the information 3/4 * 1/4 = 3/16, a
# step without a judge is (wins - 6) / (3/16 * 16), without an item (wins - 9/4) / (3/16 * 21), and the 24 cells give
# V_cell = 23/24 (18 (1/4)^2 + 6 (3/4)^2) / (3/16 * 23)^2 = 16/69.
# Judges win 7, 6, 5: V_judge = 2/3 (1^2 + 1^2) / 3^2 = 4/27, with 2 degrees of freedom.
ITEMS_VARY_LITTLE = ["012", "012", "012", "01", "01", "02", "12", "0"]
# Judges win 7, 6, 5 here, too.
ITEMS_VARY_MUCH = ["012", "012", "012", "012", "012", "01", "0", ""]
# Judges win 6 each.
JUDGES_AGREE = ["012", "012", "012", "01", "01", "12", "02", "2"]


def judged(wins: list[str], *, turned: bool = False) -> Cells:
    """Two methods; turned, those who judged and what was judged change places."""
    seats = [(judge, item) for item in range(len(wins)) for judge in range(3)]
    judge, item = np.array(seats).T
    return make_cells(
        first=[0] * len(seats),
        second=[1] * len(seats),
        outcome=[0 if str(judge) in wins[item] else 1 for judge, item in seats],
        judge=item if turned else judge,
        item=judge if turned else item,
    )


def intervals(cells: Cells, *, unit: ResamplingUnit = "both", n_methods: int = 2) -> AnalyticIntervals:
    wins, ties = pair_counts(cells, n_methods)
    return analytic_intervals(cells, fit_bradley_terry(wins, ties), pair_table(wins, ties), unit=unit)


@pytest.mark.parametrize("turned", [False, True])
def test_few_judges_are_wider_than_many_items_of_a_larger_variance(turned: bool) -> None:
    found = intervals(judged(ITEMS_VARY_LITTLE, turned=turned))

    # items win 3, 3, 3, 2, 2, 2, 2, 1: V_item = 7/8 * 3.5 / (63/16)^2 = 16/81 > 4/27, with 7 degrees of freedom, so
    # 4/9 * 2.364624 = 1.050944; by judge sqrt(4/27) * 4.302653 = 1.656092; the sum .113795 has 1.451
    assert found.difference_error[0, 1] == pytest.approx(0.384900, abs=1e-6)
    assert found.difference_degrees[0, 1] == pytest.approx(2.0, abs=1e-9)
    assert found.simultaneous_half_widths()[0, 1] == pytest.approx(1.656092, abs=1e-6)
    low, high = found.bounds()
    # log 3 / 2 plus and minus half of it
    assert [low[0], high[0]] == pytest.approx([-0.278740, 1.377352], abs=1e-6)
    assert found.degrees_of_freedom == pytest.approx([2.0, 2.0], abs=1e-9)
    # by judge t = 1.098612 / .384900 = 2.854277, p = 1 - t / sqrt(t^2 + 2); by item t = 2.471878 and p = .0427
    assert found.p_values()[0, 1] == pytest.approx(0.103955, abs=1e-6)
    # as wide as by judge, so as many times the judges: 1.656 is too wide for log 3 by far
    by_judge = intervals(judged(ITEMS_VARY_LITTLE, turned=turned), unit="items" if turned else "judges")
    assert needed(found) == pytest.approx(needed(by_judge))


def needed(found: AnalyticIntervals) -> float:
    difference = found.strengths[0] - found.strengths[1]
    return float(widest_multiple(difference, found.difference_errors.of(0, 1), n_methods=2))


@pytest.mark.parametrize("turned", [False, True])
def test_the_sum_of_both_has_the_degrees_of_freedom_of_the_fewer(turned: bool) -> None:
    found = intervals(judged(ITEMS_VARY_MUCH, turned=turned))

    # items win 3 (five times), 2, 1, 0: V_item = 7/8 * 9.5 / (63/16)^2 = 304/567, so .732226 * 2.364624 = 1.731442;
    # V_judge + V_item - V_cell = 4/27 + 304/567 - 16/69 = .452419, so .672621 * 4.302653 = 2.894057
    assert found.difference_error[0, 1] == pytest.approx(0.672621, abs=1e-6)
    assert found.difference_degrees[0, 1] == pytest.approx(2.0, abs=1e-9)
    assert found.simultaneous_half_widths()[0, 1] == pytest.approx(2.894057, abs=1e-5)
    # t = 1.098612 / .672621 = 1.633329, p = 1 - t / sqrt(t^2 + 2)
    assert found.p_values()[0, 1] == pytest.approx(0.244004, abs=1e-6)


def test_a_way_without_a_variance_decides_nothing() -> None:
    found = intervals(judged(JUDGES_AGREE))

    # items win as where they vary little; V_judge = 0, and 16/81 - 16/69 is below 0
    assert found.difference_error[0, 1] == pytest.approx(4 / 9, abs=1e-9)
    assert found.difference_degrees[0, 1] == pytest.approx(7.0, abs=1e-9)
    assert found.p_values()[0, 1] == pytest.approx(0.042715, abs=1e-6)
    assert np.isfinite(needed(found))


def test_no_variance_at_all_is_no_evidence() -> None:
    errors = StandardErrors(
        errors=np.array([[0.0, 0.0], [0.0, 2.0]]), degrees=np.array([[5.0, 5.0], [5.0, 1e9]])
    )
    # 2 sf(1) of the normal
    assert errors.p_values(np.array([2.0, 2.0])) == pytest.approx([1.0, 0.317311], abs=1e-6)


def test_a_ranking_warns_of_the_few_judges_that_it_rests_on() -> None:
    ranking = rank_methods(judged(ITEMS_VARY_LITTLE), ["x", "y"], n_resamples=0, seed=1)

    assert any("fewer than 4 judges or items" in note and "x (3.0)" in note for note in ranking.notes)
    assert ranking.separation is not None
    assert not ranking.separation.above.any()
    (row,) = ranking.differences
    assert row.interval == pytest.approx([-0.557480, 2.754705], abs=1e-6)
    assert row.still_needed is not None
    assert row.still_needed.judgments > 0


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    n_judges=st.integers(3, 12),
    tail=st.sampled_from([0.4, 0.16, 0.025, 0.0025, 0.00001]),
)
def test_two_ways_are_never_narrower_than_one(seed: int, n_judges: int, tail: float) -> None:
    cells = make_random_cells(seed, n_judgments=300, n_judges=n_judges)
    both = intervals(cells, n_methods=5)
    difference_errors = ~np.eye(5, dtype=bool)
    units: tuple[ResamplingUnit, ...] = ("judges", "items")
    for alone in (intervals(cells, n_methods=5, unit=unit) for unit in units):
        assert (both.own.half_widths(tail) >= alone.own.half_widths(tail)).all()
        assert (
            both.difference_errors.half_widths(tail)[difference_errors]
            >= alone.difference_errors.half_widths(tail)[difference_errors]
        ).all()
        assert (both.p_values()[difference_errors] >= alone.p_values()[difference_errors]).all()
        assert needed(both) >= needed(alone)
    # a test and the interval of its level say the same
    distance = np.abs(both.strengths[:, None] - both.strengths)
    separated = both.p_values() < 2 * tail
    np.testing.assert_array_equal(
        separated[difference_errors], (distance > both.difference_errors.half_widths(tail))[difference_errors]
    )


@pytest.mark.parametrize("turned", [False, True])
def test_who_made_nearly_every_judgment_leaves_it_undetermined_however_much_items_vary(turned: bool) -> None:
    # These two judges agree exactly and contradict each other on items, so by item the variance is the largest and
    # the only one. But the second gave only 2 of 22 judgments: 1 / ((20/22)^2 + (2/22)^2) = 1.2 judges.
    judge = np.repeat([0, 1], [20, 2])
    item = np.array([*range(20), 0, 1])
    outcome = np.array([0, 1] * 10 + [1, 0])
    cells = make_cells(
        first=[0] * 22,
        second=[1] * 22,
        outcome=outcome,
        judge=item if turned else judge,
        item=judge if turned else item,
    )

    with pytest.raises(UndeterminedIntervalError, match=r"effectively 1\.2"):
        intervals(cells)


def test_equal_methods_before_three_judges_are_seldom_called_separated() -> None:
    n_separated = 0
    for seed in range(60):
        drawn = simulate_judgments(
            np.zeros(6),
            n_judgments=1500,
            n_judges=3,
            n_items=60,
            rng=np.random.default_rng(seed),
            tie_share=0.15,
            taste_sd=0.3,
            item_sd=0.4,
        )
        cells = make_cells(
            first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge, item=drawn.item
        )
        found = intervals(cells, n_methods=6)
        n_separated += bool(compare_all_pairs(found.strengths, found.p_values()).above.any())

    # With the degrees of freedom of the larger variance, as before, 13 are.
    assert n_separated <= 3
