"""How reliable each judge is: Crowd-BT, on judges of whom some throw a coin."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from benchmarks.peers.environments import PeerMissingError
from benchmarks.peers.process import peer
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed
from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.comparisons import make_cells
from hlv.stats.power.simulate import simulate_judgments
from hlv.stats.raters.crowd_bt import CrowdBradleyTerry, fit_crowd_bt
from hlv.stats.raters.rater_counts import RaterCounts

SEED = 20260101
N_METHODS = 14
N_JUDGES = 50
N_SPAMMERS = 10
N_JUDGMENTS = 100_000


def run(scoreboard: Scoreboard) -> None:
    generator = np.random.default_rng(SEED)
    drawn = simulate_judgments(
        np.linspace(-1, 1, N_METHODS),
        n_judgments=N_JUDGMENTS,
        n_judges=N_JUDGES,
        n_items=500,
        rng=generator,
    )
    is_spam = drawn.judge < N_SPAMMERS
    outcome = np.where(is_spam, generator.integers(2, size=N_JUDGMENTS), drawn.outcome)
    columns = {"first": drawn.first, "second": drawn.second, "outcome": outcome, "judge": drawn.judge}

    def ours() -> CrowdBradleyTerry:
        return fit_crowd_bt(RaterCounts.of(make_cells(**columns), N_METHODS))

    scoreboard.open_work(
        f"Reliability of {N_JUDGES} judges, {N_SPAMMERS} of them coins, {N_JUDGMENTS:,} judgments"
    )
    mine = _separation(ours().reliability)
    scoreboard.holds("hlv separates coins from experts", mine == 1.0, f"area under the curve {mine:.2f}")
    arrays = {**columns, "n_methods": np.array(N_METHODS), "n_judges": np.array(N_JUDGES)}
    try:
        with peer("crowdkit_reliability", arrays) as other:
            seconds = interleaved_medians({"hlv": timed(ours), "other": other.run}, warm=False)
            found = other.answer()
    except PeerMissingError as missing:
        scoreboard.cannot_compare("crowd-kit", str(missing))
        return
    order = np.corrcoef(rankdata(ours().strengths), rankdata(found["scores"]))[0, 1]
    scoreboard.ours(seconds["hlv"])
    scoreboard.against(
        "crowd-kit, noisy Bradley-Terry",
        seconds["other"],
        ours=seconds["hlv"],
        at_least=50,
        remark=f"another model: its order of the methods correlates {order:.2f} with that of hlv",
    )
    theirs = _separation(found["skills"])
    print(f"  crowd-kit's skills separate them with an area under the curve of {theirs:.2f} (.5 is chance)")


def _separation(values: FloatArray) -> float:
    """Chance that an expert stands above a coin: the area under the curve."""
    coins, experts = values[:N_SPAMMERS, None], values[None, N_SPAMMERS:]
    return float(((experts > coins) + 0.5 * (experts == coins)).mean())
