"""Bradley-Terry strengths from judgments."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.environments import PeerMissingError
from benchmarks.peers.process import peer
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from metaeval.science.bradley_terry import fit_bradley_terry
from metaeval.science.comparisons import SECOND, make_cells, pair_counts
from metaeval.science.simulate import simulate_judgments

SEED = 20260101


def run(scoreboard: Scoreboard) -> None:
    n_methods, n_judgments = 20, 100_000
    drawn = simulate_judgments(
        np.linspace(-1, 1, n_methods),
        n_judgments=n_judgments,
        n_judges=50,
        n_items=500,
        rng=np.random.default_rng(SEED),
    )
    second_won = drawn.outcome == SECOND
    pairs = {
        "n_methods": np.array(n_methods),
        "winners": np.where(second_won, drawn.second, drawn.first),
        "losers": np.where(second_won, drawn.first, drawn.second),
    }
    cells = make_cells(first=drawn.first, second=drawn.second, outcome=drawn.outcome)

    def ours() -> np.ndarray:
        return fit_bradley_terry(*pair_counts(cells, n_methods)).strengths

    scoreboard.open_work(f"Bradley-Terry, {n_judgments:,} judgments of {n_methods} methods, no ties")
    try:
        with peer("choix_fit", pairs) as choix:
            seconds = interleaved_medians({"hlv": timed(ours), "choix": choix.run}, enough=5)
            apart = float(np.abs(ours() - choix.answer()["strengths"]).max())
    except PeerMissingError as missing:
        scoreboard.cannot_compare("choix.ilsr_pairwise", str(missing))
        return
    scoreboard.open_work("  medians", seconds["hlv"])
    scoreboard.against(
        "choix.ilsr_pairwise", seconds["choix"], ours=seconds["hlv"], apart=apart, may_differ=1e-6
    )
