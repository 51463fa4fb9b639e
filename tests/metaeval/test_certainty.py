"""The line below the headline: how sure the result is, and on how much data it is based."""

from __future__ import annotations

from typing import Any

import pytest

from hlv.core.rendering.sentences import unmarked
from metaeval.findings.dashboard import certainty_line
from metaeval.results.metric_agreement import MetricAgreementResult
from tests.metaeval.making import agreement_result, metric, ranking_result

DATA = "Data: 3 methods, 5 judges, 60 judgments."


def said(agreement: MetricAgreementResult | None = None, **ranking: Any) -> str:
    return unmarked(certainty_line(ranking_result(**ranking), agreement))


def test_of_compared_metrics_it_has_the_interval_of_the_highest_agreement() -> None:
    found = agreement_result(metric("soft_f1", 0.85), metric("accuracy", 0.2))
    assert said(found) == f"How sure: the highest τ-b is 0.85 (95 % interval 0.65 to 0.95). {DATA}"


def test_of_a_ranking_alone_it_counts_the_methods_that_can_be_first() -> None:
    assert said() == f"How sure: 2 methods can have rank 1 (95 % rank intervals). {DATA}"


def test_an_undetermined_ranking_has_no_interval() -> None:
    words = said(undetermined="The methods fall into 2 groups.")
    assert words == f"How sure: no interval can be computed yet. {DATA}"


@pytest.mark.parametrize("n_judges", [0, 1])
def test_judges_are_counted_where_they_are_known(n_judges: int) -> None:
    assert ("1 judge," in said(n_judges=n_judges)) == (n_judges == 1)
    assert ("judges" in said(n_judges=n_judges)) is False
