"""The Python client against the application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from annotations import jobs
from annotations.models import Job as StoredJob
from annotations.models import Study, User
from annotations.services.api_tokens import create_api_token
from hlv import client as library
from hlv.client import ApiError, JobFailedError, connect
from tests.making import (
    make_campaign,
    make_items,
    make_methods,
    make_participant,
    make_person,
    make_study,
)
from tests.metaeval.test_agreement_diagnostics import judge_all

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ANSWERS = 'item,annotator,label\n1,Ana,"[""housing"", ""family""]"\n2,Ana,[]\n'


def whole_content(response: Any) -> bytes:
    """All bytes; a file is closed, and the connection to the database is not, as the end of a request would."""
    content: bytes = response.getvalue()
    for close in response._resource_closers:
        close()
    return content


class Broken(httpx.BaseTransport):
    """The application, whose replies get lost so many times after it has done its work."""

    def __init__(self, n_lost: int = 0) -> None:
        self.n_lost = n_lost

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        media_type = headers.pop("content-type", "application/octet-stream")
        path = request.url.raw_path.decode()
        response = Client().generic(request.method, path, request.read(), media_type, headers=headers)
        if self.n_lost and request.method == "POST":
            self.n_lost -= 1
            raise httpx.ReadError("the connection broke")
        content = whole_content(response)
        return httpx.Response(response.status_code, headers=dict(response.items()), content=content)


@pytest.fixture
def study() -> Study:
    study = make_study(slug="intake")
    make_items(study, 2)
    return study


@pytest.fixture
def owner(study: Study) -> User:
    person = make_person("Owner")
    make_participant(study, "owner", user=person)
    return person


def client_of(
    person: User, *, n_lost: int = 0, scopes: tuple[str, ...] = ("read", "write", "jobs")
) -> library.Client:
    _token, secret = create_api_token(person, name="client", scopes=scopes, days=1)
    slept: list[float] = []

    def run_what_waits(seconds: float) -> None:
        """In the place of a pause: the worker does what waits."""
        slept.append(seconds)
        for job in StoredJob.objects.filter(state=StoredJob.State.QUEUED):
            jobs.run_now(job)

    return connect("http://testserver", token=secret, transport=Broken(n_lost), sleep=run_what_waits)


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def test_labels_go_in_and_results_come_out(study: Study, owner: User, answers: Path) -> None:
    study_here = client_of(owner).study("intake")
    keys = [str(item["item"]) for item in study_here.items()]
    answers.write_text(
        ANSWERS.replace("\n1,", f"\n{keys[0]},").replace("\n2,", f"\n{keys[1]},"), encoding="utf-8"
    )
    study_here.import_file(answers, kind="annotations").wait()
    assert [row["annotator"] for row in study_here.annotations()] == ["Annotator 1"] * 2
    assert len(list(study_here.distributions())) == 2
    study_here.run("agreement", n_resamples=20, seed=3).wait()
    (result,) = study_here.results("label-agreements")
    assert result.document()["seed"] == 3


def test_a_lost_reply_is_asked_for_again_and_nothing_is_done_twice(study: Study, owner: User) -> None:
    client = client_of(owner, n_lost=2)
    # The work is over before the request comes again, so only its key tells that it is the same.
    job = client.study("intake").run("agreement", n_resamples=20, seed=3)
    assert StoredJob.objects.count() == 1
    assert job.uuid == str(StoredJob.objects.get().uuid)


def test_refused_rows_are_told(study: Study, owner: User, answers: Path) -> None:
    answers.write_text("item,annotator,label\nnothing,Ana,housing\n", encoding="utf-8")
    job = client_of(owner).study("intake").import_file(answers, kind="annotations")
    with pytest.raises(JobFailedError) as refused:
        job.wait()
    assert refused.value.job.result is not None
    assert refused.value.job.result["errors"]


def test_a_refusal_has_the_sentence_of_the_server(study: Study, owner: User) -> None:
    with pytest.raises(ApiError, match=r"There is no job “coffee”.*\(400\)"):
        client_of(owner).study("intake").run("coffee")
    with pytest.raises(ApiError, match="lacks the scope “read”"):
        list(client_of(owner, scopes=("write",)).studies()[0].items())
    with pytest.raises(LookupError, match="no study 'other'; it opens intake"):
        client_of(owner).study("other")


def test_an_overloaded_server_is_asked_again(study: Study, owner: User) -> None:
    answered: list[int] = []

    def respond(request: httpx.Request) -> httpx.Response:
        answered.append(len(answered))
        if len(answered) < 3:
            return httpx.Response(503, headers={"Retry-After": "2"})
        return httpx.Response(200, json={"next": None, "results": []})

    slept: list[float] = []
    client = connect("http://x", token="t", transport=httpx.MockTransport(respond), sleep=slept.append)
    assert client.studies() == []
    assert slept == [2.0, 2.0]


def test_a_job_that_goes_on_for_too_long_is_a_timeout(study: Study, owner: User) -> None:
    client = client_of(owner)
    job = client.study("intake").run("agreement")
    patient = library.Client(client.http, lambda seconds: None)
    with pytest.raises(TimeoutError, match="queued after 3 s"):
        patient.job(job.uuid).wait(seconds=3)
    job.cancel()
    assert client.job(job.uuid).state == "cancelled"


def test_the_client_loads_no_django() -> None:
    program = "import sys, hlv.client; print('django' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"


def test_a_campaign_is_named_where_there_are_several(study: Study, owner: User) -> None:
    study_here = client_of(owner).study("intake")
    with pytest.raises(JobFailedError, match="has no campaign yet"):
        study_here.run("ranking").wait()
    campaigns = [make_campaign(study, name) for name in ("accuracy", "clarity")]
    with pytest.raises(JobFailedError, match="Name the campaign; this study has accuracy, clarity"):
        study_here.run("ranking", seed=2).wait()
    judge_all(campaigns[1], make_methods(study, ["a", "b", "c", "d"]))
    job = study_here.run("ranking", campaign="clarity", n_resamples=20).wait()
    assert job.state == "done"
    (ranking,) = study_here.results("rankings")
    assert ranking.document()["parameters"]
