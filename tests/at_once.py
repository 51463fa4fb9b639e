"""Threads that start together, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(n_threads: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work` returned in each thread; a thread that raises fails the test."""
    barrier, results = threading.Barrier(n_threads), [None] * n_threads

    def run(index: int) -> None:
        try:
            barrier.wait()
            results[index] = work(index)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
