"""Agreement among annotators: the coefficients and their values, beside irrCAC, krippendorff and scikit-learn."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from benchmarks.against import against
from benchmarks.scoreboard import Scoreboard
from hlv.stats.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from hlv.stats.arrays import FloatArray, IntArray

SEED = 20260101
N_ITEMS = 20_000
N_ANNOTATORS = 5
N_LABELS = 8
MISSING = 0.1
# tables and items of one coefficient by itself: of small ones so many that what is timed is not the first call alone
SIZES = ((100, 100), (10, 1_000), (1, 20_000), (1, 200_000))
# not slower than the programs that compute nothing else
AT_LEAST = 1

_against = functools.partial(against, answer="values", may_differ=1e-9, at_least=None, enough=3)


def run(scoreboard: Scoreboard) -> None:
    _all_coefficients(scoreboard)
    for n_tables, n_items in SIZES:
        _single_coefficients(scoreboard, n_tables, n_items)


def _all_coefficients(scoreboard: Scoreboard) -> None:
    ratings = _ratings(N_ITEMS, missing=MISSING)

    def ours() -> FloatArray:
        counts = _counts(ratings)
        return np.array(
            [
                percent_agreement(counts),
                fleiss_kappa(counts),
                gwet_ac1(counts),
                krippendorff_alpha(counts),
            ]
        )

    scoreboard.open_work(
        f"Percent, Fleiss, Gwet AC1 and alpha of {N_ANNOTATORS} annotators, {N_LABELS} labels, {N_ITEMS:,} items"
    )
    arrays = {"ratings": ratings, "n_labels": np.array(N_LABELS)}
    _against(scoreboard, "irrCAC", ours, "irrcac_coefficients", arrays, environment="irrcac")


def _single_coefficients(scoreboard: Scoreboard, n_tables: int, n_items: int) -> None:
    ratings = _ratings(n_tables * n_items, missing=0.0)
    tables = _counts(ratings).reshape(n_tables, n_items, N_LABELS)
    first, second = (ratings[:, one].copy().reshape(n_tables, n_items) for one in (0, 1))
    tasks: dict[str, Callable[[], FloatArray]] = {
        "nominal": lambda: np.array([krippendorff_alpha(counts) for counts in tables]),
        "ordinal": lambda: np.array([krippendorff_alpha(counts, distance="ordinal") for counts in tables]),
    }

    def kappas() -> FloatArray:
        pairs = zip(first, second, strict=True)
        return np.array([cohen_kappa(left, right, n_labels=N_LABELS) for left, right in pairs])

    scoreboard.open_work(f"One coefficient of {N_LABELS} labels, {n_tables:,} x {n_items:,} items")
    for distance, ours in tasks.items():
        arrays = {"tables": tables, "distance": np.array(distance)}
        whose = f"krippendorff, {distance} alpha"
        _against(scoreboard, whose, ours, "krippendorff_coefficients", arrays, at_least=AT_LEAST)
    arrays = {"first": first, "second": second}
    whose = "scikit-learn, Cohen's kappa"
    _against(scoreboard, whose, kappas, "sklearn_coefficients", arrays, at_least=AT_LEAST)


def _ratings(n_items: int, *, missing: float) -> IntArray:
    """Labels of items x annotators, -1 where there is none; every item has one."""
    generator = np.random.default_rng(SEED)
    common = generator.integers(N_LABELS, size=(n_items, 1))
    own = generator.integers(N_LABELS, size=(n_items, N_ANNOTATORS))
    ratings = np.where(generator.random(own.shape) < 0.6, common, own)
    ratings[generator.random(own.shape) < missing] = -1
    ratings[:, 0] = np.where((ratings < 0).all(axis=1), common[:, 0], ratings[:, 0])
    return ratings


def _counts(ratings: IntArray) -> IntArray:
    return np.stack([(ratings == label).sum(axis=1) for label in range(N_LABELS)], axis=1)
