"""Coverage of the intervals of agreement with human scores of texts, and how often a test rejects equal metrics.

Systems are fixed. Each text, and each document, has effects on all systems and on each system; people round their
scores, so that they tie. The truth is the agreement over many more texts of the same systems.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.meta_evaluation.grouped_agreement import GROUPED_COEFFICIENTS, grouped_agreement
from hlv.stats.meta_evaluation.score_cells import Grouping
from hlv.stats.meta_evaluation.segment_differences import segment_differences

SEED: Final = 20_261_202
N_SIMULATIONS: Final = 200
N_RESAMPLES: Final = 200
N_EXCHANGES: Final = 499
# Texts of which the truth is computed.
TRUE_TEXTS: Final = 20_000
GROUPINGS: Final[tuple[Grouping, ...]] = ("item", "system")
# Of the error of a metric: the second one of a pair is as good, or worse.
NOISE: Final = 1.0
# What a cell of the table is to hold, and what a test may reject of equal metrics.
LEAST_COVERAGE: Final = 0.925
MOST_ERRORS: Final = 0.075


@dataclass(frozen=True)
class Layout:
    """Systems, documents and texts of each; documents of one text are texts alone."""

    n_systems: int
    n_documents: int
    n_texts: int = 1

    @property
    def words(self) -> str:
        if self.n_texts == 1:
            return f"{self.n_systems} systems, {self.n_documents} texts"
        return f"{self.n_systems} systems, {self.n_documents} documents of {self.n_texts} texts"

    def scores(
        self, rng: np.random.Generator, n_documents: int | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
        """Two metrics of the same quality, people, and the document of each text."""
        n_documents = n_documents or self.n_documents
        document = np.repeat(np.arange(n_documents), self.n_texts)
        shape = (self.n_systems, len(document))
        quality = np.linspace(-1, 1, self.n_systems)[:, None] + rng.normal(size=(1, shape[1]))
        quality = quality + 0.7 * rng.normal(size=shape)
        own = 0.5 if self.n_texts > 1 else 0.0
        people, one, other = (
            quality
            + own * rng.normal(size=(self.n_systems, n_documents))[:, document]
            + NOISE * rng.normal(size=shape)
            for _ in range(3)
        )
        return one, other, np.round(people), document


LAYOUTS: Final = (
    Layout(6, 30),
    Layout(10, 60),
    Layout(15, 80),
    Layout(10, 12, 5),
    Layout(10, 40, 5),
)


def _truth(layout: Layout, grouping: Grouping) -> dict[str, float]:
    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(1,)))
    one, _other, people, _document = layout.scores(rng, TRUE_TEXTS // layout.n_texts)
    found = grouped_agreement(one, people, grouping=grouping, unit=None, seed=SEED)
    return {name: _defined(coefficient.value) for name, coefficient in found.coefficients.items()}


def _defined(value: float | None) -> float:
    if value is None:
        raise ValueError("a simulated agreement is undefined")
    return value


@dataclass(frozen=True)
class Found:
    """Shares of simulations: by grouping and coefficient, and by coefficient alone."""

    holds: dict[tuple[Grouping, str], float]
    widths: dict[tuple[Grouping, str], float]
    rejects: dict[str, float]
    difference_holds: dict[str, float]


def measure(layout: Layout, n_simulations: int, *, seed: int = SEED) -> Found:
    truth = {grouping: _truth(layout, grouping) for grouping in GROUPINGS}
    holds: dict[tuple[Grouping, str], list[bool]] = {}
    widths: dict[tuple[Grouping, str], list[float]] = {}
    rejects: dict[str, list[bool]] = {}
    held: dict[str, list[bool]] = {}
    for number, child in enumerate(np.random.SeedSequence(seed).spawn(n_simulations)):
        one, other, people, document = layout.scores(np.random.default_rng(child))
        documents = document if layout.n_texts > 1 else None
        for grouping in GROUPINGS:
            found = grouped_agreement(
                one, people, grouping=grouping, documents=documents, n_resamples=N_RESAMPLES, seed=number
            )
            for name, coefficient in found.coefficients.items():
                low, high = coefficient.interval or (np.nan, np.nan)
                holds.setdefault((grouping, name), []).append(low <= truth[grouping][name] <= high)
                widths.setdefault((grouping, name), []).append(high - low)
        for differences in segment_differences(
            {"one": one, "other": other}, people, documents=documents, n_permutations=N_EXCHANGES, seed=number
        ):
            (pair,) = differences.pairs
            low, high = pair.interval or (np.nan, np.nan)
            rejects.setdefault(differences.coefficient, []).append(pair.p <= 0.05)
            held.setdefault(differences.coefficient, []).append(low <= 0 <= high)
    return Found(
        {key: float(np.mean(values)) for key, values in holds.items()},
        {key: float(np.mean(values)) for key, values in widths.items()},
        {name: float(np.mean(values)) for name, values in rejects.items()},
        {name: float(np.mean(values)) for name, values in held.items()},
    )


def table_of_segments(n_simulations: int = N_SIMULATIONS) -> list[str]:
    """Print the table; returns what is not as it claims."""
    print(
        f"Agreement with human scores of texts: {n_simulations} simulations each, seed {SEED}; {N_RESAMPLES} "
        f"resamples, {N_EXCHANGES} exchanges; in order: {', '.join(GROUPED_COEFFICIENTS)}"
    )
    problems = []
    for layout in LAYOUTS:
        found = measure(layout, n_simulations)
        _print(layout, found)
        if not _problems(layout, found):
            continue
        # one cell of many may lie beyond its bound by chance: fresh simulations say whether it does
        again = measure(layout, n_simulations, seed=SEED + 1)
        print(f"again, seed {SEED + 1}:")
        _print(layout, again)
        problems += _problems(layout, again)
    return problems


def _print(layout: Layout, found: Found) -> None:
    for grouping in GROUPINGS:
        widths = [found.widths[grouping, name] for name in GROUPED_COEFFICIENTS]
        print(
            f"{layout.words}, by {grouping}: holds "
            f"{_shares(found.holds[grouping, name] for name in GROUPED_COEFFICIENTS)}; widths "
            f"{', '.join(f'{value:.3f}' for value in widths)}",
            flush=True,
        )
    print(
        f"{layout.words}, equal metrics: rejected {_shares(found.rejects.values())}; interval of the difference holds "
        f"0 {_shares(found.difference_holds.values())}",
        flush=True,
    )


def _problems(layout: Layout, found: Found) -> list[str]:
    low = [
        f"{layout.words}, by {grouping}, {name}: holds {share:.1%}"
        for (grouping, name), share in found.holds.items()
        if share < LEAST_COVERAGE
    ]
    return low + [
        f"{layout.words}, {name}: {share:.1%} of equal metrics are rejected"
        for name, share in found.rejects.items()
        if share > MOST_ERRORS
    ]


def _shares(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.1%}" for value in values)


if __name__ == "__main__":
    found_problems = table_of_segments(int(sys.argv[1]) if len(sys.argv) > 1 else N_SIMULATIONS)
    print("\n".join(found_problems) or "All within what they claim.")
    sys.exit(1 if found_problems else 0)
