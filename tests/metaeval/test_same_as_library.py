"""The web application and the library give the same bits for the same data."""

from __future__ import annotations

import numpy as np
import pytest
from django.utils import timezone

from annotations.models import Study
from annotations.results.round_report import read_label_agreement
from annotations.selectors.answers import current_answers
from annotations.services.agreement import compute_label_agreement
from hlv.stats import (
    LabelDistributions,
    MethodRanking,
    label_agreement,
    label_distributions,
    metric_agreement,
    rank_methods,
    score_methods,
)
from metaeval.models import Campaign, Judgment, Method
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.outputs import output_arrays
from metaeval.services.metric_agreement import agree_with_experts
from metaeval.services.ranking import compute_ranking
from metaeval.services.scoring import score_methods as score_study
from tests.making import make_campaign, make_methods, make_outputs, make_study
from tests.metaeval.test_agreement_diagnostics import judge_all
from tests.metaeval.test_results import make_labelled

pytestmark = pytest.mark.django_db

OPTIONS = RankingOptions(n_resamples=60, seed=5)
METHODS = ["a", "b", "c", "d"]


@pytest.fixture
def study() -> Study:
    study = make_study()
    make_labelled(study)
    methods = make_methods(study, METHODS)
    items = list(study.items.order_by("pk"))
    judge_all(make_campaign(study), methods, items=items[: len(items) - 1])
    make_outputs(methods, items)
    return study


def labels_of(study: Study) -> LabelDistributions:
    answers = current_answers(study).prefetch_related("labels__label")
    return label_distributions(
        items=[answer.item_id for answer in answers],
        annotators=[answer.participant_id for answer in answers],
        labels=[[one.label.key for one in answer.labels.all() if one.chosen] for answer in answers],
        label_names=list(study.labels.order_by("position").values_list("key", flat=True)),
    )


def ranking_of(campaign: Campaign) -> MethodRanking:
    judgments = Judgment.objects.filter(comparison__campaign=campaign).select_related("comparison")
    names = dict(Method.objects.filter(study=campaign.study).values_list("pk", "name"))
    pairs = [(names[one.comparison.low_id], names[one.comparison.high_id]) for one in judgments]
    return rank_methods(
        first=[low for low, _ in pairs],
        second=[high for _, high in pairs],
        winner=["first" if (one.verdict == "left") == one.low_is_left else "second" for one in judgments],
        judge=[one.participant_id for one in judgments],
        item=[one.comparison.item_id for one in judgments],
        n_resamples=OPTIONS.n_resamples,
        seed=OPTIONS.seed,
    )


def outputs_of(study: Study) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    item_ids = np.array(study.items.order_by("pk").values_list("pk", flat=True))
    arrays = output_arrays(study, methods=list(Method.objects.filter(study=study)), item_ids=item_ids)
    return {method.name: output for method, output in zip(arrays.methods, arrays.mean, strict=True)}


def test_agreement_among_annotators(study: Study) -> None:
    stored = read_label_agreement(compute_label_agreement(study, n_resamples=100, seed=3))
    found = label_agreement(labels_of(study), n_resamples=100, seed=3).agreement
    assert found.krippendorff_alpha.value is not None
    assert found.krippendorff_alpha == stored.krippendorff_alpha
    assert found.per_label == stored.per_label


def test_scores_and_their_intervals(study: Study) -> None:
    table = score_study(
        study, methods=list(Method.objects.filter(study=study)), n_resamples=60, seed=5, as_of=timezone.now()
    )
    found = score_methods(labels_of(study), outputs_of(study), n_resamples=60, seed=5)
    assert [metric.name for metric in found.metrics] == [scored.definition.name for scored in table.metrics]
    for column, scored in enumerate(table.metrics):
        np.testing.assert_array_equal(found.values[:, column], scored.values)
        ends = [scored.interval(row) or (np.nan, np.nan) for row in range(len(METHODS))]
        np.testing.assert_array_equal(found.low[:, column], [low for low, _ in ends])
        np.testing.assert_array_equal(found.high[:, column], [high for _, high in ends])


def test_the_ranking_and_the_agreement_of_metrics(study: Study) -> None:
    computed = compute_ranking(Campaign.objects.get(study=study), OPTIONS)
    compared = agree_with_experts(computed, OPTIONS)
    assert compared is not None
    stored = read_agreement(compared.snapshot)
    ranking = ranking_of(Campaign.objects.get(study=study))
    np.testing.assert_array_equal(ranking.ranking.strengths, computed.result.strengths)
    np.testing.assert_array_equal(ranking.ranking.low, computed.result.low)

    scores = score_methods(labels_of(study), outputs_of(study), n_resamples=60, seed=5)
    found = metric_agreement(ranking, scores, seed=5)
    for row in stored.metrics:
        tau = row.coefficients["kendall_tau_b"]
        ours = found.coefficient(row.name)
        assert (ours.value, ours.interval, ours.p) == (tau.value, tau.interval, tau.p)
