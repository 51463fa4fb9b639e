"""Imports by the HTTP API: a file as the body, a job that stores it whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from annotations import jobs
from annotations.models import Annotation, Job, Study, Upload, User
from tests.hlv.api.program import Program, is_problem, rows
from tests.making import make_participant, make_person, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study() -> Study:
    return make_study(slug="intake")


@pytest.fixture
def owner(study: Study) -> User:
    person = make_person("Owner", email="owner@example.org")
    make_participant(study, "owner", user=person)
    return person


class TestImports:
    ANSWERS = b"item,annotator,label\ni1,Ana,housing\ni2,Ana,family\n"

    def send(self, study: Study, program: Program, content: bytes, more: str = "", **headers: str) -> Any:
        return program.post(
            f"studies/{study.uuid}/imports/?{more or 'kind=annotations&name=a.csv'}", content, **headers
        )

    def test_a_file_is_imported_by_a_job(self, study: Study, owner: User) -> None:
        program = Program(owner)
        items = b'{"item": "i1", "text": "one"}\n{"item": "i2", "text": "two"}\n'
        for content, more in (
            (items, "kind=items&name=i.jsonl"),
            (self.ANSWERS, "kind=annotations&name=a.csv"),
        ):
            sent = self.send(study, program, content, more)
            assert sent.status_code == 202
            job = jobs.run_now(Job.objects.get(uuid=sent.json()["uuid"]))
            assert job.state == "done", job.reason
        assert Annotation.objects.count() == 2
        assert [
            row["item"] for row in rows(program.get(f"studies/{study.uuid}/annotations/?format=csv"))
        ] == [
            "i1",
            "i2",
        ]

    def test_options_of_scores_are_parameters(self, study: Study, owner: User) -> None:
        program = Program(owner)
        table = b"method,item,BLEU,year\nA,new,0.5,2023\n"
        more = "kind=scores&name=s.csv&create_items=true&ignored_columns=year"
        job = jobs.run_now(Job.objects.get(uuid=self.send(study, program, table, more).json()["uuid"]))
        assert job.state == "done", job.reason
        assert list(study.metrics.values_list("name", flat=True)) == ["BLEU"]
        assert study.items.filter(key="new").exists()
        is_problem(self.send(study, program, table, f"{more}&normalise=maybe"), 400, "cannot be read")

    def test_refused_rows_are_in_the_result_of_the_job(self, study: Study, owner: User) -> None:
        program = Program(owner)
        sent = self.send(study, program, self.ANSWERS)
        jobs.run_now(Job.objects.get(uuid=sent.json()["uuid"]))
        followed = program.get(f"jobs/{sent.json()['uuid']}/").json()
        assert followed["state"] == "failed"
        assert followed["result"]["errors"][0]["row"] == 2
        assert not Annotation.objects.exists()

    def test_sent_again_it_is_imported_once_and_the_copy_is_gone(self, study: Study, owner: User) -> None:
        program = Program(owner)
        key = {"idempotency-key": "import-1"}
        first, again = (self.send(study, program, self.ANSWERS, **key) for _ in range(2))
        assert again.json() == first.json()
        assert Job.objects.count() == 1
        assert Upload.objects.filter(forgotten_at=None).count() == 1

    @pytest.mark.parametrize("more", ["name=a.csv", "kind=annotations", "kind=poems&name=a.csv"])
    def test_kind_and_name_are_needed(self, study: Study, owner: User, more: str) -> None:
        is_problem(self.send(study, Program(owner), b"x", more), 400, "Give kind, one of items, annotations")

    def test_an_empty_body_is_refused(self, study: Study, owner: User) -> None:
        response = self.send(study, Program(owner), b"")
        assert response.status_code == 422
        assert not Upload.objects.exists()
