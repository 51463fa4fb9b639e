"""A computation held against the plan that was in force: whether it was planned, or added after the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from hlv.core.tabular.writing import iso
from hlv.stats.labels.distributions import EQUAL
from metaeval.models import Campaign
from metaeval.results.planned_analysis import DepartedSetting, PlanCompliance, PlannedAnalysis, is_departure
from metaeval.selectors.selections import RULES, Selection
from metaeval.selectors.snapshots import newest_preregistration

NOTHING_EXCLUDED: dict[str, Any] = {"under_seconds": 0.0} | {
    rule: [] for rule in RULES if rule != "under_seconds"
}


def compliance(
    campaign: Campaign, done: Mapping[str, Any], *, as_of: datetime, metrics: Sequence[str] = ()
) -> PlanCompliance | None:
    """What a snapshot keeps of the plan in force at its moment; None where nothing was planned.

    A part of a campaign is always added, as plans speak of whole campaigns.
    """
    plan = newest_preregistration(campaign, as_of=as_of)
    if plan is None:
        return None
    # A plan from before exclusions were applied leaves nothing out; one from before weights weighs all alike.
    planned = NOTHING_EXCLUDED | {"weights": EQUAL} | plan.content
    departures = {
        name: DepartedSetting(planned=planned[name], done=_as_json(value))
        for name, value in done.items()
        if name in planned and is_departure(name, planned[name], _as_json(value))
    }
    part = any(done.get(name) for name in asdict(Selection()))
    return PlanCompliance(
        version=plan.version,
        digest=plan.digest,
        frozen_at=iso(plan.frozen_at),
        added=bool(departures) or part,
        departures=departures,
        added_metrics=[name for name in metrics if name not in PlannedAnalysis.of(plan.content).metrics],
    )


def _as_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
