"""Resamples of a board of comparisons, with a fit each."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.environments import PeerMissingError
from benchmarks.peers.process import Arrays, peer
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bootstrap import (
    CHUNK,
    ResamplingUnit,
    comparison_resampler,
    resample_fits,
)
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import Cells, make_cells, pair_counts
from hlv.stats.pairwise.pair_likelihoods import pair_table, square_tables
from hlv.stats.power.simulate import simulate_judgments

SEED = 20260101
N_METHODS = 14
N_JUDGMENTS = 100_000
N_RESAMPLES = 1000
# the other programs make one resample after another: so many tell what a thousand take
N_MEASURED = 50
# spreads of 50 resamples against those of 1,000: their own chance is 10 % and 2 %
SPREADS_MAY_DIFFER = 0.5


def run(scoreboard: Scoreboard) -> None:
    drawn = simulate_judgments(
        np.linspace(-1, 1, N_METHODS),
        n_judgments=N_JUDGMENTS,
        n_judges=50,
        n_items=500,
        rng=np.random.default_rng(SEED),
        tie_share=0.2,
        taste_sd=0.35,
    )
    columns = {"first": drawn.first, "second": drawn.second, "outcome": drawn.outcome}
    cells = make_cells(**columns, judge=drawn.judge)
    arrays = {
        **columns,
        "judge": drawn.judge,
        "n_methods": np.array(N_METHODS),
        "n_resamples": np.array(N_MEASURED),
    }
    scoreboard.open_work(
        f"{N_RESAMPLES:,} resamples of judgments with a fit each, {N_METHODS} methods, {N_JUDGMENTS:,} judgments"
    )
    arrays["cluster"] = np.array("battle")
    _against_arenakit(scoreboard, cells, "judgments", arrays, at_least=100)
    _against_choix(scoreboard, cells, at_least=20)
    scoreboard.open_work(f"{N_RESAMPLES:,} resamples of 50 judges, the same judgments")
    arrays["cluster"] = np.array("voter")
    _against_arenakit(scoreboard, cells, "judges", arrays, at_least=20)


def _resampled(cells: Cells, unit: ResamplingUnit) -> FloatArray:
    """From single judgments on: nothing is counted before."""
    counts = pair_counts(cells, N_METHODS)
    resampler = comparison_resampler(cells, pair_table(*counts), unit=unit, seed=SEED)
    return resample_fits(resampler, fit_bradley_terry(*counts), n_resamples=N_RESAMPLES).strengths


def _against_arenakit(
    scoreboard: Scoreboard, cells: Cells, unit: ResamplingUnit, arrays: Arrays, *, at_least: float
) -> None:
    try:
        with peer("arenakit_bootstrap", arrays) as other:
            seconds = interleaved_medians(
                {"hlv": timed(lambda: _resampled(cells, unit)), "other": other.run}, enough=5
            )
            ours, theirs = _resampled(cells, unit).std(axis=0), other.answer()["strengths"].std(axis=0)
    except PeerMissingError as missing:
        scoreboard.cannot_compare("arenakit", str(missing))
        return
    scoreboard.ours(seconds["hlv"])
    scoreboard.against(
        f"arenakit by {arrays['cluster']}",
        seconds["other"] * N_RESAMPLES / N_MEASURED,
        ours=seconds["hlv"],
        at_least=at_least,
        apart=float(np.abs(ours / theirs - 1).max()),
        may_differ=SPREADS_MAY_DIFFER,
        remark=f"of their standard errors, with draws of its own ({N_MEASURED} resamples measured)",
    )


def _against_choix(scoreboard: Scoreboard, cells: Cells, *, at_least: float) -> None:
    """The same resamples: choix is given the tables that hlv draws, and has no drawing to do."""
    pairs = pair_table(*pair_counts(cells, N_METHODS))
    wins, ties = square_tables(comparison_resampler(cells, pairs, unit="judgments", seed=SEED).draw(0, CHUNK))
    tables = (wins + ties / 2)[:N_MEASURED]
    try:
        with peer("choix_loop", {"tables": tables}) as other:
            seconds = interleaved_medians(
                {"hlv": timed(lambda: _resampled(cells, "judgments")), "other": other.run}, enough=5
            )
            apart = np.abs(_resampled(cells, "judgments")[:N_MEASURED] - other.answer()["strengths"]).max()
    except PeerMissingError as missing:
        scoreboard.cannot_compare("choix", str(missing))
        return
    scoreboard.against(
        "choix, a loop on the drawn counts",
        seconds["other"] * N_RESAMPLES / N_MEASURED,
        ours=seconds["hlv"],
        at_least=at_least,
        apart=float(apart),
        may_differ=1e-6,
        remark=f"{N_MEASURED} fits measured",
    )
