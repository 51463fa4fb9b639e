"""Metrics with scores of each item, and what people say of six methods."""

from __future__ import annotations

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.meta_evaluation.metric_differences import (
    ComparedMetric,
)

PEOPLE = np.linspace(1, -1, 6)


def make_items(
    seed: int, noises: list[float], *, n_items: int = 30, people: FloatArray = PEOPLE
) -> FloatArray:
    """Item scores (L, M, N) that follow people, each metric with its own noise."""
    generator = np.random.default_rng(seed)
    shape = (len(noises), len(people), n_items)
    noise = generator.normal(size=shape) * np.array(noises)[:, None, None]
    method = generator.normal(size=shape[:2]) * np.array(noises)[:, None] / 3
    return people[None, :, None] + noise + method[..., None]


def make_metric(
    name: str,
    items: FloatArray,
    *,
    sign: float = 1.0,
    hypothesis: str = "",
    resampled: FloatArray | None = None,
) -> ComparedMetric:
    scores = sign * items
    return ComparedMetric(name, sign > 0, hypothesis or name, scores.mean(axis=1), scores, resampled)
