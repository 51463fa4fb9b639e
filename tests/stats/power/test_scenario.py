"""Scenarios: impossible numbers, and what more work could be spent on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hlv.stats.power.scenario import alternatives
from tests.stats.power.scenarios import PLAN


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


def test_alternatives_spend_the_same_work_on_judgments_or_on_judges() -> None:
    plans = dict(alternatives(PLAN))
    assert [(plan.n_judges, plan.n_judgments) for plan in plans.values()] == [
        (15, 1500),
        (15, 3000),
        (30, 3000),
        (15, 6000),
        (60, 6000),
    ]
