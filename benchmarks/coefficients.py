"""Agreement among annotators: the coefficients and their values, beside irrCAC."""

from __future__ import annotations

import numpy as np

from annotations.science.agreement.coefficients import (
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from annotations.science.distributions import FloatArray
from benchmarks.peers.environments import PeerMissingError
from benchmarks.peers.process import peer
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians, timed

SEED = 20260101
N_ITEMS = 20_000
N_ANNOTATORS = 5
N_LABELS = 8
MISSING = 0.1


def run(scoreboard: Scoreboard) -> None:
    generator = np.random.default_rng(SEED)
    common = generator.integers(N_LABELS, size=(N_ITEMS, 1))
    own = generator.integers(N_LABELS, size=(N_ITEMS, N_ANNOTATORS))
    ratings = np.where(generator.random(own.shape) < 0.6, common, own)
    ratings[generator.random(own.shape) < MISSING] = -1
    ratings[:, 0] = np.where((ratings < 0).all(axis=1), common[:, 0], ratings[:, 0])

    def ours() -> FloatArray:
        counts = np.stack([(ratings == label).sum(axis=1) for label in range(N_LABELS)], axis=1)
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
    try:
        with peer(
            "irrcac_coefficients", {"ratings": ratings, "n_labels": np.array(N_LABELS)}, environment="irrcac"
        ) as other:
            seconds = interleaved_medians({"hlv": timed(ours), "other": other.run}, enough=3)
            found = other.answer()["values"]
    except PeerMissingError as missing:
        scoreboard.cannot_compare("irrCAC", str(missing))
        return
    scoreboard.ours(seconds["hlv"])
    scoreboard.against(
        "irrCAC",
        seconds["other"],
        ours=seconds["hlv"],
        apart=float(np.abs(ours() - found).max()),
        may_differ=1e-9,
    )
