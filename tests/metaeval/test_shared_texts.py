"""Within a metric agreement a text is drawn alike for the ranking and for every score of it."""

from __future__ import annotations

import numpy as np
import pytest
from django.utils import timezone

from annotations import jobs
from hlv.stats.correlation import correlations, ties_of
from hlv.stats.resampling.item_weights import ItemDraws
from metaeval.models import MetricAgreement
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.judgments import comparison_counts
from metaeval.selectors.scores import uploaded_scores
from metaeval.services.metric_scores import built_in_scores, uploaded
from metaeval.services.ranking import compute_ranking, fit_ranking, item_draws
from tests.making import make_campaign, make_items, make_methods, make_outputs, make_study
from tests.metaeval.test_agreement_diagnostics import judge_all, make_judged, make_scores_of_items
from tests.metaeval.test_results import make_labelled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

OPTIONS = RankingOptions(n_resamples=60, seed=5)


def weights(draws: ItemDraws) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return draws.counts(0, 60).astype(np.float64)


def test_uploaded_scores_and_built_in_metrics_draw_the_texts_of_the_ranking() -> None:
    study = make_study()
    make_labelled(study)
    campaign = make_campaign(study)
    methods = make_methods(study, ["a", "b", "c", "d"])
    items = list(study.items.order_by("pk"))
    judge_all(campaign, methods, items=items[: len(items) - 1])
    make_outputs(methods, items)
    values = np.random.default_rng(1).normal(size=(4, len(items)))
    make_scores_of_items(study, methods, items, values)
    ranking = compute_ranking(campaign, OPTIONS)
    draws = item_draws(ranking.counted, ranking.result)
    assert draws is not None
    assert set(draws.items.tolist()) == {item.pk for item in items[:-1]}
    drawn = weights(draws.of_items(np.array([item.pk for item in items])))

    (scores,) = uploaded_scores(study, methods=methods)
    by_text = uploaded(scores, OPTIONS, draws=draws).scores.resampled
    named, table = built_in_scores(study, methods, OPTIONS, as_of=timezone.now(), progress=None, draws=draws)

    assert table is not None
    np.testing.assert_allclose(by_text, (drawn @ values.T) / drawn.sum(axis=1, keepdims=True))
    soft = next(entry for entry in named if entry.scores.name == "po_jsd")
    assert soft.of_items is not None
    expected = (drawn @ soft.of_items.T) / drawn.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(soft.scores.resampled, expected, atol=1e-12)


def test_without_texts_in_the_ranking_there_is_nothing_to_share() -> None:
    campaign, _ = make_judged()
    ranking = compute_ranking(campaign, OPTIONS)

    assert ranking.result.resampling_unit == "judges"
    assert item_draws(ranking.counted, ranking.result) is None


def test_a_stored_agreement_says_how_its_intervals_were_made_and_what_they_are_for() -> None:
    campaign, methods = make_judged(n_items=8)
    items = make_items(campaign.study, 0) or list(campaign.study.items.all())
    make_scores_of_items(
        campaign.study, methods, items, np.random.default_rng(2).normal(size=(4, len(items)))
    )

    job = jobs.run_now(
        jobs.create(
            kind="metaeval",
            study=campaign.study,
            params={"campaign": str(campaign.uuid), "n_resamples": 60, "seed": 3},
        )
    )

    assert job.state == "done", job.reason
    result = MetricAgreement.objects.get().result
    assert result["interval_method"] == "errors-in-variables posterior"
    assert "true values" in result["interval_estimand"]
    (row,) = result["metrics"]
    low, high = row["kendall_tau_b"]["interval"]
    assert low <= row["kendall_tau_b"]["value"] <= high
    assert any("fewer than 6 methods" in note for note in result["notes"])


def test_groups_that_are_ranked_apart_draw_the_texts_of_the_metrics() -> None:
    campaign = make_campaign(make_study(task="none", labels=()))
    items = make_items(campaign.study, 8)
    groups = [make_methods(campaign.study, list("abcd"), base_model=base) for base in ("small", "large")]
    for methods in groups:
        judge_all(campaign, methods, items=items)
    every = [method for methods in groups for method in methods]
    make_scores_of_items(campaign.study, every, items, np.random.default_rng(4).normal(size=(8, 8)))

    job = jobs.run_now(
        jobs.create(
            kind="metaeval",
            study=campaign.study,
            params={"campaign": str(campaign.uuid), "n_resamples": OPTIONS.n_resamples, "seed": OPTIONS.seed},
        )
    )

    assert job.state == "done", job.reason
    counted = comparison_counts(campaign)
    draws = item_draws(counted, fit_ranking(counted, OPTIONS))
    assert draws is not None
    assert len(draws.items) == 0
    (scores,) = uploaded_scores(campaign.study, methods=list(counted.methods))
    rows = uploaded(scores, OPTIONS, draws=draws).scores.resampled
    assert rows is not None
    for table, members in zip(
        MetricAgreement.objects.get().result["groups"]["each"], np.split(np.arange(8), 2), strict=True
    ):
        ranked = fit_ranking(counted.between(members), OPTIONS, draws=draws).resamples
        assert ranked is not None
        strengths, own = ranked.strengths_with_prior, rows[:, members]
        ties = {"x_ties": ties_of(own, "score"), "y_ties": ties_of(strengths, "strength")}
        # a resample in which all methods are tied has no correlation
        joint = correlations(own, strengths, **ties)["pearson"]
        (row,) = table["metrics"]
        assert row["pearson"]["resample_mean"] == pytest.approx(np.nanmean(joint))
