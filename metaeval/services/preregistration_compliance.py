"""Whether a computation follows the preregistration in force, or was added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from hlv.core.tabular.writing import iso
from hlv.stats.labels.distributions import EQUAL
from metaeval.models import Campaign
from metaeval.results.planned_analysis import (
    DepartedSetting,
    PlannedAnalysis,
    PreregistrationCompliance,
    is_departure,
)
from metaeval.results.ranking_options import Setting
from metaeval.selectors.selections import Exclusions, Selection
from metaeval.selectors.snapshots import newest_preregistration

# What earlier plans lack: nothing is left out, all labels count alike, and single texts are drawn.
EARLY_PLAN: Final[dict[str, Setting]] = {"weights": EQUAL, **Exclusions().as_params(), "block_by": ""}
# What a computation does not record where it was not asked for.
NOT_RECORDED: Final[dict[str, Setting]] = {"block_by": ""}


def compliance(
    campaign: Campaign, done: Mapping[str, Setting], *, as_of: datetime, metrics: Sequence[str] = ()
) -> PreregistrationCompliance | None:
    """Compliance with the plan in force at that time; None without a plan.

    A part of a campaign is always added, as plans speak of whole campaigns.
    """
    plan = newest_preregistration(campaign, as_of=as_of)
    if plan is None:
        return None
    planned: dict[str, Setting] = EARLY_PLAN | plan.content
    departures = {
        name: DepartedSetting(planned=planned[name], done=value)
        for name, value in (NOT_RECORDED | dict(done)).items()
        if name in planned and is_departure(name, planned[name], value)
    }
    part = any(done.get(name) for name in asdict(Selection()))
    return PreregistrationCompliance(
        version=plan.version,
        digest=plan.digest,
        frozen_at=iso(plan.frozen_at),
        added=bool(departures) or part,
        departures=departures,
        added_metrics=[name for name in metrics if name not in PlannedAnalysis.of(plan.content).metrics],
    )
