"""The page of a job: progress, cancel, retry, and what is said when nobody works."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import Job, Study, WorkerBeat
from tests.making import make_participant, make_study

pytestmark = pytest.mark.django_db


def signed_in(study: Study, role: str = "researcher") -> Client:
    client = Client()
    person = make_participant(study, role).user
    assert person is not None
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_job(study: Study, state: str, **fields: Any) -> Job:
    token = uuid4() if state == Job.State.RUNNING else None
    return Job.objects.create(study=study, kind="ranking", state=state, token=token, **fields)


def test_a_running_job_shows_how_far_it_is_and_asks_again() -> None:
    study = make_study()
    job = make_job(
        study, Job.State.RUNNING, progress_done=340, progress_total=1000, progress_note="resampling"
    )
    page = signed_in(study).get(f"/jobs/{job.uuid}/").content.decode()
    assert "340 of 1000, 34 %" in page
    assert "resampling" in page
    assert f'hx-get="/jobs/{job.uuid}/progress/"' in page


def test_the_moving_part_reloads_the_page_at_the_end() -> None:
    study = make_study()
    client = signed_in(study)
    running, done = make_job(study, Job.State.RUNNING), make_job(study, Job.State.DONE, result={})
    assert "HX-Refresh" not in client.get(f"/jobs/{running.uuid}/progress/")
    assert client.get(f"/jobs/{done.uuid}/progress/")["HX-Refresh"] == "true"


def test_without_a_worker_the_page_says_how_to_start_one() -> None:
    study = make_study()
    client, job = signed_in(study), make_job(study, Job.State.QUEUED)
    page = client.get(f"/jobs/{job.uuid}/").content.decode()
    assert "No worker is running." in page
    # As the decision has it: of one process, which the list of workers names.
    assert "docker compose up --detach worker" in page
    assert client.get(f"/api/jobs/{job.uuid}/").json()["no_worker_running"] is True
    WorkerBeat.objects.create(name="one", beat_at=timezone.now())
    assert "No worker is running." not in client.get(f"/jobs/{job.uuid}/").content.decode()


def test_a_failed_job_gives_its_reason_and_can_be_tried_again() -> None:
    study = make_study()
    client = signed_in(study)
    job = make_job(study, Job.State.FAILED, reason="The methods fall into 2 groups.", attempts=3)
    assert "The methods fall into 2 groups." in client.get(f"/jobs/{job.uuid}/").content.decode()
    assert client.post(f"/jobs/{job.uuid}/retry/")["Location"] == f"/jobs/{job.uuid}/"
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.QUEUED, 0)
    Job.objects.update(state=Job.State.CANCELLED)
    since = make_job(study, Job.State.QUEUED)
    led = client.post(f"/jobs/{job.uuid}/retry/", follow=True)
    assert led.redirect_chain[-1][0] == f"/jobs/{since.uuid}/"
    assert "asked for since" in led.content.decode()


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked_to_stop() -> None:
    study = make_study()
    client = signed_in(study)
    waiting, running = make_job(study, Job.State.QUEUED), make_job(study, Job.State.RUNNING)
    for job in (waiting, running):
        client.post(f"/jobs/{job.uuid}/cancel/")
        job.refresh_from_db()
    assert waiting.state == Job.State.CANCELLED
    assert (running.state, running.cancel_requested) == (Job.State.RUNNING, True)
    assert "Cancelling" in client.get(f"/jobs/{running.uuid}/").content.decode()


def test_only_those_who_run_the_study_see_its_jobs() -> None:
    study = make_study()
    job = make_job(study, Job.State.QUEUED)
    addresses = [f"/jobs/{job.uuid}/", f"/jobs/{job.uuid}/progress/", f"/api/jobs/{job.uuid}/"]
    for role in ("annotator", "judge"):
        client = signed_in(study, role)
        assert [client.get(address).status_code for address in addresses] == [403] * 3
        assert client.post(f"/jobs/{job.uuid}/cancel/").status_code == 403
    stranger = signed_in(make_study())
    assert [stranger.get(address).status_code for address in addresses] == [404] * 3
    assert stranger.post(f"/jobs/{job.uuid}/retry/").status_code == 404


def test_a_script_is_told_the_same_of_a_strangers_job_and_of_none() -> None:
    job = make_job(make_study(), Job.State.QUEUED)
    stranger = signed_in(make_study())
    theirs, none = (stranger.get(f"/api/jobs/{uuid}/") for uuid in (job.uuid, uuid4()))
    assert (theirs.status_code, theirs.content) == (none.status_code, none.content)
    assert none.status_code == 404


def test_cancel_and_retry_want_a_post() -> None:
    study = make_study()
    client, job = signed_in(study), make_job(study, Job.State.QUEUED)
    assert client.get(f"/jobs/{job.uuid}/cancel/").status_code == 405
    assert client.get(f"/jobs/{job.uuid}/retry/").status_code == 405


def test_the_state_of_a_job_for_scripts() -> None:
    study = make_study()
    job = make_job(study, Job.State.RUNNING, progress_done=1, progress_total=4)
    given = signed_in(study).get(f"/api/jobs/{job.uuid}/").json()
    assert (given["state"], given["done"], given["total"]) == ("running", 1, 4)
    assert "token" not in given


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(58, 100, 58), (29, 100, 29), (999, 1000, 99), (3, 2, 100), (0, 0, 0)]
)
def test_the_percent_of_a_job_are_whole_and_never_ahead_of_it(done: int, total: int, percent: int) -> None:
    job = Job(progress_done=done, progress_total=total)
    assert job.percent_done == percent
