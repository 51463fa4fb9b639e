"""Snapshots and jobs: held side by side, computed again, told in words."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations import jobs
from annotations.models import Import, Job
from hlv.core.rendering.sentences import unmarked
from metaeval.findings.analysis_history import job_option_words, job_words
from metaeval.findings.snapshot_differences import differences
from metaeval.models import Ranking
from tests.making import (
    make_import,
    make_participant,
)
from tests.metaeval.judged import make_judged, run
from tests.metaeval.making import (
    make_agreement_snapshot,
    make_differences,
    make_ranking_snapshot,
    metric,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("blank_figures")]


def test_two_snapshots_of_the_same_seed_and_data_have_the_same_numbers() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=20, seed=7)
    first = Ranking.objects.get()
    client = signed_in(make_participant(campaign.study, "researcher"))
    again = {"campaign": campaign.uuid, "again": first.uuid, "seed": "same", "then": "1"}
    client.post(f"/studies/{campaign.study.uuid}/compute/", again)
    assert jobs.run_now(Job.objects.get(state="queued")).state == Job.State.DONE
    second = Ranking.objects.latest("pk")
    assert (second.seed, second.as_of, second.data_fingerprint) == (7, first.as_of, first.data_fingerprint)
    assert second.result["methods"] == first.result["methods"]
    page = client.get(f"/campaigns/{campaign.uuid}/runs/", {"first": first.uuid, "second": second.uuid})
    assert "Every strength, rank, τ-b and interval is equal to 9 decimals." in page.content.decode()


def test_what_another_seed_draws_anew_is_told_from_what_it_leaves() -> None:
    campaign = make_judged()
    rankings = [make_ranking_snapshot(campaign) for _ in range(2)]
    for ranking, low in zip(rankings, (0.5, 0.51), strict=True):
        drawn = {"value": 0.8, "interval": [low, 0.9], "p": 0.01}
        make_agreement_snapshot(ranking, metric("soft_f1", 0.8, kendall_tau_b=drawn), metric("po_jsd", 0.7))
    found = differences(*rankings)
    assert found.summary.endswith("equal to 9 decimals; 1 interval or p was recomputed and differs.")
    assert found.metrics is not None
    assert [row.cells[-1].note for row in found.metrics.rows] == ["recomputed", ""]
    assert found.significance is None


def test_two_snapshots_say_which_metrics_only_one_of_them_tells_apart() -> None:
    campaign = make_judged()
    rankings = [make_ranking_snapshot(campaign) for _ in range(3)]
    for ranking, near in zip(rankings, (0.04799, 0.0853, 0.04799), strict=True):
        compared = make_differences(near=near)
        compared["differences"]["kendall_tau_b"]["differences"][2]["at_floor"] = near < 0.05
        make_agreement_snapshot(ranking, **compared)
    found = differences(rankings[0], rankings[1])
    said = unmarked(found.summary)
    assert "The first finds 3 significant differences between metrics, the second 2: 1 pair differs." in said
    assert "Groups without significant differences: 0 in the first, 1 in the second." in said
    assert found.significance is not None
    assert (
        unmarked(found.significance.note)
        == "Only in the second without significant differences: soft f1 and po jsd."
    )
    (row,) = found.significance.rows
    assert [cell.words for cell in row.cells] == ["≤ .048", ".085", "only in the first"]
    client = signed_in(make_participant(campaign.study, "researcher"))
    asked = {"first": rankings[0].uuid, "second": rankings[1].uuid}
    assert "≤ .048" in client.get(f"/campaigns/{campaign.uuid}/runs/", asked).content.decode()
    same = differences(rankings[0], rankings[2])
    assert same.significance is None
    assert "Both find the same 3 significant differences between metrics." in same.summary
    assert "The groups without significant differences are the same." in same.summary


def test_again_with_a_new_seed_takes_the_same_choices_whatever_else_is_asked_for() -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=20, seed=7, ties="davidson")
    client = signed_in(make_participant(campaign.study, "researcher"))
    computed = f"/studies/{campaign.study.uuid}/compute/"

    def ask(**entered: Any) -> Any:
        return client.post(computed, {"campaign": campaign.uuid} | entered)

    again = {"again": Ranking.objects.get().uuid, "seed": "new"}
    asked = ({}, again, again | {"seed": "same"})
    # Each beside the others; the second time each is led to its own.
    first, second = ([ask(**entered)["Location"] for entered in asked] for _ in range(2))
    assert first == second
    assert len(set(first)) == 3
    _plain, reseeded, same = (job.params for job in Job.objects.filter(state="queued").order_by("pk"))
    assert (reseeded["ties"], reseeded["n_resamples"]) == ("davidson", 20)
    assert reseeded["seed"] != 7
    assert (same["ties"], same["seed"]) == ("davidson", 7)
    assert "as_of" not in reseeded
    assert ask(**again | {"again": uuid4()}).status_code == 404


def test_runs_say_what_differs_and_what_came_since(django_assert_max_num_queries: Any) -> None:
    campaign = make_judged()
    run(campaign, "ranking", n_resamples=20)
    run(campaign, "ranking", n_resamples=20, base_model="small")
    first, second = Ranking.objects.order_by("pk")
    make_import(campaign.study, Import.Kind.JUDGMENTS)
    client = signed_in(make_participant(campaign.study, "researcher"))
    address = f"/campaigns/{campaign.uuid}/runs/"
    compared = client.get(address, {"first": first.uuid, "second": second.uuid}).content.decode()
    assert "Snapshot 1 beside snapshot 2" in compared
    assert "only in one of the two" in compared
    for wrong, words in (({"first": "x", "second": second.uuid}, "one of those named is none"), (
        {"first": first.uuid, "second": first.uuid}, "Choose two different snapshots."
    )):  # fmt: skip
        assert words in client.get(address, wrong).content.decode()
    with django_assert_max_num_queries(16):
        page = client.get(address).content.decode()
    assert page.count("since then 1 import or withdrawal") == 2
    for _ in range(5):
        make_ranking_snapshot(campaign)
    with django_assert_max_num_queries(16):
        client.get(address)


def test_jobs_are_told_in_words() -> None:
    moment = timezone.now()
    done = Job(
        state="done", result={"undetermined": "too few."}, started_at=moment, finished_at=moment, attempts=2
    )
    assert job_words(done) == "No answer: too few. It ran for 1 second. It took 2 attempts."
    running = Job(state="running", progress_done=1, progress_total=4, progress_note="resampling")
    assert job_words(running) == "25 % done: resampling."
    assert job_words(Job(state="queued")) == "Waits for a worker."
    of_a_part = Job(params={"judge_group": "bar", "seed": 7})
    assert job_option_words(of_a_part) == "judges of \u2068bar\u2069 · seed 7"
    assert job_option_words(Job(params={})) == ""


def test_a_job_that_is_done_leads_to_the_part_that_was_asked_for() -> None:
    campaign = make_judged()
    job = run(campaign, "ranking", n_resamples=20, base_model="small")
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/jobs/{job.uuid}/").content.decode()
    assert f'href="/campaigns/{campaign.uuid}/results/?base_model=small&amp;judge_group="' in page


def test_runs_say_what_was_drawn_and_of_which_kind_the_intervals_are() -> None:
    campaign = make_judged()
    for unit, method in (
        ("judges", "CR3 by judge, t(J_eff - 1), 95%"),
        ("judgments", "CR3 by judgment, t(J_eff - 1), 95%"),
        ("both", "bootstrap, percentiles of 2,000 resamples, 95%"),
        ("items", None),
    ):
        make_ranking_snapshot(
            campaign, parameters={"n_resamples": 2000}, resampling_unit=unit, interval_method=method
        )
    client = signed_in(make_participant(campaign.study, "researcher"))
    page = client.get(f"/campaigns/{campaign.uuid}/runs/").content.decode()
    for words in (
        "2,000 resamples of judges · analytic intervals by judge<",
        "2,000 resamples of single judgments · analytic intervals by single judgment<",
        "2,000 resamples of judges and texts · bootstrap intervals<",
        "2,000 resamples of texts · no intervals<",
    ):
        assert words in page
