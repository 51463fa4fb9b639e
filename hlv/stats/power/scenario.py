"""A campaign that may be, and what is supposed of its people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hlv.stats.power.metric_power import FEWEST_TO_CORRELATE
from hlv.stats.reporting import StatisticsError
from hlv.stats.resampling.chunks import PackedFields

# Of a refusal, where no field of a form and no option of a command says it better.
WORDS: Final = {
    "n_methods": "the number of methods",
    "n_judges": "the number of judges",
    "n_judgments": "the number of judgments",
    "n_items": "the number of texts",
    "spread": "the distance from the best method to the worst",
    "taste_sd": "how judges differ",
    "item_sd": "how texts differ",
    "tie_share": "the share of ties",
    "evenness": "the evenness of the judges' activity",
    "worse": "the worse metric's correlation",
    "n_simulations": "the number of simulations",
}


class ImpossibleScenarioError(StatisticsError, ValueError):
    """A number that no campaign can have: `name` is the plan's attribute, `rule` what it must be."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__("%(what)s %(rule)s", what=WORDS[name], rule=rule)
        self.name = name
        self.rule = rule


@dataclass(frozen=True, kw_only=True)
class Scenario(PackedFields):
    """A campaign, and what is supposed of its people.

    Attributes
    ----------
    n_methods, n_judges, n_judgments, n_items
        `n_judgments` in all, not each.
    spread
        Distance between the best and the worst method in natural-log odds; the others lie evenly between.
    tie_share
        Expected share of ties, in [0, 1).
    taste_sd, item_sd
        How far a judge's, and an item's, own strengths stray from the mean: standard deviations in log odds.
    evenness
        Of the judges' activity, see `uneven_activity`; 1 makes 20 judges worth about 10.
    better, worse
        True Pearson correlations of two metrics with the strengths; the power is that of telling them apart.
    """

    n_methods: int
    n_judges: int
    n_judgments: int
    n_items: int = 100
    spread: float = 2.0
    tie_share: float = 0.0
    taste_sd: float = 0.3
    item_sd: float = 0.3
    evenness: float = 1.0
    better: float = 0.9
    worse: float = 0.5

    @property
    def compares_metrics(self) -> bool:
        """Two methods correlate wholly or not at all, and with equal ones there is nothing to correlate with."""
        return self.n_methods >= FEWEST_TO_CORRELATE and self.spread > 0

    def checked(self) -> Scenario:
        """The plan itself.

        Raises
        ------
        ImpossibleScenarioError
            A number that no campaign can have; the sentence names it.
        """
        for name, least in (("n_methods", 2), ("n_judges", 1), ("n_judgments", 1), ("n_items", 1)):
            if getattr(self, name) < least:
                raise ImpossibleScenarioError(name, f"must be {least} or more, not {getattr(self, name)}")
        for name in ("spread", "taste_sd", "item_sd"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ImpossibleScenarioError(
                    name, f"must be finite and 0 or more, not {getattr(self, name)}"
                )
        if not 0 <= self.tie_share < 1:
            raise ImpossibleScenarioError(
                "tie_share", f"must be 0 or more and less than 1 (.3 is 30 %), not {self.tie_share:g}"
            )
        if not self.evenness > 0:
            raise ImpossibleScenarioError("evenness", f"must be more than 0, not {self.evenness}")
        if not -1 <= self.worse < self.better <= 1:
            raise ImpossibleScenarioError(
                "worse",
                f"must be -1 or more and less than the better one's, which is at most 1, not {self.worse:g} "
                f"beside {self.better:g}",
            )
        return self


def alternatives(plan: Scenario) -> list[tuple[str, Scenario]]:
    """The plan, and what twice or four times the work could be spent on."""
    times = [("as planned", plan)]
    for factor in (2, 4):
        more = plan.n_judgments * factor
        times += [
            (f"{factor} x the judgments of the same judges", replace(plan, n_judgments=more)),
            (
                f"{factor} x the judges, as many judgments each",
                replace(plan, n_judgments=more, n_judges=plan.n_judges * factor),
            ),
        ]
    return times
