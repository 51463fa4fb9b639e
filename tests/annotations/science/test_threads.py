"""Several processors at one task."""

from __future__ import annotations

import threading

import pytest

from annotations.science.threads import for_each


@pytest.mark.parametrize("worth_it", [False, True])
def test_each_unit_is_done_once_before_the_call_comes_back(worth_it: bool) -> None:
    done: list[int] = []
    with for_each(worth_it=worth_it) as each:
        each(done.append, range(50))
        assert sorted(done) == list(range(50))


@pytest.mark.parametrize("worth_it", [False, True])
def test_the_first_error_is_raised(worth_it: bool) -> None:
    def fail(unit: int) -> None:
        if unit >= 3:
            raise ValueError(f"unit {unit}")

    with for_each(worth_it=worth_it) as each, pytest.raises(ValueError, match="unit 3"):
        each(fail, range(5))


def test_what_is_not_worth_threads_starts_none() -> None:
    names: set[str] = set()
    with for_each(worth_it=False) as each:
        each(lambda unit: names.add(threading.current_thread().name), range(5))
    assert names == {threading.current_thread().name}
