"""Power analysis as a table."""

from __future__ import annotations

import pytest

from hlv.stats import campaign_power
from hlv.stats.power import ImpossibleScenarioError, Scenario, power_analysis


def test_it_is_the_power_analysis_of_the_same_campaign() -> None:
    found = campaign_power(
        n_methods=4, n_judges=8, n_judgments=200, n_simulations=10, seed=3, with_alternatives=False
    )
    direct = power_analysis(
        Scenario(n_methods=4, n_judges=8, n_judgments=200), n_simulations=10, seed=3
    ).result()
    assert found.forecasts == {"as planned": direct}


def test_alternatives_are_rows_of_the_table() -> None:
    table = campaign_power(n_methods=3, n_judges=6, n_judgments=90, n_simulations=4).columns()
    assert table["n_judgments"] == [90, 180, 180, 360, 360]
    assert table["n_judges"] == [6, 6, 12, 6, 24]


def test_an_impossible_campaign_is_refused() -> None:
    with pytest.raises(ImpossibleScenarioError, match="number of methods must be 2 or more, not 1"):
        campaign_power(n_methods=1, n_judges=6, n_judgments=90)
