"""Judgments, scores and answers for tests of several modules."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import BradleyTerryFit, fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import TiesRule


def make_crowd(
    seed: int, reliabilities: FloatArray, *, n_each: int = 150, n_methods: int = 6, share_of_ties: float = 0.0
) -> Cells:
    """Judges who say the better method with their own probability."""
    generator = np.random.default_rng(seed)
    judge = np.repeat(np.arange(len(reliabilities)), n_each)
    first = generator.integers(n_methods, size=len(judge))
    second = (first + generator.integers(1, n_methods, size=len(judge))) % n_methods
    strengths = np.linspace(2, -2, n_methods)
    seen = generator.random(len(judge)) < expit(strengths[first] - strengths[second])
    honest = generator.random(len(judge)) < reliabilities[judge]
    outcome = np.where(seen == honest, FIRST, SECOND)
    outcome[generator.random(len(judge)) < share_of_ties] = TIE
    return make_cells(first=first, second=second, outcome=outcome, judge=judge)


def fit_of(cells: Cells, n_methods: int, ties_rule: TiesRule = "half") -> BradleyTerryFit:
    return fit_bradley_terry(*pair_counts(cells, n_methods), ties_rule=ties_rule)


def make_rows(*rows: tuple[int, int, int, int, int, int]) -> Cells:
    """Cells from (judge, item, first, second, outcome, first_is_left)."""
    judge, item, first, second, outcome, left = zip(*rows, strict=True)
    return make_cells(first=first, second=second, outcome=outcome, judge=judge, item=item, first_is_left=left)
