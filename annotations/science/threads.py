"""Several processors at one task: numpy lets go of the interpreter while it computes.

Linear algebra itself runs on one thread (`hlv/__init__.py`), because its threads wait for each other wherever
somebody else wants a processor, too. Threads here wait for nobody: each takes the next unit of work that is left.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

Unit = TypeVar("Unit")


class ForEach(Protocol):
    """Calls a task with each unit, and comes back when all are done."""

    def __call__(self, task: Callable[[Unit], None], units: Iterable[Unit], /) -> None: ...


def n_processors() -> int:
    """How many this process may run on, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def for_each(*, worth_it: bool = True) -> Iterator[ForEach]:
    """Give a function (task, units) that calls the task with each unit, on as many threads as there are processors.

    It comes back when all units are done. Tasks must write to different places, and must not depend on which of them
    is done first; then the result has the same bits on any number of processors. The first error is raised.

    Parameters
    ----------
    worth_it
        Whether to use threads, which small work does not repay.
    """
    n_threads = n_processors() if worth_it else 1
    if n_threads == 1:
        yield _one_by_one
        return
    with ThreadPoolExecutor(n_threads, thread_name_prefix="hlv-science") as pool:

        def together(task: Callable[[Unit], None], units: Iterable[Unit]) -> None:
            for _ in pool.map(task, units):
                pass

        yield together


def _one_by_one(task: Callable[[Unit], None], units: Iterable[Unit]) -> None:
    for unit in units:
        task(unit)
