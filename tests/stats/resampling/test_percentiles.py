"""Percentile intervals of resamples, some without an answer."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.resampling.percentiles import percentile_intervals


def test_percentiles_leave_out_a_few_without_an_answer_and_say_so() -> None:
    values = np.arange(100.0)[:, None]
    values[:5] = np.nan

    found = percentile_intervals(values)

    assert found.low is not None
    assert found.low[0] == pytest.approx(np.quantile(np.arange(5, 100), 0.025))
    assert found.rule == "percentiles of 95 resamples; 5 without an answer are left out"


def test_percentiles_are_not_estimable_when_many_have_no_answer() -> None:
    values = np.arange(100.0)[:, None]
    values[:6] = np.nan

    found = percentile_intervals(values)

    assert found.low is None
    assert found.rule == "not estimable: 6 of 100 resamples have no answer (more than 5%)"


def test_nothing_resampled_has_no_percentiles() -> None:
    assert percentile_intervals(np.empty((0, 3))).rule == "nothing was resampled"
