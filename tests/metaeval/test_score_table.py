"""Rows of a score table: what has a value, an interval, or a reason."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.meta_evaluation.agreement_result import MetricScores
from metaeval.models import Method
from metaeval.services.metric_scores import NO_VALUE, NOTHING_TO_RESAMPLE, Named, uploaded_table
from metaeval.services.score_table import finite, interval_of, n_drawn

METHODS = [Method(pk=pk, name=name) for pk, name in ((1, "a"), (2, "b"))]


def make_named(*, resampled: bool) -> Named:
    rows = np.array([[0.1, np.nan], [0.3, np.nan], [0.5, np.nan]]) if resampled else None
    scores = MetricScores("bleu", True, np.array([0.3, np.nan]), rows)
    return Named(scores, label="BLEU", origin="uploaded", hypothesis="bleu")


def test_resamples_are_those_that_were_drawn_of_any_score() -> None:
    assert n_drawn([]) == 0
    assert n_drawn([None, None]) == 0
    assert n_drawn([None, np.zeros((3, 2)), np.zeros((5, 2))]) == 5


def test_a_number_that_is_not_finite_is_not_stored() -> None:
    assert [finite(value) for value in (0.5, np.inf, np.nan)] == [0.5, None, None]


def test_a_column_without_resamples_has_no_interval() -> None:
    assert interval_of(np.empty(0)) is None
    low, high = interval_of(np.linspace(0.0, 1.0, 101)) or (None, None)
    assert (low, high) == pytest.approx((0.025, 0.975))


def test_an_uploaded_score_without_a_value_has_the_reason() -> None:
    table = uploaded_table([make_named(resampled=True)], METHODS, n_resamples=3, built_in=None)
    (column,) = table.columns
    assert table.n_drawn == 3
    assert [score.undefined for score in column.scores] == [None, NO_VALUE]
    assert column.why_no_interval is None


def test_one_value_of_each_method_has_no_interval_and_says_why() -> None:
    named = [make_named(resampled=False)]
    (column,) = uploaded_table(named, METHODS, n_resamples=3, built_in=None).columns
    (without,) = uploaded_table(named, METHODS, n_resamples=0, built_in=None).columns
    assert column.why_no_interval == NOTHING_TO_RESAMPLE
    assert str(without.why_no_interval).startswith("no resamples")
    assert uploaded_table([], METHODS, n_resamples=3, built_in=None).fingerprint == ""
