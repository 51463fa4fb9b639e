"""From judgments to Bradley-Terry strengths: the check that a ranking exists, and the fit."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from benchmarks.against import against
from benchmarks.peers.process import Arrays
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import judgment_counts, name_codes
from hlv.stats.power.simulate import simulate_judgments

SEED = 20260101
N_METHODS = 14
N_JUDGMENTS = 2_000_000
N_FEW_JUDGMENTS = 1_000
# module, environment, ratio to reach
CODED_PEERS = {
    "evalica": ("evalica_fit", "peers", 40),
    "evalica, its index at hand": ("evalica_indexed_fit", "peers", 10),
    "arena-rank": ("arena_rank_fit", "arena-rank", 300),
    "scikit-learn, logistic regression": ("sklearn_fit", "peers", 50),
}
# a small board costs little more than the calls themselves
CODED_PEERS_OF_FEW = {
    "evalica": ("evalica_fit", "peers", 1),
    "evalica, its index at hand": ("evalica_indexed_fit", "peers", 1),
}

_against = functools.partial(against, answer="strengths", may_differ=1e-3)


def run(scoreboard: Scoreboard) -> None:
    columns = _judgments(N_JUDGMENTS)
    _from_codes(scoreboard, columns, CODED_PEERS)
    _from_names(scoreboard, columns, at_least=2.5)
    few = _judgments(N_FEW_JUDGMENTS)
    _from_codes(scoreboard, few, CODED_PEERS_OF_FEW)
    _from_names(scoreboard, few, at_least=1)


def _judgments(n_judgments: int) -> Arrays:
    drawn = simulate_judgments(
        np.linspace(-1, 1, N_METHODS),
        n_judgments=n_judgments,
        n_judges=50,
        n_items=500,
        rng=np.random.default_rng(SEED),
        tie_share=0.2,
    )
    return {"first": drawn.first, "second": drawn.second, "outcome": drawn.outcome}


def _from_codes(scoreboard: Scoreboard, columns: Arrays, peers: Mapping[str, tuple[str, str, float]]) -> None:
    n_judgments = len(columns["first"])

    def ours() -> FloatArray:
        return fit_bradley_terry(*judgment_counts(**columns, n_methods=N_METHODS)).strengths

    def read() -> list[np.generic]:
        return [column.sum() for column in columns.values()]

    scoreboard.open_work(
        f"Existence check and fit from integer-coded judgments, {N_METHODS} methods, {n_judgments:,} judgments"
    )
    seconds = interleaved_medians({"hlv": timed(ours), "read": timed(read)})
    scoreboard.ours(seconds["hlv"])
    if n_judgments == N_JUDGMENTS:
        scoreboard.within(
            "beside reading the three columns once", seconds["hlv"] / seconds["read"], at_most=4
        )
    arrays = {**columns, "n_methods": np.array(N_METHODS)}
    for whose, (module, environment, at_least) in peers.items():
        _against(scoreboard, whose, ours, module, arrays, environment=environment, at_least=at_least)


def _from_names(scoreboard: Scoreboard, columns: Arrays, *, at_least: float) -> None:
    names = [f"method number {number}" for number in range(N_METHODS)]
    first = [names[code] for code in columns["first"].tolist()]
    second = [names[code] for code in columns["second"].tolist()]

    def ours() -> FloatArray:
        known, codes = name_codes(first, second)
        counts = judgment_counts(
            first=codes[0], second=codes[1], outcome=columns["outcome"], n_methods=len(known)
        )
        strengths = fit_bradley_terry(*counts, names=known).strengths
        return strengths[[known.index(name) for name in names]]

    scoreboard.open_work("The same from names as text")
    arrays = {**columns, "n_methods": np.array(N_METHODS), "names": np.array(names)}
    _against(scoreboard, "evalica", ours, "evalica_fit", arrays, environment="peers", at_least=at_least)
