"""When there may be enough answers: by hand, and what cannot be said."""

from __future__ import annotations

import pytest

from hlv.stats.labels.completion_forecast import NoProjectionError, projected_end


def test_days_that_are_all_alike_leave_no_doubt() -> None:
    found = projected_end([10] * 14, remaining=95)
    assert (found.per_day, found.days, found.earliest, found.latest, found.n_days) == (10, 10, 10, 10, 14)


def test_free_weekends_widen_the_range_by_hand() -> None:
    found = projected_end([14, 14, 14, 14, 14, 0, 0], remaining=100)
    # mean 10, standard deviation 6.831, times 2.447 over the root of 7: 6.317
    assert (found.per_day, found.days) == (10, 10)
    assert (found.earliest, found.latest) == (7, 28)


def test_days_so_uneven_that_the_end_may_never_come_say_so() -> None:
    assert projected_end([70, 0, 0, 0, 0, 0, 0], remaining=100).latest is None


@pytest.mark.parametrize(("days", "why"), [([], "no whole week"), ([0] * 7, "days have no answers")])
def test_where_days_say_nothing_no_end_is_projected(days: list[int], why: str) -> None:
    with pytest.raises(NoProjectionError, match=why):
        projected_end(days, remaining=5)


def test_days_that_are_not_whole_weeks_are_refused() -> None:
    with pytest.raises(ValueError, match="whole weeks"):
        projected_end([1, 2, 3], remaining=5)
    with pytest.raises(ValueError, match="nothing remains"):
        projected_end([1] * 7, remaining=0)
    with pytest.raises(ValueError, match="level"):
        projected_end([1] * 7, remaining=1, level=1)
