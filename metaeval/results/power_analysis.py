"""What simulated campaigns found, as a job stores it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hlv.core.stored_results import Json, load, stored_as
from hlv.stats.power.forecast import ForecastResult


@dataclass(frozen=True, kw_only=True)
class PlanForecast(ForecastResult):
    """Of one plan; an earlier version did not store the program version."""

    name: str
    code_version: str = ""


def _from_version_0(content: Json) -> Json:
    """At first no sample size was computed: None would mean that no number is enough."""
    not_computed = {"needed_undetermined": "An earlier version did not compute this: simulate again."}
    found = [
        forecast
        | {
            "separated_by_places_apart": [
                row if "judgments_needed" in row else row | not_computed
                for row in forecast.get("separated_by_places_apart", [])
            ]
        }
        for forecast in content["forecasts"]
    ]
    return content | {"forecasts": found}


@stored_as("power analysis", _from_version_0)
@dataclass(frozen=True, kw_only=True)
class PowerAnalysis:
    """The plan, then what more work would give."""

    forecasts: list[PlanForecast] = field(default_factory=list)


def read_power_analysis(stored: Json) -> PowerAnalysis:
    """Of the result of a job."""
    return load(PowerAnalysis, stored)
