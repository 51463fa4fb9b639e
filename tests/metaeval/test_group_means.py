"""Metric agreement within each base model, and its mean over them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from metaeval.models import Method
from metaeval.results.metric_agreement import GroupMeans
from metaeval.results.ranking_options import RankingOptions
from metaeval.services.group_means import ONE_GROUP, ONE_SCALE, group_agreement
from metaeval.services.metric_scores import Named

PEOPLE = np.array([3.0, 2.0, 1.0, 2.5, 1.5, 0.5])
SCORES = np.array([3.0, 2.0, 1.0, 0.5, 2.5, 1.5])


def grouped(*base_models: str) -> GroupMeans:
    methods = [
        Method(pk=place, name="abc"[place % 3], base_model=base) for place, base in enumerate(base_models)
    ]
    named = Named(MetricScores("bleu", True, SCORES), label="BLEU", origin="uploaded", hypothesis="bleu")
    options = RankingOptions(n_resamples=0)
    return group_agreement(HumanScores(PEOPLE), [named], methods, options, n_permutations=99)


def test_methods_of_one_base_model_are_not_grouped() -> None:
    found = grouped(*["small"] * 6)
    assert (found.undetermined, found.each) == (ONE_GROUP, [])


def test_the_mean_is_over_the_coefficients_of_the_base_models() -> None:
    found = grouped(*["small"] * 3, *["large"] * 3)
    taus = [stats.kendalltau(PEOPLE[rows], SCORES[rows]).statistic for rows in (slice(3), slice(3, 6))]
    assert [table.group for table in found.each] == ["small", "large"]
    assert [table.metrics[0].tau and table.metrics[0].tau.value for table in found.each] == pytest.approx(
        taus
    )
    (row,) = found.metrics
    assert row.tau is not None
    assert row.tau.value == pytest.approx(np.mean(taus))
    assert (row.label, found.notes) == ("BLEU", [ONE_SCALE])


def test_a_base_model_with_one_method_has_no_mean() -> None:
    found = grouped(*["small"] * 5, "large")
    assert found.undetermined == "There is no mean: 1 group with two methods or more."
    assert found.each[1].undetermined is not None
    assert found.notes[1] == "With one method each, and therefore in no mean: large."
