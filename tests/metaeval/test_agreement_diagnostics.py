"""What a metric agreement says beyond its coefficients, against sums done another way."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from annotations import jobs
from annotations.models import Import, Item, Study
from metaeval.models import AutomaticJudge, Campaign, Judgment, Method, Metric, MetricAgreement, MetricScore
from metaeval.results.ranking_options import RankingOptions
from metaeval.services.ranking import compute_ranking
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_items,
    make_methods,
    make_outputs,
    make_participant,
    make_study,
    make_uploaded_metric,
)
from tests.metaeval.test_results import make_labelled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]

WINS = np.array([[0, 6, 4, 5], [3, 0, 5, 4], [2, 2, 0, 5], [2, 1, 3, 0]])
N_RESAMPLES = 100


def judge_all(campaign: Campaign, methods: list[Method], *, items: list[Item] | None = None) -> None:
    judges = [make_participant(campaign.study, "judge") for _ in range(4)]
    turn = 0
    for i, j in product(range(4), repeat=2):
        for _ in range(WINS[i, j]):
            make_imported_judgment(
                campaign,
                winner=methods[i],
                loser=methods[j],
                judge=judges[turn % 4],
                item=items[turn % len(items)] if items else None,
            )
            turn += 1


def make_judged(*, n_items: int = 0, **study: Any) -> tuple[Campaign, list[Method]]:
    campaign = make_campaign(make_study(**(study or {"task": "none", "labels": ()})))
    methods = make_methods(campaign.study, ["a", "b", "c", "d"])
    judge_all(campaign, methods, items=make_items(campaign.study, n_items) if n_items else None)
    return campaign, methods


def make_scores_of_items(study: Study, methods: list[Method], items: list[Item], values: Any) -> Metric:
    metric = Metric.objects.create(study=study, name="by text", origin=Metric.Origin.UPLOADED)
    batch = make_import(study, Import.Kind.SCORES)
    for (method, row), (place, item) in product(zip(methods, values, strict=True), enumerate(items)):
        MetricScore.objects.create(
            metric=metric, method=method, item=item, value=float(row[place]), import_batch=batch
        )
    return metric


def compared(study: Study, **params: Any) -> dict[str, Any]:
    job = jobs.run_now(
        jobs.create(kind="metaeval", study=study, params={"n_resamples": N_RESAMPLES, "seed": 3, **params})
    )
    assert job.state == "done", job.reason
    result: dict[str, Any] = MetricAgreement.objects.latest("pk").result
    return result


@pytest.mark.parametrize(
    ("coefficient", "other"), [("kendall_tau_b", stats.kendalltau), ("pearson", stats.pearsonr)]
)
def test_a_difference_is_tested_by_the_resamples_of_the_ranking(coefficient: str, other: Any) -> None:
    campaign, methods = make_judged()
    scores = ([4, 3, 2, 1], [3, 4, 1.5, 2], [1, 2, 4, 3])
    names = [make_uploaded_metric(campaign.study, methods, values).name for values in scores]
    found = compared(campaign.study, campaign=str(campaign.uuid))["differences"][coefficient]
    ranking = compute_ranking(campaign, RankingOptions(n_resamples=N_RESAMPLES, seed=3)).result
    assert ranking.resamples is not None
    rows = ranking.resamples.strengths_with_prior.round(9)
    p_values = []
    for pair, (i, j) in zip(found["differences"], combinations(range(3), 2), strict=True):
        drawn = np.array([other(scores[i], row).statistic - other(scores[j], row).statistic for row in rows])
        value = other(scores[i], ranking.strengths).statistic - other(scores[j], ranking.strengths).statistic
        p_values.append(
            min(1, 2 * (1 + min((drawn <= 1e-12).sum(), (drawn >= -1e-12).sum())) / (1 + N_RESAMPLES))
        )
        assert (pair["first"], pair["second"], pair["test"]) == (names[i], names[j], "joint bootstrap")
        assert pair["difference"] == pytest.approx(value)
        assert pair["interval"] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))
        assert pair["p"] == pytest.approx(p_values[-1])
        assert pair["second_test"] is None
    stepped = np.maximum.accumulate(np.sort(p_values) * [3, 2, 1]).clip(max=1)
    assert sorted(pair["adjusted_p"] for pair in found["differences"]) == pytest.approx(stepped)
    # so few resamples cannot come below .05: no verdict, and no groups
    assert found["smallest_adjusted_p"] == pytest.approx(3 * 2 / (1 + N_RESAMPLES))
    assert found["groups"] == []
    assert "4 methods are too few" in found["methods_like_these"]["undetermined"]


def test_a_metric_that_lacks_a_method_is_left_out_and_the_others_keep_all_methods() -> None:
    campaign, methods = make_judged()
    for values in ([4, 3, 2, 1], [3, 4, 2, 1]):
        make_uploaded_metric(campaign.study, methods, values)
    lacking = make_uploaded_metric(campaign.study, methods, [4, 3, 2, None])
    found = compared(campaign.study, campaign=str(campaign.uuid))["differences"]["kendall_tau_b"]
    assert (found["n_methods"], len(found["differences"]), found["methods_left_out"]) == (4, 1, [])
    assert found["left_out"] == {
        lacking.name: "It lacks 1 of the 4 methods on which the others are compared."
    }


def test_exchanging_stands_beside_the_bootstrap_with_its_warning_and_copies_count_once() -> None:
    study = make_study()
    make_labelled(study)
    campaign = make_campaign(study)
    methods = make_methods(study, ["a", "b", "c", "d"])
    judge_all(campaign, methods)
    make_outputs(methods, list(study.items.all()))
    found = compared(study, campaign=str(campaign.uuid))["differences"]["kendall_tau_b"]
    copies = [row["copies"] for row in found["metrics"] if len(row["copies"]) > 1]
    assert ["total_variation_distance", "manhattan_distance"] in copies
    tests = {(pair["first"], pair["second"]): pair for pair in found["differences"]}
    assert {pair["test"] for pair in tests.values()} == {"joint bootstrap"}
    second = {names: pair["second_test"] for names, pair in tests.items()}
    assert {name for names, test in second.items() if test for name in names} >= {"po_jsd", "brier_loss"}
    assert all(test is None for names, test in second.items() if "soft_micro_f1" in names)
    assert {test["test"] for test in second.values() if test} == {"PERM-BOTH"}
    assert any("human ranking as fixed" in note for note in found["second_test_notes"])


def test_two_metrics_of_one_name_are_compared_and_told_apart_by_their_origin() -> None:
    campaign, methods = make_judged()
    named = make_uploaded_metric(campaign.study, methods, [4, 2, 3, 1]).name
    program = AutomaticJudge.objects.create(study=campaign.study, name=named)
    for judgment in list(Judgment.objects.filter(automatic_judge=None)):
        Judgment.objects.create(
            comparison=judgment.comparison,
            automatic_judge=program,
            verdict=judgment.verdict,
            low_is_left=judgment.low_is_left,
            submitted_at=judgment.submitted_at,
            import_batch=judgment.import_batch,
        )
    (pair,) = compared(campaign.study, campaign=str(campaign.uuid))["differences"]["pearson"]["differences"]
    assert (pair["first"], pair["second"]) == (named, f"{named} (automatic judge)")


def test_without_each_method_is_the_correlation_of_the_others() -> None:
    campaign, methods = make_judged()
    scores = [3, 4, 1, 2]
    make_uploaded_metric(campaign.study, methods, scores)
    found = compared(campaign.study, campaign=str(campaign.uuid))
    strengths = compute_ranking(campaign, RankingOptions(n_resamples=0)).result.strengths
    (metric,) = found["without_each_method"]["metrics"]
    for place, without in enumerate(metric["without"]):
        others = [np.delete(side, place) for side in (scores, strengths)]
        assert without["method"] == "abcd"[place]
        assert without["kendall_tau_b"] == pytest.approx(stats.kendalltau(*others).statistic)
        assert without["pearson"] == pytest.approx(stats.pearsonr(*others).statistic)
    assert found["differences"]["pearson"]["undetermined"].startswith("There is one metric to compare")


def test_the_ceiling_lies_above_what_two_halves_of_the_judges_agree() -> None:
    campaign, methods = make_judged()
    make_uploaded_metric(campaign.study, methods, [4, 3, 2, 1])
    ceiling = compared(campaign.study, campaign=str(campaign.uuid))["noise_ceiling"]
    r = ceiling["half_correlation"]
    assert (ceiling["undetermined"], ceiling["n_judges"], ceiling["n_splits"], ceiling["exact"]) == (
        None,
        4,
        3,
        True,
    )
    assert ceiling["ceiling"] ** 2 == pytest.approx(2 * r / (1 + r))
    other = compared(campaign.study, campaign=str(campaign.uuid), model="win-rate")["noise_ceiling"]
    assert (other["ceiling"], "Bradley-Terry" in other["undetermined"]) == (None, True)


def test_verdict_by_verdict_counts_preferences_whose_sign_the_metric_has() -> None:
    campaign, methods = make_judged(n_items=5)
    items = list(campaign.study.items.order_by("pk"))
    values = np.random.default_rng(8).normal(size=(4, 5))
    make_scores_of_items(campaign.study, methods, items, values)
    coarse = make_uploaded_metric(campaign.study, methods, [4, 3, 2, 1])
    found = compared(campaign.study, campaign=str(campaign.uuid))["verdicts"]
    met = []
    for judgment in Judgment.objects.select_related("comparison"):
        comparison = judgment.comparison
        winner, loser = (
            (comparison.low, comparison.high) if judgment.low_is_left else (comparison.high, comparison.low)
        )
        place = items.index(comparison.item)  # type: ignore[arg-type]  # all have one
        met.append(values[methods.index(winner), place] > values[methods.index(loser), place])
    (row,) = found["metrics"]
    assert (row["name"], row["n_judgments"], row["always_tie"]) == ("by text", len(met), 0)
    assert row["decided"] == pytest.approx(np.mean(met))
    assert row["accuracy_interval"][0] <= row["accuracy_interval"][1]
    assert found["left_out"] == {coarse.name: "It has no score for each text."}


def test_groups_that_never_met_are_ranked_apart_and_their_agreement_is_averaged() -> None:
    campaign = make_campaign(make_study(task="none", labels=()))
    study, orders = campaign.study, ([4, 3, 2, 1], [3, 4, 1, 2])
    every: list[Method] = []
    scores: list[int] = []
    for base, order in zip(("small", "large"), orders, strict=True):
        methods = make_methods(study, ["a", "b", "c", "d"], base_model=base)
        judge_all(campaign, methods)
        every, scores = every + methods, scores + order
    name = make_uploaded_metric(study, every, scores).name
    result = compared(study, campaign=str(campaign.uuid))
    assert result["metrics"][0]["undetermined"]
    assert result["differences"]["pearson"]["undetermined"] == result["without_each_method"]["undetermined"]
    groups = result["groups"]
    (row,) = groups["metrics"]
    taus = [stats.kendalltau(order, [4, 3, 2, 1]).statistic for order in orders]
    assert (groups["groups"], row["name"], groups["n_methods"]) == (["small", "large"], name, 4)
    assert row["per_group"]["kendall_tau_b"] == pytest.approx(taus)
    assert row["kendall_tau_b"]["value"] == pytest.approx(np.mean(taus))
    assert row["kendall_tau_b"]["interval"] is not None
    assert "its own ranking" in groups["notes"][0]


def test_what_cannot_be_said_has_its_reason() -> None:
    campaign, methods = make_judged()
    people = make_uploaded_metric(campaign.study, methods, [4, 3, 2, 1])
    for values in ([3, 4, 2, 1], [1, 2, 4, 3]):
        make_uploaded_metric(campaign.study, methods, values)
    result = compared(campaign.study, against=people.name)
    assert "has no judgments" in result["noise_ceiling"]["undetermined"]
    assert "has no judgments" in result["verdicts"]["undetermined"]
    assert "base models" in result["groups"]["undetermined"]
    found = result["differences"]["kendall_tau_b"]
    assert [(pair["test"], pair["p"]) for pair in found["differences"]] == [(None, None)]
    assert ("not tested" in found["notes"][0], found["groups"]) == (True, [])
    judged = compared(campaign.study, campaign=str(campaign.uuid))
    assert judged["verdicts"]["undetermined"] == "No judgment names its text."
