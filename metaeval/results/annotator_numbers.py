"""Scores against the number of annotators, and scores corrected for few of them."""

from __future__ import annotations

from dataclasses import dataclass

from hlv.core.stored_results import read, stored_as
from metaeval.models import SupplementaryAnalysis


@dataclass(frozen=True)
class CurvePoint:
    """One metric with k annotators, by method; None where no draw has a score of every method.

    `low` and `high`, and those of tau-b, are the .025 and .975 quantiles of the draws.
    """

    n_annotators: int
    mean: dict[str, float | None]
    sd: dict[str, float | None]
    low: dict[str, float | None]
    high: dict[str, float | None]
    first_share: dict[str, float | None]
    tau_with_all: float | None
    tau_low: float | None
    tau_high: float | None
    n_undefined: int


@dataclass(frozen=True)
class CorrectedMethod:
    """A method's score as observed and as corrected; the reason where there is no correction."""

    method: str
    observed: float | None
    corrected: float | None
    undefined: str


@dataclass(frozen=True)
class MetricOfAnnotators:
    """`correction` is one of the kinds of `hlv.stats.metrics.few_annotators`, `reason` its sentence."""

    name: str
    label: str
    higher_is_better: bool
    correction: str
    reason: str
    points: list[CurvePoint]
    corrected: list[CorrectedMethod]


@stored_as("analysis of the number of annotators")
@dataclass(frozen=True)
class AnnotatorNumbers:
    """Of all metrics. `n_left_out` texts have fewer answers than the largest k."""

    methods: list[str]
    metrics: list[MetricOfAnnotators]
    n_items: int
    n_left_out: int
    n_draws: int
    seed: int


def read_annotator_numbers(snapshot: SupplementaryAnalysis) -> AnnotatorNumbers:
    return read(AnnotatorNumbers, snapshot)
