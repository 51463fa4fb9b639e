"""A forecast is what the estimators do to judgments whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from hlv.core.stored_results import plain
from hlv.stats.arrays import FloatArray
from hlv.stats.power.forecast import MetricTestPower
from hlv.stats.power.scenario import Scenario
from hlv.stats.power.simulate import even_strengths, population_strengths, simulate_judgments
from hlv.stats.power.simulated_campaigns import SimulatedCampaigns, power_analysis
from hlv.stats.resampling.chunks import ChunkedWork, from_bytes, run_in_sequence, to_bytes
from tests.stats.power.scenarios import PLAN


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
    assert (
        f"In {result.n_leaving_out} of 30 simulations all judgments are from one judge" in result.cautions[0]
    )
    assert np.isnan(found.times).all(axis=(1, 2)).sum() >= result.n_leaving_out + result.n_without_interval
    assert all("fewer than half" in row.needed_undetermined for row in result.separated_by_places_apart)


def test_no_chunk_is_a_table_without_rows() -> None:
    work = SimulatedCampaigns(PLAN, n_simulations=2, seed=1)
    assert work.compute(0, 0).shape == (0, work.compute(0, 1).shape[1])
