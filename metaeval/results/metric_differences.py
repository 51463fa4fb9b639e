"""Differences between metrics, on these methods and on methods like these, as a metric agreement stores them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from metaeval.results.metric_rows import LEVEL, Estimate


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
class SystemGeneralization:
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


# As strengths and scores are compared: beyond these, a difference is rounding.
DECIMALS = 9


@dataclass(frozen=True, kw_only=True)
class Williams:
    """Williams' t of two Pearson correlations, or why there is none; `adjusted_p` is by Holm's rule."""

    undetermined: str | None = None
    t: float | None = None
    degrees: int | None = None
    p: float | None = None
    adjusted_p: float | None = None


@dataclass(frozen=True, kw_only=True)
class SecondTest:
    """By exchanging the scores of texts; it decides nothing."""

    test: str | None = None
    p: float | None = None
    adjusted_p: float | None = None
    # That it took; None in snapshots of earlier versions.
    n_exchanges: int | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Of two metrics by their names; `adjusted_p` is None where it could not be tested.

    Attributes
    ----------
    at_floor
        No resample crossed 0: the p is at most this.
    n_exchanges
        Exchanges of scores behind p; None where p is from resamples.
    """

    first: str
    second: str
    difference: float
    interval: tuple[float, float] | None = None
    test: str | None = None
    p: float | None = None
    adjusted_p: float | None = None
    at_floor: bool = False
    n_exchanges: int | None = None
    second_test: SecondTest | None = None
    williams: Williams | None = None

    @property
    def turned(self) -> Difference:
        """The same with the metrics the other way round."""
        t = None if self.williams is None else self.williams.t
        return replace(
            self,
            first=self.second,
            second=self.first,
            difference=-self.difference,
            interval=None if self.interval is None else (-self.interval[1], -self.interval[0]),
            williams=self.williams and replace(self.williams, t=None if t is None else -t),
        )

    @property
    def is_significant(self) -> bool:
        return self.adjusted_p is not None and self.adjusted_p < LEVEL

    @property
    def second_adjusted_p(self) -> float | None:
        return None if self.second_test is None else self.second_test.adjusted_p

    @property
    def williams_p(self) -> float | None:
        return None if self.williams is None else self.williams.adjusted_p


@dataclass(frozen=True, kw_only=True)
class ComparedMetric:
    """One of several affine copies, which count as one; `copies` has them all."""

    name: str
    copies: list[str]
    value: float


@dataclass(frozen=True, kw_only=True)
class Differences:
    """Every two metrics by one coefficient.

    Attributes
    ----------
    groups
        Sets of metrics without a significant difference; of copies, the first is listed.
    left_out
        Metrics that are not compared, with the reason.
    null, n_permutations, exchanged_all
        Of the second test: its null hypothesis, how often it exchanged scores at most (None where it was not done), and
        whether these are all exchanges there are.
    smallest_adjusted_p, smallest_second_p
        The smallest adjusted p that the tests and the second tests can give; None in an early snapshot, and
        without tests.
    methods_like_these
        Differences in general; None in a snapshot from before methods were taken as a sample.
    """

    undetermined: str | None = None
    coefficient: str = ""
    metrics: list[ComparedMetric] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    groups: list[list[str]] = field(default_factory=list)
    groups_complete: bool = True
    left_out: dict[str, str] = field(default_factory=dict)
    methods_left_out: list[str] = field(default_factory=list)
    n_methods: int | None = None
    null: str | None = None
    n_permutations: int | None = None
    exchanged_all: bool | None = None
    smallest_adjusted_p: float | None = None
    smallest_second_p: float | None = None
    seed: int | None = None
    notes: list[str] = field(default_factory=list)
    second_test_notes: list[str] = field(default_factory=list)
    williams_note: str = ""
    methods_like_these: SystemGeneralization | None = None

    @cached_property
    def values(self) -> dict[str, float]:
        return {metric.name: metric.value for metric in self.metrics}

    @cached_property
    def copies(self) -> dict[str, list[str]]:
        return {metric.name: metric.copies for metric in self.metrics}

    @cached_property
    def reasons(self) -> dict[str, str]:
        """Why metrics are left out, in the order of their names."""
        return dict(sorted(self.left_out.items()))

    @cached_property
    def tested_groups(self) -> list[list[str]]:
        """Groups whose every two were tested: what was not tested is no finding."""
        untested = [{pair.first, pair.second} for pair in self.differences if pair.adjusted_p is None]
        return [group for group in self.groups if not any(pair <= set(group) for pair in untested)]

    @cached_property
    def tests(self) -> list[str]:
        """The names of the tests that were done, the first ones first."""
        second = [pair.second_test.test for pair in self.differences if pair.second_test is not None]
        found = [*(pair.test for pair in self.differences), *second]
        return [test for test in dict.fromkeys(found) if test]

    def general_tests(self, first: str, second: str) -> dict[str, GeneralTest]:
        """The tests of two metrics that speak for methods like these, by their names."""
        pairs = [] if self.methods_like_these is None else self.methods_like_these.differences
        return next((pair.tests for pair in pairs if {pair.first, pair.second} == {first, second}), {})

    @property
    def n_compared(self) -> int:
        """Different metrics: copies count once, as everywhere."""
        return len(self.metrics)

    @cached_property
    def ranked(self) -> list[str]:
        """The best first; of equally good ones the first that came."""
        return sorted(self.values, key=lambda name: -round(self.values[name], DECIMALS))

    @cached_property
    def best(self) -> str | None:
        return next(iter(self.ranked), None)

    @property
    def tested(self) -> bool:
        return any(pair.adjusted_p is not None for pair in self.differences)

    @property
    def decides(self) -> bool:
        """Whether any difference could be significant."""
        return self.smallest_adjusted_p is None or self.smallest_adjusted_p < LEVEL

    @property
    def second_decides(self) -> bool:
        return self.smallest_second_p is None or self.smallest_second_p < LEVEL

    @property
    def second_tested(self) -> list[Difference]:
        return [pair for pair in self.differences if pair.second_adjusted_p is not None]

    @property
    def not_different_from_best(self) -> list[str]:
        """Metrics without a significant difference from the best, in the order of their agreement."""
        return self._compared_with_best(lambda pair: pair.adjusted_p is not None and not pair.is_significant)

    @property
    def not_tested_with_best(self) -> list[str]:
        return self._compared_with_best(lambda pair: pair.adjusted_p is None)

    def _compared_with_best(self, condition: Callable[[Difference], bool]) -> list[str]:
        names = {
            pair.second if pair.first == self.best else pair.first
            for pair in self.differences
            if self.best in (pair.first, pair.second) and condition(pair)
        }
        return [name for name in self.ranked if name in names]

    @cached_property
    def groups_with_copies(self) -> list[list[str]]:
        """The groups in the order of their agreement, each metric with its copies."""
        return [
            [
                name
                for member in sorted(group, key=self.ranked.index)
                for name in self.copies.get(member, [member])
            ]
            for group in self.tested_groups
        ]
