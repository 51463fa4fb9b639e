"""What holds of metrics in general, for methods like these, as a metric agreement stores it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from metaeval.results.chance_of_tau import LEVEL
from metaeval.results.metric_rows import Estimate


@dataclass(frozen=True, kw_only=True)
class GeneralTest:
    """One test of two metrics, `adjusted_p` by Holm's rule over all pairs; None where it was not done."""

    p: float | None = None
    adjusted_p: float | None = None


@dataclass(frozen=True, kw_only=True)
class GeneralDifference:
    """Of two metrics by their names; its tests by theirs."""

    first: str
    second: str
    difference: float
    tests: dict[str, GeneralTest] = field(default_factory=dict)

    def adjusted_p(self, test: str) -> float | None:
        found = self.tests.get(test)
        return None if found is None else found.adjusted_p


@dataclass(frozen=True, kw_only=True)
class GeneralMetric:
    """The agreement of one metric, with its interval for methods like these."""

    name: str
    value: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class MethodsLikeThese:
    """By one coefficient, or why nothing is concluded.

    Attributes
    ----------
    smallest_adjusted_p
        By test, the smallest adjusted p that it can give.
    n_clusters
        Independent methods or base models, of which the methods are drawn.
    """

    undetermined: str | None = None
    coefficient: str = ""
    metrics: list[GeneralMetric] = field(default_factory=list)
    differences: list[GeneralDifference] = field(default_factory=list)
    smallest_adjusted_p: dict[str, float | None] = field(default_factory=dict)
    n_methods: int = 0
    n_clusters: int = 0
    n_resamples: int = 0
    seed: int | None = None

    @cached_property
    def estimates(self) -> dict[str, Estimate]:
        return {
            row.name: Estimate(row.value, *(row.interval or (None, None)))
            for row in self.metrics
            if row.value is not None
        }

    @cached_property
    def smallest(self) -> dict[str, float]:
        """Of the tests that were done."""
        return {test: p for test, p in self.smallest_adjusted_p.items() if p is not None}

    def decides(self, test: str) -> bool:
        """Whether a test could find any difference at all."""
        return self.smallest.get(test, 1.0) < LEVEL

    def n_different(self, test: str) -> int:
        """Pairs that a test finds different."""
        found = [pair.adjusted_p(test) for pair in self.differences]
        return sum(p is not None and p < LEVEL for p in found)
