"""A progress bar for long computations in a terminal or notebook."""

from __future__ import annotations

import sys
from functools import partial
from typing import Final

from hlv.stats.resampling.chunks import Runner, run_in_sequence

_WIDTH: Final = 30


def runner(*, progress: bool, what: str) -> Runner:
    """What computes a work in this process, with a bar on standard error where asked for."""
    return partial(run_in_sequence, progress=partial(_draw, what)) if progress else run_in_sequence


def _draw(what: str, done: int, total: int) -> None:
    filled = _WIDTH * done // total
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{what} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done / total:.0%}{end}")
    sys.stderr.flush()
