"""Several processors at one task."""

from __future__ import annotations

import threading

import pytest

from hlv.stats.resampling.chunks import map_threads


@pytest.mark.parametrize("worth_it", [False, True])
def test_each_unit_is_done_once_before_the_call_comes_back(worth_it: bool) -> None:
    done: list[int] = []
    map_threads(done.append, range(50), worth_it=worth_it)
    assert sorted(done) == list(range(50))


@pytest.mark.parametrize("worth_it", [False, True])
def test_an_error_is_raised_whichever_thread_met_it(worth_it: bool) -> None:
    def fail(unit: int) -> None:
        if unit == 3:
            raise ValueError(f"unit {unit}")

    with pytest.raises(ValueError, match="unit 3"):
        map_threads(fail, range(5), worth_it=worth_it)


def test_what_is_not_worth_threads_starts_none() -> None:
    names: set[str] = set()
    map_threads(lambda unit: names.add(threading.current_thread().name), range(5), worth_it=False)
    assert names == {threading.current_thread().name}
