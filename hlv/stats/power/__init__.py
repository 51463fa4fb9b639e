"""Power analysis of a judging campaign by simulation, and balanced designs of comparisons."""

from hlv.stats.power.comparison_design import ComparisonPlan, DesignError, plan_comparisons
from hlv.stats.power.forecast import Forecast, ForecastResult
from hlv.stats.power.scenario import ImpossibleScenarioError, Scenario, alternatives
from hlv.stats.power.simulate import SimulatedJudgments, simulate_judgments
from hlv.stats.power.simulated_campaigns import power_analysis

__all__ = [
    "ComparisonPlan",
    "DesignError",
    "Forecast",
    "ForecastResult",
    "ImpossibleScenarioError",
    "Scenario",
    "SimulatedJudgments",
    "alternatives",
    "plan_comparisons",
    "power_analysis",
    "simulate_judgments",
]
