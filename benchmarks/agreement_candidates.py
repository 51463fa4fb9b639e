"""Intervals of the agreement that were tried beside the chosen one; they live here and not in the product.

Resamples are drawn from the error covariance, (x, y) + N(0, V): to the first order what the joint bootstrap draws, at a
thousandth of its cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.stats import norm

from benchmarks.agreement_comparisons import Board, Scores, observed_agreement
from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import CORRELATIONS
from hlv.stats.meta_evaluation.agreement_interval import FROZEN, agreement_posterior

Interval = tuple[float, float]
N_RESAMPLES: Final = 399
N_OUTER: Final = 79
N_INNER: Final = 39
_TAIL: Final = 0.025
# Beyond it Fisher's z is infinite to the steps of tau.
_LARGEST: Final = 0.999


def posterior(board: Board, scores: Scores, rng: np.random.Generator) -> dict[str, Interval]:
    """The chosen one."""
    return _posterior(board, scores, rng, straight=FROZEN.straight, atom=FROZEN.atom)


def posterior_of_straight_relations(
    board: Board, scores: Scores, rng: np.random.Generator
) -> dict[str, Interval]:
    """The same for straight relations alone."""
    return _posterior(board, scores, rng, straight=1.0, atom=FROZEN.atom)


def posterior_without_atoms(board: Board, scores: Scores, rng: np.random.Generator) -> dict[str, Interval]:
    """The same without prior probability at 1 and -1."""
    return _posterior(board, scores, rng, straight=FROZEN.straight, atom=1e-9)


def _posterior(
    board: Board, scores: Scores, rng: np.random.Generator, *, straight: float, atom: float
) -> dict[str, Interval]:
    found = agreement_posterior(
        board.strengths,
        scores.values,
        scores.covariance,
        degrees_of_freedom=board.degrees,
        rng=rng,
        prior=replace(FROZEN, straight=straight, atom=atom),
    )
    here = _here(board, scores)
    return {name: found.interval(name, estimate=float(here[name])) for name in CORRELATIONS}


def percentile(board: Board, scores: Scores, rng: np.random.Generator) -> dict[str, Interval]:
    """What the product had: percentiles of the resamples."""
    return {
        name: _ends(*np.quantile(values, [_TAIL, 1 - _TAIL]))
        for name, values in _resampled(board, scores, rng).items()
    }


def reflected(board: Board, scores: Scores, rng: np.random.Generator) -> dict[str, Interval]:
    """2 t - q, clipped (the basic bootstrap interval)."""
    here = _here(board, scores)
    return {
        name: _ends(*(2 * here[name] - np.quantile(values, [1 - _TAIL, _TAIL])), name=name)
        for name, values in _resampled(board, scores, rng).items()
    }


def studentised_and_double(
    board: Board, scores: Scores, rng: np.random.Generator
) -> tuple[dict[str, Interval], dict[str, Interval]]:
    """Bootstrap-t in Fisher's z, and percentiles whose levels a second bootstrap calibrates."""
    here = _here(board, scores)
    centre = np.concatenate([board.strengths, scores.values])
    root = _root(scores.covariance)
    outer = centre + rng.standard_normal((N_OUTER, len(centre))) @ root.T
    inner = outer[:, None] + rng.standard_normal((N_OUTER, N_INNER, len(centre))) @ root.T
    of_outer, of_inner = _coefficients(outer), _coefficients(inner)
    studentised, double = {}, {}
    for name in CORRELATIONS:
        z, z_outer, z_inner = (_z(values, name) for values in (here[name], of_outer[name], of_inner[name]))
        error = np.maximum(z_inner.std(axis=1), 1e-3)
        ratio = (z_outer - z) / error
        spread = max(float(z_outer.std()), 1e-3)
        low, high = z - np.quantile(ratio, [1 - _TAIL, _TAIL]) * spread
        studentised[name] = _ends(*_back(np.array([low, high]), name))
        # Where the estimate lies among each outer resample's own resamples.
        place = (of_inner[name] <= here[name]).mean(axis=1)
        levels = np.quantile(place, [_TAIL, 1 - _TAIL])
        double[name] = _ends(*np.quantile(of_outer[name], levels))
    return studentised, double


def pair_decisions(board: Board, scores: Scores) -> dict[str, Interval]:
    """Tau and accuracy if every pair that either side leaves open went one way or the other (Bonferroni)."""
    n = len(board.strengths)
    first, second = np.triu_indices(n, k=1)
    critical = norm.isf(0.05 / (2 * 2 * len(first)))
    signs = []
    for values, block in ((board.strengths, slice(0, n)), (scores.values, slice(n, None))):
        own = scores.covariance[block, block]
        error = np.sqrt(np.maximum(own[first, first] + own[second, second] - 2 * own[first, second], 0))
        difference = values[first] - values[second]
        signs.append(np.where(np.abs(difference) > critical * error, np.sign(difference), 0.0))
    both = signs[0] * signs[1]
    decided, n_open = float(both.sum()), float((both == 0).sum())
    low, high = (decided - n_open) / len(first), (decided + n_open) / len(first)
    return {"kendall_tau_b": (low, high), "pairwise_accuracy": (0.5 + low / 2, 0.5 + high / 2)}


def all_candidates(board: Board, scores: Scores, rng: np.random.Generator) -> dict[str, dict[str, Interval]]:
    """The intervals of each candidate, the chosen one first."""
    simple: dict[str, Callable[[Board, Scores, np.random.Generator], dict[str, Interval]]] = {
        "posterior": posterior,
        "posterior, straight": posterior_of_straight_relations,
        "posterior, no atoms": posterior_without_atoms,
        "percentile": percentile,
        "reflected": reflected,
    }
    found = {name: interval(board, scores, rng) for name, interval in simple.items()}
    found["studentised"], found["double"] = studentised_and_double(board, scores, rng)
    found["pair decisions"] = pair_decisions(board, scores)
    return found


def _here(board: Board, scores: Scores) -> dict[str, FloatArray]:
    return observed_agreement(scores.values, board.strengths)


def _root(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _coefficients(rows: FloatArray) -> dict[str, FloatArray]:
    people, scores = np.split(rows, 2, axis=-1)
    return observed_agreement(scores, people)


def _resampled(board: Board, scores: Scores, rng: np.random.Generator) -> dict[str, FloatArray]:
    centre = np.concatenate([board.strengths, scores.values])
    return _coefficients(
        centre + rng.standard_normal((N_RESAMPLES, len(centre))) @ _root(scores.covariance).T
    )


def _z(values: FloatArray, name: str) -> FloatArray:
    centred = 2 * values - 1 if name == "pairwise_accuracy" else values
    return np.arctanh(np.clip(centred, -_LARGEST, _LARGEST))


def _back(values: FloatArray, name: str) -> FloatArray:
    back = np.tanh(values)
    return 0.5 + back / 2 if name == "pairwise_accuracy" else back


def _ends(low: float, high: float, *, name: str = "") -> Interval:
    smallest = 0.0 if name == "pairwise_accuracy" else -1.0
    return float(np.clip(low, smallest, 1.0)), float(np.clip(high, smallest, 1.0))
