"""Power analysis of a judging campaign as a table."""

from __future__ import annotations

from dataclasses import dataclass

from hlv.stats.display import Columns, Shown
from hlv.stats.frames.progress_bar import runner
from hlv.stats.power.forecast import ForecastResult, Share
from hlv.stats.power.scenario import Scenario, alternatives
from hlv.stats.power.simulated_campaigns import power_analysis


@dataclass(frozen=True, eq=False, repr=False)
class CampaignPower(Shown):
    """What a campaign, and alternatives to it, would find.

    Attributes
    ----------
    forecasts : dict of str to ForecastResult
        By what is different from the campaign as planned.
    """

    forecasts: dict[str, ForecastResult]

    @property
    def caption(self) -> str:
        plan = next(iter(self.forecasts.values()))
        return (
            f"Simulated campaigns of {plan.plan.n_methods} methods, {plan.n_simulations:,} of each; widths of 95 % "
            "intervals of a difference in log odds"
        )

    @property
    def cautions(self) -> list[str]:
        """Sentences without which the numbers look better than they are."""
        return next(iter(self.forecasts.values())).cautions

    def columns(self) -> Columns:
        found = list(self.forecasts.values())
        return {
            "campaign": list(self.forecasts),
            "true_order": [_share(one.true_order) for one in found],
            "low": [None if one.true_order is None else one.true_order.interval[0] for one in found],
            "high": [None if one.true_order is None else one.true_order.interval[1] for one in found],
            "true_best": [_share(one.true_best) for one in found],
            "median_width": [
                None if one.difference_width is None else one.difference_width.median for one in found
            ],
            "n_judges": [one.plan.n_judges for one in found],
            "n_judgments": [one.plan.n_judgments for one in found],
        }


def _share(share: Share | None) -> float | None:
    return None if share is None else share.share


def campaign_power(
    *,
    n_methods: int,
    n_judges: int,
    n_judgments: int,
    n_items: int = 100,
    spread: float = 2.0,
    tie_share: float = 0.0,
    with_alternatives: bool = True,
    n_simulations: int = 100,
    seed: int = 1,
    progress: bool = False,
) -> CampaignPower:
    """Simulate a campaign, and what twice and four times the judgments or judges would change.

    Parameters
    ----------
    n_methods, n_judges, n_judgments, n_items
        `n_judgments` in all, not of each judge.
    spread
        Distance between the best and the worst method in log odds.
    tie_share
        Expected share of ties, in [0, 1).
    with_alternatives
        Also simulate larger campaigns.
    n_simulations, seed
        Of each campaign. The share of simulations with the true order is known within 10 points from 100.
    progress
        Draw a progress bar.

    Returns
    -------
    CampaignPower

    Raises
    ------
    ImpossibleScenarioError
        A number that no campaign can have; the sentence names it.

    Examples
    --------
    >>> from hlv.stats import campaign_power
    >>> found = campaign_power(
    ...     n_methods=4, n_judges=10, n_judgments=400, n_simulations=20, with_alternatives=False
    ... )
    >>> found.forecasts["as planned"].n_simulations
    20
    """
    plan = Scenario(
        n_methods=n_methods,
        n_judges=n_judges,
        n_judgments=n_judgments,
        n_items=n_items,
        spread=spread,
        tie_share=tie_share,
    ).checked()
    plans = alternatives(plan) if with_alternatives else [("as planned", plan)]
    return CampaignPower(
        {
            name: power_analysis(
                one, n_simulations=n_simulations, seed=seed, run=runner(progress=progress, what=name)
            ).result()
            for name, one in plans
        }
    )
