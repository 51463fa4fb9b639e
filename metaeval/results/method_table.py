"""The table of methods and metrics: means over runs, scores of mean outputs, and which methods differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MethodRow:
    """One method's score: mean over runs with its interval, and the score of the mean output; None where undefined."""

    method: str
    n_runs: int
    mean_of_runs: float | None
    sd_of_runs: float | None
    interval: tuple[float, float] | None
    of_mean_output: float | None


@dataclass(frozen=True, kw_only=True)
class MethodDifference:
    """The first method's mean over runs less the second's; p after Holm correction over all pairs."""

    first: str
    second: str
    difference: float
    interval: tuple[float, float]
    standard_error: float
    p: float


@dataclass(frozen=True, kw_only=True)
class MetricOfMethods:
    """One metric of all methods, which are in the order of the study.

    Attributes
    ----------
    groups
        Maximal groups of methods without a significant difference, the best method's first; None without a test.
    is_complete
        Whether all groups are there.
    """

    name: str
    label: str
    higher_is_better: bool
    methods: list[MethodRow]
    differences: list[MethodDifference]
    groups: list[list[str]] | None
    is_complete: bool = True

    @property
    def best(self) -> MethodRow | None:
        known = [row for row in self.methods if row.mean_of_runs is not None]
        sign = 1 if self.higher_is_better else -1
        return max(known, key=lambda row: sign * (row.mean_of_runs or 0.0), default=None)


@dataclass(frozen=True, kw_only=True)
class MethodTable:
    """Of some methods of a study, on the texts that have labels and an output of every run of each."""

    methods: list[str]
    metrics: list[MetricOfMethods]
    n_items: int
    n_incomplete: dict[str, int]
    n_resamples: int
    seed: int
    where: str = ""
