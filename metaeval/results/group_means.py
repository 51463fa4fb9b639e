"""Metric agreement within each base model and as a mean over them, read out of a snapshot's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Result = Mapping[str, Any]


@dataclass(frozen=True)
class GroupTable:
    """The metrics of one group, shaped as a result of its own."""

    name: str
    result: Result

    @property
    def notes(self) -> str:
        return " ".join(map(str, self.result["notes"]))

    @property
    def has_answer(self) -> bool:
        return any(row["undetermined"] is None for row in self.result["metrics"])


@dataclass(frozen=True)
class GroupMean:
    """The mean over groups: why there is none, or its metrics with the methods that all groups have."""

    groups: tuple[str, ...]
    undetermined: str
    methods: tuple[str, ...]
    left_out: tuple[str, ...]
    result: Result


@dataclass(frozen=True)
class Grouped:
    tables: tuple[GroupTable, ...]
    mean: GroupMean
    notes: tuple[str, ...]

    @property
    def answered(self) -> list[GroupTable]:
        return [table for table in self.tables if table.has_answer]

    @property
    def names_of_answered(self) -> str:
        return ", ".join(table.name for table in self.answered)


def read_grouped(result: Result) -> Grouped | None:
    """None where methods are of one base model, and for snapshots from before each group had its table."""
    stored = result.get("groups")
    if not isinstance(stored, Mapping) or not stored.get("each"):
        return None
    labels = {row["name"]: row.get("label", row["name"]) for row in stored["each"][0]["metrics"]}
    mean = [row | {"label": labels.get(row["name"], row["name"])} for row in stored["metrics"]]
    return Grouped(
        tuple(GroupTable(str(table["group"]), table) for table in stored["each"]),
        GroupMean(
            tuple(map(str, stored["groups"])),
            str(stored["undetermined"] or ""),
            tuple(map(str, stored["methods"])),
            tuple(map(str, stored["left_out"])),
            {"metrics": mean, "n_methods": len(stored["methods"])},
        ),
        tuple(map(str, stored["notes"])),
    )
