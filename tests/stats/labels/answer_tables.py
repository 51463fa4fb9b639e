"""All answers that a few annotators can give, for exact expectations."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.stats import multinomial

from hlv.stats.arrays import FloatArray


def answer_tables(population: FloatArray, n_annotators: int) -> tuple[FloatArray, FloatArray]:
    """All count vectors (T, K) of m annotators and their probabilities (T,)."""
    counts = itertools.product(range(n_annotators + 1), repeat=len(population))
    tables = np.array([row for row in counts if sum(row) == n_annotators])
    return tables.astype(np.float64), np.asarray(multinomial(n_annotators, population).pmf(tables))
