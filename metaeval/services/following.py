"""A computation held against the plan that was in force: whether it was planned, or added after the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from annotations.formats.writing import iso
from metaeval.models import Campaign
from metaeval.selectors.exclusions import RULES
from metaeval.selectors.plans import newest_plan
from metaeval.selectors.selections import Selection
from metaeval.services.weights import EQUAL

NOTHING_EXCLUDED: dict[str, Any] = {"under_seconds": 0.0} | {
    rule: [] for rule in RULES if rule != "under_seconds"
}


def beside_the_plan(
    campaign: Campaign, done: Mapping[str, Any], *, as_of: datetime, metrics: Sequence[str] = ()
) -> dict[str, Any] | None:
    """What a snapshot keeps of the plan in force at its moment; None where nothing was planned.

    `departures` holds each setting that the plan gives otherwise; `added` is true where there is one, and for any part
    of a campaign, as plans speak of whole campaigns. `added_metrics` are those of `metrics` that no claim was to rest on.
    """
    plan = newest_plan(campaign, as_of=as_of)
    if plan is None:
        return None
    # A plan from before exclusions were applied leaves nothing out; one from before weights weighs all alike.
    planned = NOTHING_EXCLUDED | {"weights": EQUAL} | plan.content
    departures = {
        name: {"planned": planned[name], "done": _as_json(value)}
        for name, value in done.items()
        if name in planned and is_departure(name, planned[name], _as_json(value))
    }
    part = any(done.get(name) for name in asdict(Selection()))
    return {
        "version": plan.version,
        "digest": plan.digest,
        "frozen_at": iso(plan.frozen_at),
        "added": bool(departures) or part,
        "departures": departures,
        "added_metrics": [name for name in metrics if name not in plan.content["metrics"]],
    }


def is_departure(name: str, planned: Any, done: Any) -> bool:
    """Whether a setting is another one than planned; more permutations, or all (None), only come nearer to the exact p."""
    if name == "n_permutations":
        return done is not None and bool(done < planned)
    return bool(planned != done)


def _as_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def said_of_the_plan(result: Mapping[str, Any]) -> str:
    """One sentence for commands; nothing where nothing was planned."""
    held = result.get("plan")
    if not held:
        return ""
    named = f"version {held['version']} of the analysis plan, frozen {held['frozen_at']}"
    more = held["added_metrics"]
    beyond = f" Metrics beyond the plan: {', '.join(more)}." if more else ""
    if not held["added"]:
        return f"As planned: {named}.{beyond}"
    departures = [
        f"{name} {_shown(values['done'])} where {_shown(values['planned'])} was planned"
        for name, values in held["departures"].items()
    ]
    return f"Added after the plan ({named}): {'; '.join(departures) or 'a part of the campaign'}.{beyond}"


def _shown(value: Any) -> str:
    if value is None:
        return "by default"
    return ", ".join(map(str, value)) or "nothing" if isinstance(value, list | tuple) else str(value)
