"""Boards of comparisons for tests."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells
from tests.published.boards import PUDDING

OUTCOMES = {"left": FIRST, "right": SECOND, "tie": TIE}


def make_board(
    n_methods: int, *, wins: Iterable[tuple[int, int, int]] = (), ties: Iterable[tuple[int, int, int]] = ()
) -> tuple[FloatArray, FloatArray]:
    """Tables from rows (i, j, how often i beat j, or tied with it)."""
    won, tied = np.zeros((n_methods, n_methods)), np.zeros((n_methods, n_methods))
    for i, j, count in wins:
        won[i, j] += count
    for i, j, count in ties:
        tied[i, j] += count
        tied[j, i] += count
    return won, tied


def make_random_cells(
    seed: int,
    *,
    n_methods: int = 5,
    n_judges: int = 12,
    n_items: int = 10,
    n_judgments: int = 600,
    spread: float = 0.8,
    share_of_ties: float = 0.15,
    known: bool = True,
) -> Cells:
    """Judgments of a Bradley-Terry world, a fixed share of them ties."""
    generator = np.random.default_rng(seed)
    strengths = np.linspace(spread, -spread, n_methods)
    first = generator.integers(n_methods, size=n_judgments)
    second = (first + generator.integers(1, n_methods, size=n_judgments)) % n_methods
    first_wins = generator.random(n_judgments) < 1 / (1 + np.exp(strengths[second] - strengths[first]))
    outcome = np.where(first_wins, FIRST, SECOND)
    outcome[generator.random(n_judgments) < share_of_ties] = TIE
    judge, item = (
        generator.integers(n_judges, size=n_judgments),
        generator.integers(n_items, size=n_judgments),
    )
    if not known:
        return make_cells(first=first, second=second, outcome=outcome)
    return make_cells(first=first, second=second, outcome=outcome, judge=judge, item=item)


def read_llmfao(shared_data: Path, name: str) -> tuple[Cells, list[str]]:
    """Judgments of "crowd", "gpt3-crowd" or "gpt4-crowd", and the methods' names."""
    with (shared_data / "llmfao" / f"{name}-comparisons.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["left"] for row in rows} | {row["right"] for row in rows})
    place = {method: index for index, method in enumerate(names)}
    return (
        make_cells(
            first=[place[row["left"]] for row in rows],
            second=[place[row["right"]] for row in rows],
            outcome=[OUTCOMES[row["winner"]] for row in rows],
            judge=[int(row["worker"]) for row in rows] if "worker" in rows[0] else None,
            item=[int(row["prompt"]) for row in rows],
        ),
        names,
    )


def pudding() -> tuple[FloatArray, FloatArray]:
    won = [(i - 1, j - 1, wins) for (i, j), (wins, _, _) in PUDDING.items()]
    lost = [(j - 1, i - 1, losses) for (i, j), (_, losses, _) in PUDDING.items()]
    return make_board(
        6, wins=won + lost, ties=[(i - 1, j - 1, ties) for (i, j), (_, _, ties) in PUDDING.items()]
    )
