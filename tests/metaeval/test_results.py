"""From judgments and outputs to the metric-agreement table, against sums done another way."""

from __future__ import annotations

from itertools import product
from typing import Any
from uuid import uuid4

import choix
import numpy as np
import pytest
from django.db import DatabaseError, transaction
from scipy import stats
from sklearn.metrics import f1_score

from annotations import jobs
from annotations.models import Import, ImportReversal, Job, LabelAgreement, Study
from annotations.services.annotating import Answer, record_annotation
from metaeval.models import (
    AutomaticJudge,
    Campaign,
    Figure,
    JudgeReport,
    Judgment,
    Method,
    Metric,
    MetricAgreement,
    MetricScore,
    Ranking,
    Scoring,
)
from metaeval.selectors.judgments import comparison_counts
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_items,
    make_methods,
    make_outputs,
    make_participant,
    make_seat,
    make_study,
    make_uploaded_metric,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.usefixtures("blank_figures")]

# wins[i][j]: how often method i was preferred to method j
WINS = np.array([[0, 3, 4, 5], [2, 0, 3, 4], [1, 2, 0, 3], [1, 1, 2, 0]])


def make_judged(study: Study, wins: np.ndarray[Any, Any] = WINS) -> tuple[Campaign, list[Method]]:
    campaign = make_campaign(study)
    methods = make_methods(study, [f"method {letter}" for letter in "abcdefgh"[: len(wins)]])
    judges = [make_participant(study, "judge") for _ in range(3)]
    turn = 0
    for i, j in product(range(len(wins)), repeat=2):
        for _ in range(wins[i, j]):
            make_imported_judgment(campaign, winner=methods[i], loser=methods[j], judge=judges[turn % 3])
            turn += 1
    return campaign, methods


def make_labelled(study: Study, n_items: int = 6) -> None:
    items = make_items(study, n_items)
    rng = np.random.default_rng(5)
    keys = list(study.labels.values_list("key", flat=True))
    for _ in range(3):
        lawyer = make_participant(study)
        for _ in items:
            chosen = {key: 0.6 for key in keys if rng.random() < 0.5}
            record_annotation(
                assignment=make_seat(lawyer),
                client_key=uuid4(),
                answer=Answer(chosen=dict(chosen), no_label_applies=not chosen),
            )


def run(kind: str, study: Study, **params: Any) -> Job:
    return jobs.run_now(jobs.create(kind=kind, study=study, params={"n_resamples": 100, "seed": 3, **params}))


def test_the_ranking_is_the_one_that_another_library_finds() -> None:
    study = make_study()
    campaign, methods = make_judged(study)
    job = run("ranking", study, campaign=str(campaign.uuid))
    assert (job.state, job.result) == ("done", job.result)
    ranking = Ranking.objects.get()
    pairs = [(i, j) for i, j in product(range(4), repeat=2) for _ in range(WINS[i, j])]
    expected = choix.ilsr_pairwise(4, pairs, alpha=0.0)
    strengths = {row["name"]: row["strength"] for row in ranking.result["methods"]}
    assert [strengths[method.name] for method in methods] == pytest.approx(
        list(expected - expected.mean()), abs=1e-6
    )
    assert (ranking.seed, ranking.parameters["ties"], ranking.result["n_judges"]) == (3, "half", 3)
    assert len(ranking.data_fingerprint) == 64


def test_no_ranking_is_a_stored_answer_with_its_reason() -> None:
    study = make_study()
    campaign, _ = make_judged(study, np.array([[0, 3, 0, 0], [1, 0, 0, 0], [0, 0, 0, 2], [0, 0, 2, 0]]))
    job = run("ranking", study, campaign=str(campaign.uuid))
    ranking = Ranking.objects.get()
    assert job.state == "done"
    assert "method a" in ranking.undetermined
    assert all(row["strength"] is None for row in ranking.result["methods"])
    assert sorted(map(sorted, ranking.result["unconnected"])) == [
        ["method a", "method b"],
        ["method c", "method d"],
    ]
    assert not ranking.figures.exists()


@pytest.mark.parametrize("kind", ["ranking", "scoring", "metaeval", "agreement", "judges"])
def test_a_worker_that_lost_its_job_leaves_nothing_of_it(kind: str) -> None:
    study = make_study(task="multilabel")
    campaign, methods = make_judged(study)
    make_labelled(study)
    make_outputs(methods, study.items.all())
    of = {} if kind == "scoring" else {"campaign": str(campaign.uuid)}
    job = jobs.create(kind=kind, study=study, params=of | {"n_resamples": 10})
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    Job.objects.filter(pk=job.pk).update(token=uuid4())
    jobs.run(claimed)
    kept = (Ranking, Scoring, MetricAgreement, LabelAgreement, JudgeReport, Figure, MetricScore)
    assert [model.objects.count() for model in kept] == [0] * len(kept)
    assert jobs.run_now(jobs.create(kind=kind, study=study, params=job.params)).state == Job.State.DONE


@pytest.mark.parametrize(
    ("kind", "params", "sentence"),
    [
        ("ranking", {"ridge": -1}, "Ridge"),
        ("ranking", {"seed": -3}, "seed"),
        ("ranking", {"resample": "juries"}, "juries"),
        ("ranking", {"model": "elo"}, "elo"),
        ("ranking", {"model": "win-rate", "ties": "davidson"}, "davidson"),
        ("ranking", {"campaign": str(uuid4())}, "no such campaign"),
        ("scoring", {"metrics": ["bogus"]}, "'bogus'"),
        ("scoring", {"n_resamples": -1}, "n-resamples"),
        ("agreement", {"seed": -1}, "seed"),
        ("metaeval", {"against": "bogus"}, "'bogus'"),
        ("metaeval", {"ties": "none"}, "none"),
    ],
)
def test_what_can_never_work_is_refused_before_there_is_a_job(
    kind: str, params: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(jobs.JobRefusedError, match=sentence):
        jobs.create(kind=kind, study=make_study(), params=params)
    assert not Job.objects.exists()


def test_a_ranking_is_kept_where_there_is_nothing_to_compare_it_with() -> None:
    study = make_study(task="none", labels=())
    campaign, _ = make_judged(study)
    job = run("metaeval", study, campaign=str(campaign.uuid))
    assert job.state == Job.State.DONE
    assert job.result is not None
    assert job.result["missing"] == "scores"
    assert "Import metric scores, or the judgments of an automatic judge." in job.result["undetermined"]
    assert (Ranking.objects.count(), MetricAgreement.objects.count()) == (1, 0)


def test_reasons_that_differ_are_all_named() -> None:
    study = make_study(task="none", labels=())
    campaign, methods = make_judged(study)
    constant = make_uploaded_metric(study, methods, [0.5, 0.5, 0.5, 0.5])
    blank = make_uploaded_metric(study, methods, [0.5, None, None, None])
    run("metaeval", study, campaign=str(campaign.uuid))
    undetermined = MetricAgreement.objects.get().undetermined
    first, second = undetermined.splitlines()
    assert first.startswith("The metric gives all methods the same score")
    assert (first.endswith(f"({constant.name})"), second.endswith(f"({blank.name})")) == (True, True)


def test_the_same_seed_gives_the_same_snapshot_and_another_one_does_not() -> None:
    study = make_study()
    campaign, _ = make_judged(study)
    for seed in (3, 3, 4):
        run("ranking", study, campaign=str(campaign.uuid), seed=seed)
    first, second, third = Ranking.objects.order_by("pk")
    assert first.result == second.result
    assert [row["bootstrap_interval"] for row in first.result["methods"]] != [
        row["bootstrap_interval"] for row in third.result["methods"]
    ]


def test_withdrawn_judgments_leave_the_count_and_come_back() -> None:
    study = make_study()
    campaign, _ = make_judged(study)
    batch = Import.objects.filter(kind="judgments").earliest("pk")
    n_all = comparison_counts(campaign).cells.n_judgments
    ImportReversal.objects.create(batch=batch, withdrawn=True, reason="wrong file")
    assert comparison_counts(campaign).cells.n_judgments == n_all - 1
    ImportReversal.objects.create(batch=batch, withdrawn=False)
    assert comparison_counts(campaign).cells.n_judgments == n_all


def test_scores_agree_with_another_library_and_keep_runs_apart() -> None:
    study = make_study()
    make_labelled(study)
    methods = make_methods(study, ["one", "two"])
    make_outputs(methods, list(study.items.all()))
    job = run("scoring", study, metrics=["hard_micro_f1", "soft_micro_f1"])
    assert job.state == "done", job.reason
    scoring = Scoring.objects.get()
    assert MetricScore.objects.filter(scoring=scoring, run__isnull=True).count() == 4
    assert MetricScore.objects.filter(scoring=scoring, run__isnull=False).count() == 4
    human, predicted = _arrays(study, methods[0])
    score = MetricScore.objects.get(metric__name="hard_micro_f1", method=methods[0], run=None)
    assert score.value == pytest.approx(
        f1_score(human > 0.5, predicted > 0.5, average="micro", zero_division=1)
    )
    soft = MetricScore.objects.get(metric__name="soft_micro_f1", method=methods[0], run=None)
    assert soft.value == pytest.approx(2 * np.minimum(human, predicted).sum() / (human + predicted).sum())
    assert soft.interval_low is not None
    assert soft.interval_low <= soft.value <= (soft.interval_high or 0)


def _arrays(study: Study, method: Method) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Distributions read row by row, in a way that shares nothing with the selectors."""
    labels = list(study.labels.order_by("position"))
    human, predicted = [], []
    for item in study.items.order_by("pk"):
        answers = list(item.annotations.filter(gives_labels=True))
        human.append(
            [
                sum(answer.labels.filter(label=label, chosen=True).exists() for answer in answers)
                / len(answers)
                for label in labels
            ]
        )
        predicted.append(np.frombuffer(item.outputs.get(run__method=method).probabilities or b""))
    return np.array(human), np.array(predicted)


def test_metric_agreement_is_the_correlation_of_scores_with_strengths() -> None:
    study = make_study()
    make_labelled(study)
    campaign, methods = make_judged(study)
    make_outputs(methods, list(study.items.all()))
    job = run("metaeval", study, campaign=str(campaign.uuid))
    assert job.state == "done", job.reason
    agreement = MetricAgreement.objects.get()
    strengths = {row["name"]: row["strength"] for row in Ranking.objects.get().result["methods"]}
    scores = {
        row["method"]: row["value"]
        for metric in Scoring.objects.get().result["metrics"]
        if metric["name"] == "soft_micro_f1"
        for row in metric["scores"]
    }
    (row,) = (row for row in agreement.result["metrics"] if row["name"] == "soft_micro_f1")
    people, metric_side = ([side[method.name] for method in methods] for side in (strengths, scores))
    assert row["kendall_tau_b"]["value"] == pytest.approx(stats.kendalltau(people, metric_side).statistic)
    assert row["spearman"]["value"] == pytest.approx(stats.spearmanr(people, metric_side).statistic)
    assert row["pearson"]["value"] == pytest.approx(stats.pearsonr(people, metric_side).statistic)
    assert row["n_methods"] == 4
    assert any("4 methods" in note for note in agreement.result["notes"])
    assert agreement.figures.filter(media_type="image/svg+xml", theme="dark").exists()


def test_an_automatic_judge_is_one_more_metric_and_never_an_expert() -> None:
    study = make_study(task="none", labels=())
    campaign, _ = make_judged(study)
    program = AutomaticJudge.objects.create(study=study, name="a program")
    n_people = comparison_counts(campaign).cells.n_judgments
    for judgment in list(Judgment.objects.filter(automatic_judge=None)):
        Judgment.objects.create(
            comparison=judgment.comparison,
            automatic_judge=program,
            verdict=judgment.verdict,
            low_is_left=judgment.low_is_left,
            submitted_at=judgment.submitted_at,
            import_batch=judgment.import_batch,
        )
    assert comparison_counts(campaign).cells.n_judgments == n_people
    run("metaeval", study, campaign=str(campaign.uuid))
    (row,) = MetricAgreement.objects.get().result["metrics"]
    assert (row["name"], row["origin"], row["kendall_tau_b"]["value"]) == (
        "a program",
        "automatic judge",
        1.0,
    )
    assert row["judged"]["n_judgments"] == n_people
    assert row["remark"].startswith(f"{n_people} judgments. ")
    assert ".;" not in row["remark"]


def test_an_uploaded_loss_counts_backwards_and_blanks_are_left_out() -> None:
    study = make_study(task="none", labels=())
    campaign, methods = make_judged(study)
    metric = Metric.objects.create(study=study, name="loss", higher_is_better=False, origin="uploaded")
    batch = make_import(study, Import.Kind.SCORES)
    for place, method in enumerate(methods):
        value = None if place == 1 else float(place)
        MetricScore.objects.create(
            metric=metric,
            method=method,
            value=value,
            undefined="blank" if value is None else "",
            import_batch=batch,
        )
    run("metaeval", study, campaign=str(campaign.uuid))
    (row,) = MetricAgreement.objects.get().result["metrics"]
    assert (row["kendall_tau_b"]["value"], row["n_methods"], row["left_out"]) == (1.0, 3, ["method b"])


def test_a_snapshot_is_never_edited() -> None:
    study = make_study()
    campaign, _ = make_judged(study)
    run("ranking", study, campaign=str(campaign.uuid))
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Ranking.objects.update(seed=9)


def test_agreement_of_annotators_is_stored_with_its_interval() -> None:
    study = make_study()
    make_labelled(study)
    job = run("agreement", study)
    assert job.state == "done", job.reason
    alpha = study.labelagreements.get().result["krippendorff_alpha"]
    assert alpha["distance"] == "masi"
    assert alpha["interval"][0] <= alpha["value"] <= alpha["interval"][1]


def test_agreement_without_answers_is_refused_in_words() -> None:
    job = run("agreement", make_study())
    assert (job.state, job.reason) == (
        "failed",
        "No text has labels from people yet. Import annotations, or invite annotators.",
    )
