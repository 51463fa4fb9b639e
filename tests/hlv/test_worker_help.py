"""Real workers share the resamples of one job: the same bits on one or eight, and after two of them are killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from annotations import jobs
from annotations.models import Job, WorkerBeat, WorkPart
from annotations.tasks import reap_jobs
from hlv.serving import Child
from metaeval.models import Campaign, Ranking
from tests.conftest import worker_processes
from tests.making import (
    make_campaign,
    make_imported_judgment,
    make_methods,
    make_participant,
    make_study,
)

pytestmark = pytest.mark.django_db(transaction=True)

Wait = Callable[[Callable[[], bool], float], None]
N_RESAMPLES = 60_000
ANY_WORK = {"HLV_JOB_SECONDS_WORTH_HELP": "0"}


def make_judged() -> Campaign:
    study = make_study(task="none", labels=())
    campaign = make_campaign(study)
    methods = make_methods(study)
    for number in range(4):
        judge = make_participant(study, "judge")
        for place, method in enumerate(methods):
            for other in methods[place + 1 :]:
                make_imported_judgment(campaign, winner=method, loser=other, judge=judge)
                if number % 2:
                    make_imported_judgment(campaign, winner=other, loser=method, judge=judge)
    return campaign


def ask_for_a_ranking(campaign: Campaign) -> Job:
    params = {"campaign": str(campaign.uuid), "n_resamples": N_RESAMPLES, "seed": 5}
    job = jobs.create(kind="ranking", study=campaign.study, params=params)
    jobs.wake(job)
    return job


def result_of(job: Job, wait_until: Wait) -> dict[str, object]:
    def over() -> bool:
        job.refresh_from_db()
        return job.is_over

    wait_until(over, 90)
    assert job.state == Job.State.DONE, job.reason
    return Ranking.objects.get(job=job).result


def who_brought(job: Job) -> list[str]:
    brought = WorkPart.objects.filter(work__job=job, result__isnull=False)
    return list(brought.order_by("first").values_list("brought_by", flat=True))


def both_ends_are_brought(job: Job) -> bool:
    parts = list(
        WorkPart.objects.filter(work__job=job).order_by("first").values_list("brought_by", flat=True)
    )
    return bool(parts and parts[0] and parts[-1])


def kill(workers: list[Child], *, names: set[str]) -> None:
    for worker in workers:
        process = worker.process
        if process is not None and any(name.endswith(f":{process.pid}") for name in names):
            process.send_signal(signal.SIGKILL)
            process.wait()
    # As after half a minute of silence.
    WorkerBeat.objects.filter(name__in=names).delete()


def test_a_ranking_has_the_same_bits_on_one_worker_on_eight_and_after_two_are_killed(
    wait_until: Wait,
) -> None:
    campaign = make_judged()
    with worker_processes(1, **ANY_WORK) as one:
        alone = ask_for_a_ranking(campaign)
        by_one = result_of(alone, wait_until)
        assert who_brought(alone) == [], "a worker that is alone lays nothing out"
        with worker_processes(7, **ANY_WORK) as more:
            together = ask_for_a_ranking(campaign)
            by_eight = result_of(together, wait_until)
            assert len(set(who_brought(together))) > 1
            interrupted = ask_for_a_ranking(campaign)
            wait_until(lambda: both_ends_are_brought(interrupted), 60)
            # The worker of the job comes from the beginning, whoever helps from the end.
            first, *_, last = who_brought(interrupted)
            kill([*one, *more], names={first, last})
            interrupted.refresh_from_db()
            assert interrupted.state == Job.State.RUNNING
            long_ago = timezone.now() - timedelta(minutes=2)
            Job.objects.filter(pk=interrupted.pk).update(heartbeat_at=long_ago, created_at=long_ago)
            reap_jobs()
            after_a_kill = result_of(interrupted, wait_until)
    assert interrupted.attempts == 2
    assert by_eight == by_one
    assert after_a_kill == by_one
