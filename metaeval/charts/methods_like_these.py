"""What holds of metrics in general, as rows: read out of a snapshot's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metaeval.charts.chance import LEVEL
from metaeval.charts.tables import Estimate, read_estimate


@dataclass(frozen=True)
class GeneralDifference:
    """Of two metrics by their keys; the adjusted p of each test by its name, None where it was not done."""

    first: str
    second: str
    difference: float
    adjusted_p: Mapping[str, float | None]


@dataclass(frozen=True)
class MethodsLikeThese:
    """By one coefficient. `smallest` is the smallest adjusted p that each test can give."""

    undetermined: str
    metrics: Mapping[str, Estimate]
    pairs: list[GeneralDifference]
    smallest: Mapping[str, float]
    n_methods: int
    n_clusters: int

    def decides(self, test: str) -> bool:
        """Whether a test could find any difference at all."""
        return self.smallest.get(test, 1.0) < LEVEL

    def n_different(self, test: str) -> int:
        """Pairs that a test finds different."""
        found = [pair.adjusted_p.get(test) for pair in self.pairs]
        return sum(p is not None and p < LEVEL for p in found)


def read_methods_like_these(
    result: Mapping[str, Any], coefficient: str = "kendall_tau_b"
) -> MethodsLikeThese | None:
    """None in a snapshot from before methods were taken as a sample, and where metrics were not compared."""
    compared = (result.get("differences") or {}).get(coefficient)
    stored = compared.get("methods_like_these") if isinstance(compared, Mapping) else None
    if not isinstance(stored, Mapping):
        return None
    metrics = {str(row["name"]): read_estimate(row) for row in stored.get("metrics") or []}
    return MethodsLikeThese(
        undetermined=str(stored.get("undetermined") or ""),
        metrics={name: estimate for name, estimate in metrics.items() if estimate is not None},
        pairs=[
            GeneralDifference(
                str(row["first"]),
                str(row["second"]),
                float(row["difference"]),
                {str(test): found.get("adjusted_p") for test, found in row["tests"].items()},
            )
            for row in stored.get("differences") or []
        ],
        smallest={
            str(test): float(p)
            for test, p in (stored.get("smallest_adjusted_p") or {}).items()
            if p is not None
        },
        n_methods=int(stored.get("n_methods") or 0),
        n_clusters=int(stored.get("n_clusters") or 0),
    )
