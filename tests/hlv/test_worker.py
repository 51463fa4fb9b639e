"""A real Celery worker on a real broker: what is asked for is computed once, whatever happens to workers."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from annotations import jobs
from annotations.models import Job, Missing
from annotations.tasks import reap_jobs
from hlv.serving import Child
from metaeval.models import Campaign, MetricAgreement, Ranking
from metaeval.results.ranking_options import RankingOptions
from metaeval.services.ranking import compute_ranking
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_methods,
    make_participant,
    make_study,
    make_uploaded_metric,
)

pytestmark = pytest.mark.django_db(transaction=True)

Wait = Callable[[Callable[[], bool], float], None]


def make_judged() -> Campaign:
    study = make_study(task="none", labels=())
    campaign = make_campaign(study)
    methods = make_methods(study)
    for _ in range(3):
        judge = make_participant(study, "judge")
        for place, method in enumerate(methods):
            for other in methods[place + 1 :]:
                make_imported_judgment(campaign, winner=method, loser=other, judge=judge)
                make_imported_judgment(campaign, winner=method, loser=other, judge=judge)
                make_imported_judgment(campaign, winner=other, loser=method, judge=judge)
    make_uploaded_metric(study, methods, [0.9, 0.5, 0.1])
    return campaign


def ask_for(campaign: Campaign, kind: str, n_resamples: int) -> Job:
    params = {"campaign": str(campaign.uuid), "n_resamples": n_resamples, "seed": 5}
    job = jobs.create(kind=kind, study=campaign.study, params=params)
    jobs.wake(job)
    return job


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return job.state


@pytest.mark.both_databases
def test_a_worker_computes_what_was_asked_for_with_progress_and_figures(
    celery_worker_process: Child, wait_until: Wait
) -> None:
    job = ask_for(make_judged(), "metaeval", 50)
    wait_until(lambda: state_of(job) == Job.State.DONE, 60)
    snapshot = MetricAgreement.objects.get()
    assert job.result == {"metric_agreement": str(snapshot.uuid), "undetermined": ""}
    assert (job.attempts, job.progress_done, job.progress_total) == (1, 1, 1)
    assert snapshot.figures.filter(media_type="application/pdf").exists()


def test_a_worker_gives_the_same_bits_as_a_command(celery_worker_process: Child, wait_until: Wait) -> None:
    campaign = make_judged()
    job = ask_for(campaign, "ranking", 50)
    wait_until(lambda: state_of(job) == Job.State.DONE, 60)
    here = compute_ranking(campaign, RankingOptions(n_resamples=50, seed=5)).snapshot
    assert Ranking.objects.earliest("pk").result == here.result


@pytest.mark.both_databases
def test_a_job_of_a_killed_worker_is_done_once_by_the_next(
    celery_worker_process: Child, wait_until: Wait
) -> None:
    job = ask_for(make_judged(), "ranking", 2_000_000)
    wait_until(lambda: state_of(job) == Job.State.RUNNING and job.progress_done > 0, 60)
    assert celery_worker_process.process is not None
    celery_worker_process.process.send_signal(signal.SIGKILL)
    celery_worker_process.process.wait()
    # As after half a minute of silence; the next attempt is asked for less, so that it ends within the test.
    Job.objects.filter(pk=job.pk).update(
        heartbeat_at=timezone.now() - timedelta(minutes=1),
        created_at=timezone.now() - timedelta(minutes=2),
        params={**job.params, "n_resamples": 50},
    )
    celery_worker_process.start()

    def done_by_the_next() -> bool:
        reap_jobs()
        return state_of(job) == Job.State.DONE

    wait_until(done_by_the_next, 60)
    assert (job.attempts, Ranking.objects.count()) == (2, 1)


def test_a_running_job_stops_when_it_is_cancelled(celery_worker_process: Child, wait_until: Wait) -> None:
    job = ask_for(make_judged(), "ranking", 2_000_000)
    wait_until(lambda: state_of(job) == Job.State.RUNNING and job.progress_done > 0, 60)
    jobs.request_cancel(job)
    wait_until(lambda: state_of(job) == Job.State.CANCELLED, 30)
    assert not Ranking.objects.exists()


def test_a_refused_job_says_why_and_its_worker_lives_on(
    celery_worker_process: Child, wait_until: Wait
) -> None:
    study = make_study()
    refused = jobs.create(kind="agreement", study=study, params={})
    jobs.wake(refused)
    wait_until(lambda: state_of(refused) == Job.State.FAILED, 60)
    assert refused.reason == str(Missing.ANSWERS.label)
    assert celery_worker_process.is_running()
