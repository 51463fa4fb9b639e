"""What a power analysis stores, and its cautions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hlv.core.stored_results import plain
from hlv.stats.power.forecast import StoredScenario, ignored_variation
from hlv.stats.power.simulated_campaigns import power_analysis
from tests.stats.power.scenarios import PLAN


@pytest.mark.parametrize(
    ("change", "who"),
    [
        ({"n_judges": 1}, "judges"),
        ({"n_items": 1}, "texts"),
        ({"n_judges": 1, "n_items": 1}, "judges and texts"),
    ],
)
def test_intervals_that_leave_people_or_texts_out_are_not_read_as_good(
    change: dict[str, Any], who: str
) -> None:
    found = power_analysis(replace(PLAN, **change), n_simulations=10, seed=1).result()
    assert f"the intervals ignore differences between {who}" in found.cautions[0]
    assert found.coverage.together < 0.93
    assert "contained the truth in only" in found.cautions[1]
    for row in found.separated_by_places_apart:
        assert (row.judgments_needed, row.judges_needed) == (None, None)
        assert f"differences between {who}" in row.needed_undetermined


def test_of_few_simulations_with_an_answer_no_median_is_said() -> None:
    sparse = replace(PLAN, n_judgments=10, n_judges=20, tie_share=0.0)
    found = power_analysis(sparse, n_simulations=50, seed=1)
    result = found.result()
    assert 0 < 50 - result.n_without_ranking - result.n_without_interval < 25
    assert all("fewer than half" in row.needed_undetermined for row in result.separated_by_places_apart)
    assert all(row.judgments_needed is None for row in result.separated_by_places_apart)
    assert any("The power to separate metrics is not determined" in said for said in result.cautions)


def test_of_equal_methods_no_number_is_enough_and_that_is_an_answer() -> None:
    result = power_analysis(replace(PLAN, spread=0.0), n_simulations=4, seed=1).result()
    for row in result.separated_by_places_apart:
        assert (row.judgments_needed, row.needed_undetermined) == (None, None)


@pytest.mark.parametrize(
    ("n_simulations", "sentence"),
    [
        (1, "There is only one simulation"),
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


def test_only_a_campaign_with_one_judge_or_text_ignores_variation() -> None:
    one_judge = StoredScenario(n_methods=3, n_judges=1, n_judgments=10)
    one_text = StoredScenario(n_methods=3, n_judges=2, n_judgments=10, n_items=1)
    assert "between judges" in str(ignored_variation(one_judge))
    assert "between texts" in str(ignored_variation(one_text))
    assert ignored_variation(StoredScenario(n_methods=3, n_judges=2, n_judgments=10)) is None
