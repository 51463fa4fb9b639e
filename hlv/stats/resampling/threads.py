"""Several processors at one task: numpy lets go of the interpreter while it computes.

Linear algebra itself runs on one thread (`hlv/settings.py`), because its threads wait for each other wherever
somebody else wants a processor, too. Threads here wait for nobody: each takes the next unit of work that is left.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

# numbers from which on a pass over them on several threads saves more than it costs
WORTH_THREADS: Final = 1_000_000

Unit = TypeVar("Unit")


def n_processors() -> int:
    """How many this process may run on, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_threads(task: Callable[[Unit], None], units: Iterable[Unit], *, worth_it: bool = True) -> None:
    """Call the task with each unit, on as many threads as there are processors, and come back when all are done.

    Tasks must write to different places, and must not depend on which of them is done first; then the result has the
    same bits on any number of processors. An error is raised when the other threads have done what was left.

    Parameters
    ----------
    units
        In the order in which they are begun: the longest had better be the first.
    worth_it
        Whether to use threads, which small work does not repay.
    """
    n_others = n_processors() - 1 if worth_it else 0
    if not n_others:
        for unit in units:
            task(unit)
        return
    waiting, lock = iter(units), threading.Lock()

    def work() -> None:
        # no future for each unit, which takes as long as a small one
        while taken := _next(waiting, lock):
            task(*taken)

    with ThreadPoolExecutor(n_others, thread_name_prefix="hlv-science") as pool:
        others = [pool.submit(work) for _ in range(n_others)]
        work()
    for thread in others:
        thread.result()


def _next(waiting: Iterator[Unit], lock: threading.Lock) -> tuple[Unit] | None:
    with lock:
        for unit in waiting:
            return (unit,)
    return None
