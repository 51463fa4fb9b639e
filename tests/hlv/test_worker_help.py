"""Real workers share the resamples of one job: the same bits on one, three or eight, and after two of them are killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from annotations import jobs
from annotations.models import Import, Job, WorkerBeat, WorkPart
from annotations.tasks import reap_jobs
from hlv.serving import Child
from metaeval.models import Campaign, MetricAgreement, MetricScore, Ranking
from tests.conftest import worker_processes
from tests.making import (
    make_campaign,
    make_import,
    make_imported_judgment,
    make_items,
    make_methods,
    make_participant,
    make_study,
    make_uploaded_metric,
)

pytestmark = pytest.mark.django_db(transaction=True)

Wait = Callable[[Callable[[], bool], float], None]
N_RESAMPLES = 60_000
ANY_WORK = {"HLV_JOB_SECONDS_WORTH_HELP": "0"}
# What a metric agreement has others help with, however short it is.
KINDS = {
    "resampled comparisons",
    "simulated comparisons",
    "resampled means of scores",
    "joint resamples",
    "permuted correlations",
    "permuted shares",
    "exchanged scores",
    "halved judges",
}


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


def make_compared() -> Campaign:
    """Ten methods of two base models, twelve judges, and two metrics with a score of each text."""
    study = make_study(task="none", labels=())
    campaign = make_campaign(study)
    methods = [
        method
        for base_model in ("small", "large")
        for method in make_methods(study, list("abcde"), base_model=base_model)
    ]
    items = make_items(study, 6)
    rng = np.random.default_rng(3)
    for _ in range(12):
        judge = make_participant(study, "judge")
        for _ in range(20):
            one, other = rng.choice(len(methods), size=2, replace=False)
            make_imported_judgment(
                campaign, winner=methods[one], loser=methods[other], judge=judge, item=items[rng.integers(6)]
            )
    for _ in range(2):
        metric = make_uploaded_metric(study, [], [])
        batch = make_import(study, Import.Kind.SCORES)
        MetricScore.objects.bulk_create(
            MetricScore(metric=metric, method=method, item=item, value=rng.random(), import_batch=batch)
            for method in methods
            for item in items
        )
    return campaign


def ask(kind: str, campaign: Campaign, *, n_resamples: int) -> Job:
    params = {"campaign": str(campaign.uuid), "n_resamples": n_resamples, "seed": 5}
    job = jobs.create(kind=kind, study=campaign.study, params=params)
    jobs.wake(job)
    return job


def ask_for_a_ranking(campaign: Campaign) -> Job:
    return ask("ranking", campaign, n_resamples=N_RESAMPLES)


def ask_for_metric_agreement(campaign: Campaign) -> Job:
    return ask("metaeval", campaign, n_resamples=1200)


def metric_agreement_of(job: Job, wait_until: Wait) -> tuple[dict[str, object], dict[str, object]]:
    ranking = result_of(job, wait_until)
    found = MetricAgreement.objects.get(job=job).result
    return ranking, {name: value for name, value in found.items() if name != "ranking"}


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


@pytest.mark.parametrize("n_more", [2, pytest.param(7, marks=pytest.mark.slow)])
def test_results_have_the_same_bits_on_one_worker_on_several_and_after_two_are_killed(
    n_more: int, wait_until: Wait
) -> None:
    campaign, compared = make_judged(), make_compared()
    with worker_processes(1, **ANY_WORK) as one:
        alone = ask_for_a_ranking(campaign)
        by_one = result_of(alone, wait_until)
        agreement_by_one = metric_agreement_of(ask_for_metric_agreement(compared), wait_until)
        assert not WorkPart.objects.exists(), "a worker that is alone lays nothing out"
        with worker_processes(n_more, **ANY_WORK) as more:
            together = ask_for_a_ranking(campaign)
            by_several = result_of(together, wait_until)
            assert len(set(who_brought(together))) > 1
            shared = ask_for_metric_agreement(compared)
            agreement_by_several = metric_agreement_of(shared, wait_until)
            assert set(shared.divided_work.values_list("kind", flat=True)) >= KINDS
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
    assert by_several == by_one
    assert agreement_by_several == agreement_by_one
    assert after_a_kill == by_one
