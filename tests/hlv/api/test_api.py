"""The HTTP API as a program uses it: tokens, streams, jobs, imports, problems."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from annotations import jobs
from annotations.models import SCOPES, AnsweredRequest, ApiToken, Job, Study, User
from annotations.services.api_tokens import (
    TokenRefusedError,
    create_api_token,
    forget_answered_requests,
    revoke_api_token,
)
from hlv.api.replies import LONGEST_KEY
from metaeval.models import Judgment
from tests.hlv.api.program import V1, Program, is_problem, lines, rows
from tests.hlv.world import bearer
from tests.making import (
    make_exposure,
    make_items,
    make_methods,
    make_outputs,
    make_participant,
    make_person,
    make_seat,
    make_study,
)
from tests.metaeval.making import make_board
from tests.metaeval.test_agreement_diagnostics import judge_all
from tests.metaeval.test_results import make_campaign, make_labelled

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def study() -> Study:
    return make_study(slug="intake")


@pytest.fixture
def owner(study: Study) -> User:
    person = make_person("Owner", email="owner@example.org")
    make_participant(study, "owner", user=person)
    return person


class TestTokens:
    def test_only_the_hash_is_kept(self, owner: User) -> None:
        token, secret = create_api_token(owner, name="notebook", scopes=["read"], days=1)
        assert secret not in json.dumps([str(value) for value in vars(token).values()])
        assert len(secret) > 40

    def test_without_a_token_nothing_opens_even_in_a_session(self, owner: User) -> None:
        client = Client()
        client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
        response = client.get(V1)
        is_problem(response, 401, "credentials were not provided")
        assert response["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("how", ["revoked", "expired", "shut out", "unknown"])
    def test_a_token_that_is_not_valid_opens_nothing(self, owner: User, how: str) -> None:
        program = Program(owner)
        if how == "revoked":
            revoke_api_token(ApiToken.objects.get().uuid)
        elif how == "expired":
            past = timezone.now() - timedelta(hours=1)
            ApiToken.objects.update(created_at=past - timedelta(hours=1), expires_at=past)
        elif how == "shut out":
            User.objects.filter(pk=owner.pk).update(is_active=False)
        else:
            program.headers = {"authorization": "Bearer hlv_nothing"}
        is_problem(program.get(""), 401, "unknown, expired or revoked")

    def test_its_use_is_marked(self, owner: User) -> None:
        Program(owner).get("")
        assert ApiToken.objects.get().last_used_at is not None

    def test_a_limited_token_knows_its_studies_alone(self, study: Study, owner: User) -> None:
        other = make_study()
        make_participant(other, "owner", user=owner)
        program = Program(owner)
        token = ApiToken.objects.get()
        token.is_limited = True
        token.save()
        token.studies.add(study)
        assert [one["slug"] for one in program.get("studies/").json()["results"]] == ["intake"]
        is_problem(program.get(f"studies/{other.uuid}/"), 404, "No such study.")

    def test_a_limited_token_learns_nothing_of_what_is_in_other_studies(
        self, study: Study, owner: User
    ) -> None:
        campaign = make_board()
        other = campaign.study
        annotator = make_participant(other, "annotator", user=owner)
        judge = make_participant(other, "judge", user=owner)
        token, secret = create_api_token(owner, name="x", scopes=SCOPES, days=1, studies=[study])
        exposure = make_exposure(judge, campaign)
        seat = make_seat(annotator)
        job = jobs.request_job(study=other, kind="agreement", params={}, by=owner)
        for address, there in (
            ("jobs/{}/", job.uuid),
            ("campaigns/{}/judgments/", campaign.uuid),
            ("campaigns/{}/next-pair/", campaign.uuid),
            ("exposures/{}/verdicts/", exposure.uuid),
            ("assignments/{}/answers/", seat.uuid),
        ):
            ask = Client().get if address.endswith(("jobs/{}/", "judgments/")) else Client().post
            found, invented = (
                ask(V1 + address.format(uuid), headers={"authorization": f"Bearer {secret}"})
                for uuid in (there, uuid4())
            )
            assert (found.status_code, found.json()) == (404, invented.json()), address
        assert token.is_limited

    @pytest.mark.parametrize(
        ("scopes", "path", "post"),
        [(["write"], "items/", False), (["read"], "jobs/", True), (["jobs"], "imports/", True)],
    )
    def test_a_token_lacks_what_its_scopes_do_not_name(
        self, study: Study, owner: User, scopes: list[str], path: str, post: bool
    ) -> None:
        program = Program(owner, scopes=scopes)
        send = program.post if post else program.get
        is_problem(send(f"studies/{study.uuid}/{path}"), 403, "This token lacks the scope")

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"scopes": ["all"]}, "no scope “all”; known are read, write, jobs, people, answer"),
            ({"scopes": []}, "without a scope"),
            ({"name": " "}, "Give the token a name"),
            ({"days": 0}, "1 to 366 days"),
        ],
    )
    def test_a_token_that_makes_no_sense_is_refused(
        self, owner: User, given: dict[str, Any], sentence: str
    ) -> None:
        with pytest.raises(TokenRefusedError, match=sentence):
            create_api_token(owner, **{"name": "x", "scopes": ["read"], "days": 1, **given})

    def test_more_requests_than_a_token_has_get_429(
        self, owner: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from hlv.api.access import TokenThrottle

        monkeypatch.setattr(TokenThrottle, "THROTTLE_RATES", {"token": "2/min"})
        program = Program(owner)
        assert [program.get("").status_code for _ in range(2)] == [200, 200]
        refused = program.get("")
        is_problem(refused, 429, "throttled")
        assert int(refused["Retry-After"]) > 0


class TestCommands:
    def test_a_token_made_by_command_works_until_it_is_revoked(
        self, study: Study, owner: User, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("create_token", "owner@example.org", "--name", "notebook", "--study", "intake")
        printed = capsys.readouterr()
        secret = printed.out.strip()
        assert "not shown again" in printed.err
        headers = {"authorization": f"Bearer {secret}"}
        assert Client().get(V1, headers=headers).json()["scopes"] == ["read"]
        call_command("tokens", "--json")
        (listed,) = json.loads(capsys.readouterr().out)
        assert (listed["name"], listed["studies"], listed["state"]) == ("notebook", "intake", "valid")
        assert secret not in json.dumps(listed)
        call_command("revoke_token", listed["token"])
        assert Client().get(V1, headers=headers).status_code == 401

    def test_nobody_gets_a_token_for_a_study_of_others(self, owner: User) -> None:
        make_study(slug="other")
        with pytest.raises(CommandError, match="has no role in other"):
            call_command("create_token", "owner@example.org", "--name", "x", "--study", "other")
        with pytest.raises(CommandError, match="Nobody with the address"):
            call_command("create_token", "nobody@example.org", "--name", "x")


class TestReading:
    def test_a_study_has_its_labels_and_guideline(self, study: Study, owner: User) -> None:
        found = Program(owner).get(f"studies/{study.uuid}/").json()
        assert [label["key"] for label in found["labels"]] == ["housing", "contract", "family"]
        assert (found["guideline"], found["task"]) == (None, "multilabel")
        assert "export" in found["actions"]

    def test_streams_name_people_by_pseudonym(self, study: Study, owner: User) -> None:
        make_labelled(study)
        program = Program(owner)
        of_study = f"studies/{study.uuid}/"
        assert len(lines(program.get(f"{of_study}items/"))) == 6
        answers = rows(program.get(f"{of_study}annotations/?format=csv"))
        assert len(answers) == 18
        assert {answer["annotator"] for answer in answers} == {"Annotator 1", "Annotator 2", "Annotator 3"}
        assert len(lines(program.get(f"{of_study}distributions/"))) == 6

    def test_outputs_and_judgments(self, study: Study, owner: User) -> None:
        items = make_items(study, 2)
        methods = make_methods(study, ["a", "b", "c", "d"])
        make_outputs(methods, items)
        campaign = make_campaign(study)
        judge_all(campaign, methods, items=items)
        program = Program(owner)
        assert len(lines(program.get(f"studies/{study.uuid}/outputs/"))) == 8
        assert [
            row["method"] for row in rows(program.get(f"studies/{study.uuid}/methods/?format=csv"))
        ] == list("abcd")
        (named,) = program.get(f"studies/{study.uuid}/campaigns/").json()["results"]
        judged = rows(program.get(f"campaigns/{named['uuid']}/judgments/?format=csv"))
        assert len(judged) == Judgment.objects.count()
        assert {"left", "right", "winner", "judge", "item"} <= judged[0].keys()

    def test_a_judge_learns_no_method(self, study: Study, owner: User) -> None:
        make_outputs(make_methods(study, ["secret method", "other"]), make_items(study, 2))
        judge = make_person("Judge")
        make_participant(study, "judge", user=judge)
        program = Program(judge)
        for path in (
            "",
            "items/",
            "annotations/",
            "distributions/",
            "methods/",
            "outputs/",
            "campaigns/",
            "results/",
        ):
            response = program.get(f"studies/{study.uuid}/{path}")
            assert response.status_code == (200 if path == "" else 403)
            assert b"secret method" not in response.content

    def test_a_stored_result_is_read_once(self, study: Study, owner: User) -> None:
        make_labelled(study)
        job = jobs.run_now(jobs.create(kind="agreement", study=study, params={"n_resamples": 20, "seed": 1}))
        assert job.state == "done"
        program = Program(owner)
        (listed,) = program.get(f"studies/{study.uuid}/results/").json()["results"]
        path = f"studies/{study.uuid}/results/{listed['kind']}/{listed['uuid']}/"
        document = program.get(path)
        assert document.json()["seed"] == 1
        again = program.get(path, **{"if-none-match": document["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        is_problem(program.get(f"studies/{study.uuid}/results/poems/{uuid4()}/"), 404, "No such result.")

    def test_a_supplementary_analysis_is_asked_for_and_read(self, study: Study, owner: User) -> None:
        campaign, items = make_campaign(study), make_items(study, 4)
        judge_all(campaign, make_methods(study, ["a", "b", "c", "d"]), items=items)
        program = Program(owner)
        asked = {"kind": "noise-ceiling", "params": {"campaign": str(campaign.uuid), "n_splits": 20}}
        sent = program.post(f"studies/{study.uuid}/jobs/", asked)
        assert sent.status_code == 202
        jobs.run_now(Job.objects.get(uuid=sent.json()["uuid"]))
        stored = program.get(f"jobs/{sent.json()['uuid']}/").json()["result"]["supplementary_analysis"]
        (listed,) = program.get(f"studies/{study.uuid}/results/").json()["results"]
        assert (listed["kind"], listed["uuid"]) == ("noise-ceilings", stored)
        document = program.get(f"studies/{study.uuid}/results/noise-ceilings/{stored}/").json()
        assert document["parameters"]["n_splits"] == 20
        wrong = program.get(f"studies/{study.uuid}/results/annotator-numbers/{stored}/")
        is_problem(wrong, 404, "No such result.")


class TestJobs:
    def test_a_job_is_accepted_and_followed(self, study: Study, owner: User) -> None:
        make_labelled(study)
        program = Program(owner)
        sent = program.post(
            f"studies/{study.uuid}/jobs/", {"kind": "agreement", "params": {"n_resamples": 20, "seed": 1}}
        )
        assert sent.status_code == 202
        assert sent["Location"].endswith(f"/api/v1/jobs/{sent.json()['uuid']}/")
        jobs.run_now(Job.objects.get(uuid=sent.json()["uuid"]))
        followed = program.get(f"jobs/{sent.json()['uuid']}/").json()
        assert (followed["state"], list(followed["result"])) == ("done", ["label_agreement"])

    def test_a_job_is_cancelled(self, study: Study, owner: User) -> None:
        make_labelled(study)
        program = Program(owner)
        sent = program.post(f"studies/{study.uuid}/jobs/", {"kind": "agreement"}).json()
        ended = Client().delete(f"{V1}jobs/{sent['uuid']}/", headers=program.headers)
        assert (ended.status_code, ended.json()["state"]) == (202, "cancelled")

    @pytest.mark.parametrize(
        ("body", "status", "sentence"),
        [
            ({"kind": "coffee"}, 400, "There is no job “coffee”; known are agreement"),
            ({}, 400, "kind: This field is required."),
            ({"kind": "agreement", "params": {"seed": -1}}, 422, "seed must be a whole number from 0"),
        ],
    )
    def test_what_cannot_run_is_refused_in_a_sentence(
        self, study: Study, owner: User, body: object, status: int, sentence: str
    ) -> None:
        is_problem(Program(owner).post(f"studies/{study.uuid}/jobs/", body), status, sentence)
        assert not Job.objects.exists()

    def test_a_key_given_twice_is_refused(self, study: Study, owner: User) -> None:
        sent = Client().generic(
            "POST", f"{V1}studies/{study.uuid}/jobs/", '{"kind": "agreement", "kind": "bundle"}',
            "application/json", headers=bearer(owner),
        )  # fmt: skip
        is_problem(sent, 400, "given twice")
        assert not Job.objects.exists()


class TestOnce:
    def ask(self, study: Study, program: Program, key: str, seed: int = 1) -> Any:
        body = {"kind": "agreement", "params": {"seed": seed}}
        return program.post(f"studies/{study.uuid}/jobs/", body, **{"idempotency-key": key})

    def test_the_same_request_is_done_once(self, study: Study, owner: User) -> None:
        make_labelled(study)
        program = Program(owner)
        first = self.ask(study, program, "k1")
        # Over by then, so that without the key there would be another.
        Job.objects.update(state=Job.State.DONE)
        again = self.ask(study, program, "k1")
        assert (again.status_code, again.json(), again["Location"]) == (202, first.json(), first["Location"])
        assert Job.objects.count() == 1
        self.ask(study, program, "k2")
        assert Job.objects.count() == 2

    def test_a_key_belongs_to_one_request(self, study: Study, owner: User) -> None:
        make_labelled(study)
        program = Program(owner)
        self.ask(study, program, "k1")
        is_problem(self.ask(study, program, "k1", seed=2), 422, "belongs to another request")
        is_problem(self.ask(study, program, "k" * (LONGEST_KEY + 1)), 400, "1 to 100 characters")

    def test_replies_are_kept_for_a_day(self, study: Study, owner: User) -> None:
        make_labelled(study)
        self.ask(study, Program(owner), "k1")
        assert forget_answered_requests() == 0
        AnsweredRequest.objects.update(created_at=timezone.now() - timedelta(days=2))
        assert forget_answered_requests() == 1

    def test_a_refusal_leaves_the_key_free(self, study: Study, owner: User) -> None:
        make_labelled(study)
        program = Program(owner)
        assert self.ask(study, program, "k1", seed=-1).status_code == 422
        assert self.ask(study, program, "k1", seed=1).status_code == 202
