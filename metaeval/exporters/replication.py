"""The paired differences of a replication, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hlv.core.tabular.writing import CellValue
from metaeval.results.replication import Replication

CONCLUSION_HEADER: Final = (
    *("data_set", "metric", "first", "second", "rule", "difference", "interval_low", "interval_high"),
    *("p", "relation", "is_equivalent"),
)


def conclusion_rows(found: Replication) -> Iterator[tuple[CellValue, ...]]:
    """A row for each data set, metric, pair and selection rule."""
    for one in found.data_sets:
        for pair in one.conclusions:
            for of_rule in pair.differences:
                yield (
                    *(one.name, pair.metric, pair.first, pair.second, of_rule.rule, of_rule.difference),
                    *(*of_rule.interval, of_rule.p, pair.relation, pair.is_equivalent),
                )
