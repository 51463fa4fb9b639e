"""Human scores and metrics of nine methods, with noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.agreement_result import MetricAgreement
from hlv.stats.meta_evaluation.metric_agreement import (
    Agreement,
    HumanScores,
    MetricScores,
    agree,
)

METHODS = list("abcdefghi")

STRENGTHS = np.linspace(1, -1, 9)


def noisy(values: FloatArray, *, seed: int, scale: float = 0.2, n_resamples: int = 300) -> FloatArray:
    return values + np.random.default_rng(seed).normal(scale=scale, size=(n_resamples, len(values)))


def make_metric(name: str = "score", values: FloatArray = STRENGTHS, **fields: Any) -> MetricScores:
    return MetricScores(name, values=values, **{"higher_is_better": True, **fields})


def agreement(
    human: HumanScores, *metrics: MetricScores, methods: list[str] = METHODS, **options: Any
) -> Agreement:
    return agree(human, metrics, methods=methods, **{"seed": 1, "n_permutations": 999, **options})


def rows(found: Agreement) -> list[MetricAgreement]:
    return found.metrics


def ends(row: MetricAgreement, coefficient: str) -> tuple[float, float]:
    interval = row.coefficients[coefficient].interval
    assert interval is not None
    return interval
