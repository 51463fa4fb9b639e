"""Medians of interleaved runs: other work on the machine then slows all sides alike."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping
from statistics import median

# read by the peers' worker too
CLOCK_VARIABLE = "HLV_BENCH_CLOCK"

LEAST_ROUNDS = 3
MOST_ROUNDS = 15
ENOUGH_SECONDS = 10.0
SHORT = 0.05
# Threads of some programs turn in circles for a while when their work is done, and would take a processor of the next side.
REST = 0.2

Run = Callable[[], float]


def now() -> float:
    """Seconds of the clock on the wall; with `--cpu`, those that this process has computed, all threads added."""
    return time.process_time() if os.environ.get(CLOCK_VARIABLE) == "cpu" else time.perf_counter()


def timed(task: Callable[[], object]) -> Run:
    """A run of the task that gives its seconds."""

    def run() -> float:
        gc.collect()
        begun = now()
        task()
        return now() - begun

    return run


def interleaved_medians(
    runs: Mapping[str, Run], *, least: int = LEAST_ROUNDS, enough: float = ENOUGH_SECONDS, warm: bool = True
) -> dict[str, float]:
    """Median seconds of each, run in turn after one turn that does not count; at least three rounds.

    A run of less than `SHORT` seconds is repeated within its turn, so that it meets as much of the others' load; each turn
    begins after a rest.
    Without `warm` the first turn counts, for what takes long and is not compiled as it runs.
    """
    first = {name: run() for name, run in runs.items()}
    seconds = {name: [] if warm else [value] for name, value in first.items()}
    least -= not warm
    begun = time.perf_counter()
    for done in range(1, MOST_ROUNDS + 1):
        for name, run in runs.items():
            repeats = max(1, min(10, int(SHORT / max(first[name], 1e-6))))
            time.sleep(REST)
            seconds[name] += [run() for _ in range(repeats)]
        if done >= least and time.perf_counter() - begun > enough:
            break
    return {name: median(values) for name, values in seconds.items()}
