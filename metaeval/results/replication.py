"""A replication of the training experiments of Kurniawan et al. (2026), and what every selection rule gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metaeval.results.method_table import MethodTable

Relation = Literal["better", "worse", "undecided"]


@dataclass(frozen=True, kw_only=True)
class RuleDifference:
    """The first method's mean over runs less the second's, under one selection rule; p after Holm correction."""

    rule: str
    difference: float
    interval: tuple[float, float]
    p: float


@dataclass(frozen=True, kw_only=True)
class PairConclusion:
    """Two methods by one metric.

    Attributes
    ----------
    relation
        Of the first to the second: significant under every rule in the same direction, else undecided.
    is_equivalent
        Whether every rule's interval lies within the margin of equivalence.
    """

    metric: str
    label: str
    first: str
    second: str
    relation: Relation
    is_equivalent: bool
    differences: list[RuleDifference]


@dataclass(frozen=True, kw_only=True)
class MetricPair:
    """Kendall's tau-b of two metrics over methods, smallest and largest over rules; None where one orders nothing."""

    first: str
    second: str
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class DataSetReplication:
    """One data set: `tables` by selection rule.

    Attributes
    ----------
    note
        What differs from the paper's data; empty where nothing does.
    same
        Groups of methods whose losses are equal on these labels.
    """

    name: str
    n_train: int
    n_dev: int
    n_test: int
    note: str
    same: list[list[str]]
    tables: dict[str, MethodTable]
    conclusions: list[PairConclusion]
    metric_pairs: list[MetricPair]


@dataclass(frozen=True, kw_only=True)
class NotRun:
    """A part of the paper's experiments that could not be run, and why."""

    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Replication:
    """All data sets; `margin` is that of equivalence, in the unit of each metric."""

    data_sets: list[DataSetReplication]
    not_run: list[NotRun]
    rules: list[str]
    n_runs: int
    seed: int
    margin: float
    n_resamples: int
    seconds: float
