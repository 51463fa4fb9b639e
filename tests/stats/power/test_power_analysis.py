"""A forecast is what the estimators do to judgments whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from hlv.core.stored_results import plain
from hlv.stats.arrays import FloatArray
from hlv.stats.power.forecast import MetricTestPower
from hlv.stats.power.scenario import Scenario, alternatives
from hlv.stats.power.simulate import even_strengths, population_strengths, simulate_judgments
from hlv.stats.power.simulated_campaigns import SimulatedCampaigns, power_analysis
from hlv.stats.resampling.chunks import ChunkedWork, from_bytes, run_in_sequence, to_bytes

PLAN = Scenario(n_methods=5, n_judges=15, n_judgments=1500, n_items=60, tie_share=0.2)


def test_the_same_seed_gives_the_same_forecast_and_more_simulations_keep_the_first() -> None:
    first, again = (power_analysis(PLAN, n_simulations=4, seed=3) for _ in range(2))
    more = power_analysis(PLAN, n_simulations=6, seed=3)
    np.testing.assert_array_equal(first.widths, again.widths)
    np.testing.assert_array_equal(first.widths, more.widths[:4])
    assert not np.array_equal(first.widths, power_analysis(PLAN, n_simulations=4, seed=4).widths)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """The exact coverage over 500 runs of larger layouts is measured by `make coverage`."""
    found = power_analysis(PLAN, n_simulations=100, seed=1)
    shares = found.result().coverage
    assert 0.91 < shares.differences < 0.99
    assert shares.ranks >= 0.95
    assert shares.together >= 0.88


def test_more_judgments_of_the_same_judges_do_not_remove_their_taste() -> None:
    tasteful = replace(PLAN, taste_sd=0.8, item_sd=0.0)
    base, same_judges, more_judges = (
        power_analysis(plan, n_simulations=15, seed=2).result().difference_width.median
        for plan in (
            tasteful,
            replace(tasteful, n_judgments=12_000),
            replace(tasteful, n_judgments=12_000, n_judges=120),
        )
    )
    assert more_judges < 0.5 * base
    assert same_judges > 1.5 * more_judges


def test_a_wider_spread_is_ordered_more_often_and_equal_methods_have_no_order() -> None:
    near, far = (
        power_analysis(replace(PLAN, spread=spread), n_simulations=20, seed=1).result()
        for spread in (0.4, 4.0)
    )
    assert near.true_order.share < far.true_order.share
    assert near.separated_by_places_apart[3].share < far.separated_by_places_apart[3].share
    equal = power_analysis(replace(PLAN, spread=0.0), n_simulations=20, seed=1).result()
    assert [
        getattr(equal, key) for key in ("true_order", "true_best", "pairs_in_true_order", "tau_with_truth")
    ] == [None] * 4
    assert equal.coverage.ranks is None
    json.dumps(plain(equal), allow_nan=False)


def test_of_equal_methods_a_separation_counts_whichever_stands_above() -> None:
    equal = replace(PLAN, n_methods=2, n_judges=6, n_judgments=120, spread=0.0)
    found = power_analysis(equal, n_simulations=150, seed=1)
    false_alarms = found.separated[:, 0, 1]
    np.testing.assert_array_equal(false_alarms, found.separated[:, 1, 0])
    # At .05, and by the intervals: those that do not hold 0.
    assert false_alarms.mean() == pytest.approx(1 - found.covered[:, 0, 1].mean(), abs=1e-12)
    assert 0.0 < false_alarms.mean() < 0.1


def test_metrics_far_apart_are_told_apart_and_the_joint_bootstrap_keeps_its_level() -> None:
    """PERM-BOTH takes the human ranking as known, and so finds differences between metrics that are alike."""
    plan = Scenario(n_methods=8, n_judges=20, n_judgments=3000, n_items=200, better=0.95, worse=0.3)
    tests = power_analysis(plan, n_simulations=40, seed=5).result().metric_comparison.tests
    joint, swapped = tests["joint bootstrap"], tests["PERM-BOTH"]
    assert min(joint.power.share, swapped.power.share) > 0.8
    assert joint.wrong_one.share == swapped.wrong_one.share == 0.0
    assert joint.false_alarms.share <= 0.1
    assert swapped.false_alarms.share > joint.false_alarms.interval[1]


@pytest.mark.parametrize("change", [{"n_methods": 2}, {"spread": 0.0}])
def test_without_methods_that_differ_metrics_are_not_compared(change: dict[str, Any]) -> None:
    assert power_analysis(replace(PLAN, **change), n_simulations=2, seed=1).result().metric_comparison is None


def test_simulations_without_a_ranking_are_counted_and_never_drawn_as_right() -> None:
    sparse = Scenario(n_methods=8, n_judges=2, n_judgments=8, n_items=4)
    found = power_analysis(sparse, n_simulations=10, seed=1)
    assert found.n_without_ranking == 10
    result = found.result()
    assert (result.difference_width, result.coverage.differences) == (None, None)
    assert result.true_order.share == 0.0
    assert {row.needed_undetermined for row in result.separated_by_places_apart} == {
        "No simulation of 10 gave an interval."
    }
    assert "No simulation of 10 gave a ranking." in result.metric_comparison.undetermined
    for test in result.metric_comparison.tests.values():
        assert test == MetricTestPower()
    json.dumps(plain(result), allow_nan=False)


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        ({"n_judges": 1}, "judges differ"),
        ({"n_items": 1}, "texts differ"),
        ({"n_judges": 1, "n_items": 1}, "judges and texts differ"),
    ],
)
def test_intervals_that_leave_people_or_texts_out_are_not_read_as_good(
    change: dict[str, Any], differ: str
) -> None:
    found = power_analysis(replace(PLAN, **change), n_simulations=10, seed=1).result()
    assert f"the intervals leave out how much {differ}" in found.cautions[0]
    assert found.coverage.together < 0.93
    assert "less often than they claim" in found.cautions[1]
    for row in found.separated_by_places_apart:
        assert (row.judgments_needed, row.judges_needed) == (None, None)
        assert f"how much {differ}" in row.needed_undetermined


def test_of_few_simulations_with_an_answer_no_median_is_said() -> None:
    sparse = replace(PLAN, n_judgments=10, n_judges=20, tie_share=0.0)
    found = power_analysis(sparse, n_simulations=50, seed=1)
    result = found.result()
    assert 0 < 50 - result.n_without_ranking - result.n_without_interval < 25
    assert all("fewer than half" in row.needed_undetermined for row in result.separated_by_places_apart)
    assert all(row.judgments_needed is None for row in result.separated_by_places_apart)
    assert any("Whether metrics would be told apart is undetermined" in said for said in result.cautions)


def test_false_alarms_are_those_of_simulations_with_a_ranking() -> None:
    found = power_analysis(
        replace(PLAN, n_judgments=24, n_judges=20, tie_share=0.0), n_simulations=30, seed=1
    )
    compared = found.result().metric_comparison
    n_rankings = compared.n_rankings
    assert 15 <= n_rankings < 30
    alarms = found.twin_differs[:, 0]
    assert compared.tests["PERM-BOTH"].false_alarms.share == pytest.approx(sum(alarms) / n_rankings)
    assert any(f"{n_rankings} of 30 with a ranking" in said for said in found.result().cautions)


def test_of_equal_methods_no_number_is_enough_and_that_is_an_answer() -> None:
    result = power_analysis(replace(PLAN, spread=0.0), n_simulations=4, seed=1).result()
    for row in result.separated_by_places_apart:
        assert (row.judgments_needed, row.needed_undetermined) == (None, None)


@pytest.mark.parametrize(
    ("n_simulations", "sentence"),
    [
        (1, "There is one simulation"),
        (20, "There are only 20 simulations: a share near a half is known within 23"),
    ],
)
def test_few_simulations_say_how_little_they_tell(n_simulations: int, sentence: str) -> None:
    plan = replace(PLAN, n_methods=2, n_judgments=200)
    found = power_analysis(plan, n_simulations=n_simulations, seed=1).result()
    assert sentence in found.cautions[-1]


def test_a_forecast_of_enough_judges_and_simulations_needs_no_caution() -> None:
    plan = replace(PLAN, n_methods=2, n_judges=20, n_judgments=300, evenness=float("inf"))
    found = power_analysis(plan, n_simulations=50, seed=1).result()
    assert found.cautions == []
    json.dumps(plain(found), allow_nan=False)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_methods": 1}, "the number of methods must be 2 or more, not 1"),
        ({"n_judges": 0}, "the number of judges must be 1 or more"),
        ({"n_judgments": 0}, "the number of judgments must be 1 or more"),
        ({"n_items": 0}, "the number of texts must be 1 or more"),
        ({"spread": -1.0}, "the distance from the best method to the worst must be finite"),
        ({"taste_sd": float("nan")}, "how judges differ must be finite"),
        ({"item_sd": -0.1}, "how texts differ must be finite"),
        ({"tie_share": 1.0}, "the share of ties must be 0 or more"),
        ({"evenness": 0.0}, "the evenness of the judges' activity must be more than 0"),
        ({"better": 0.5, "worse": 0.5}, "less than the better one's"),
    ],
)
def test_an_impossible_plan_is_refused_by_name(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(PLAN, **change).checked()


def test_no_simulations_are_refused() -> None:
    with pytest.raises(ValueError, match="n_simulations must be 1"):
        power_analysis(PLAN, n_simulations=0, seed=1)


def test_simulations_are_the_same_elsewhere_in_any_order() -> None:
    def from_behind(work: ChunkedWork) -> FloatArray:
        elsewhere = SimulatedCampaigns.unpacked(from_bytes(to_bytes(work.packed())))
        rows = {chunk: elsewhere.compute(chunk, chunk + 1) for chunk in reversed(range(work.n_chunks))}
        return np.concatenate([rows[chunk] for chunk in range(work.n_chunks)])

    alone, shared = (
        power_analysis(PLAN, n_simulations=3, seed=1, run=run) for run in (run_in_sequence, from_behind)
    )
    assert alone.result() == shared.result()


def test_progress_reaches_the_end() -> None:
    told: list[tuple[int, int]] = []
    run = partial(run_in_sequence, progress=lambda done, total: told.append((done, total)))
    power_analysis(PLAN, n_simulations=3, seed=1, run=run)
    assert told[-1] == (3, 3)


def test_alternatives_spend_the_same_work_on_judgments_or_on_judges() -> None:
    plans = dict(alternatives(PLAN))
    assert [(plan.n_judges, plan.n_judgments) for plan in plans.values()] == [
        (15, 1500),
        (15, 3000),
        (30, 3000),
        (15, 6000),
        (60, 6000),
    ]


def test_the_strengths_of_a_population_are_those_of_very_many_judges() -> None:
    strengths = even_strengths(3, spread=2.0)
    expected = population_strengths(strengths, tie_share=0.2, taste_sd=0.8, item_sd=0.3)
    drawn = simulate_judgments(
        strengths,
        n_judgments=600_000,
        n_judges=200_000,
        n_items=100_000,
        rng=np.random.default_rng(1),
        tie_share=0.2,
        taste_sd=0.8,
        item_sd=0.3,
    )
    wins = np.zeros((3, 3))
    decided = drawn.outcome != 2
    winner = np.where(drawn.outcome == 0, drawn.first, drawn.second)
    loser = np.where(drawn.outcome == 0, drawn.second, drawn.first)
    np.add.at(wins, (winner[decided], loser[decided]), 1.0)
    np.add.at(wins, (winner[~decided], loser[~decided]), 0.5)
    np.add.at(wins, (loser[~decided], winner[~decided]), 0.5)
    # against Zermelo's own iteration, written out here
    worth = np.ones(3)
    for _ in range(2000):
        games = wins + wins.T
        worth = wins.sum(axis=1) / (games / (worth[:, None] + worth[None, :])).sum(axis=1)
        worth /= worth.sum()
    found = np.log(worth) - np.log(worth).mean()
    np.testing.assert_allclose(expected, found, atol=0.02)
    assert expected[0] < strengths[0] * 0.95


def test_without_tastes_the_population_keeps_the_strengths() -> None:
    strengths = even_strengths(6, spread=3.0)
    np.testing.assert_allclose(population_strengths(strengths), strengths, atol=1e-8)


def test_simulations_in_which_one_judge_gave_everything_say_nothing_of_what_is_needed() -> None:
    """Few judges, unequally active: often one of them gives all judgments."""
    found = power_analysis(replace(PLAN, n_judges=3, n_judgments=300, evenness=0.1), n_simulations=30, seed=1)
    result = found.result()
    assert 0 < result.n_leaving_out < 30
    assert f"In {result.n_leaving_out} of 30 simulations one judge gave all" in result.cautions[0]
    assert np.isnan(found.times).all(axis=(1, 2)).sum() >= result.n_leaving_out + result.n_without_interval
    assert all("fewer than half" in row.needed_undetermined for row in result.separated_by_places_apart)
