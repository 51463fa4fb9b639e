"""The same answer from another program: both timed in turn, and how far the answers lie apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.peers.environments import PeerMissingError
from benchmarks.peers.process import Arrays, peer
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import ENOUGH_SECONDS, interleaved_medians, timed
from hlv.stats.arrays import FloatArray


def against(
    scoreboard: Scoreboard,
    whose: str,
    ours: Callable[[], FloatArray],
    module: str,
    arrays: Arrays,
    *,
    answer: str,
    may_differ: float,
    at_least: float | None,
    environment: str = "peers",
    enough: float = ENOUGH_SECONDS,
) -> None:
    """Compare with what `module` in `benchmarks/peers` answers under the name `answer`."""
    try:
        with peer(module, arrays, environment=environment) as other:
            seconds = interleaved_medians({"hlv": timed(ours), "other": other.run}, enough=enough)
            apart = float(np.abs(ours() - other.answer()[answer]).max())
    except PeerMissingError as missing:
        scoreboard.cannot_compare(whose, str(missing))
        return
    scoreboard.against(
        whose, seconds["other"], ours=seconds["hlv"], at_least=at_least, apart=apart, may_differ=may_differ
    )
