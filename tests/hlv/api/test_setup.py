"""A study set up, labelled and judged by the client alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import Annotation, AnsweredRequest, Guideline, Invitation, Study, User
from hlv.client import ApiError
from metaeval.models import Campaign, Exposure, Judgment
from tests.hlv.api.test_client import client_of
from tests.hlv.world import bearer
from tests.making import (
    make_campaign,
    make_comparisons,
    make_items,
    make_methods,
    make_outputs,
    make_participant,
    make_person,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
ALL = ("read", "write", "jobs", "people", "answer")


@pytest.fixture
def lin() -> User:
    person = make_person("Lin", email="lin@example.org")
    person.may_create_studies = True
    person.save()
    return person


def refused(status: int, sentence: str) -> Any:
    return pytest.raises(ApiError, match=rf"{sentence}.*\({status}\)")


def with_role(study: Study, role: str) -> User:
    person = make_person(role)
    make_participant(study, role, user=person)
    return person


def test_a_whole_study_is_run_by_the_client(lin: User, tmp_path: Path) -> None:
    client = client_of(lin, scopes=ALL)
    made = client.create_study(
        "intake",
        task="multilabel",
        labels=["housing", {"key": "debt", "name": "Money owed"}],
        answers_wanted=1,
    )
    assert made.publish_guideline("Name every area.") == 1
    assert made.publish_guideline("Name every area.") == 1
    assert made.invite("annotator", email="ana@example.org", group="bar").startswith("http")
    study = Study.objects.get(slug="intake")
    assert Invitation.objects.get().group == "bar"
    assert list(study.labels.values_list("key", "name")) == [("housing", "housing"), ("debt", "Money owed")]

    files = {
        "items.csv": "item,text\n1,The landlord keeps my deposit.\n2,They want the loan back.\n",
        "outputs.csv": "item,method,housing,debt\n1,m1,.9,.1\n2,m1,.2,.8\n1,m2,.5,.5\n2,m2,.6,.4\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        made.import_file(tmp_path / name, kind=name.removesuffix(".csv")).wait()

    annotator = client_of(with_role(study, "annotator"), scopes=("answer",)).studies()[0]
    for _ in range(2):
        shown = annotator.next_text()
        assert shown["guideline_version"] == 1
        assert annotator.next_text()["assignment"] == shown["assignment"]
        stored = annotator.answer(
            str(shown["assignment"]), chosen={"housing": 0.8}, guideline_version=shown["guideline_version"]
        )
        assert stored["chosen"] == {"housing": 0.8}
    assert annotator.next_text()["waiting"] == "done"
    assert [row["label"] for row in made.annotations()] == [["housing"]] * 2

    dry = made.plan_campaign("accuracy", items=2, dry_run=True)
    assert (dry["n_comparisons"], Campaign.objects.count()) == (2, 0)
    planned = made.plan_campaign("accuracy", items=2, question="Which is nearer?")
    judge = client_of(with_role(study, "judge"), scopes=("answer",)).studies()[0]
    campaign = str(planned["uuid"])
    assert judge.next_pair(campaign)["waiting"] == "paused"
    made.set_campaign("accuracy", "open")
    for verdict in ("left", "neither"):
        pair = judge.next_pair(campaign)
        assert pair["question"] == "Which is nearer?"
        judge.judge(str(pair["exposure"]), verdict, confidence=0.75)
    assert judge.next_pair(campaign)["waiting"] == "done"
    assert sorted(Judgment.objects.values_list("verdict", flat=True)) == ["left", "neither"]
    assert len(list(made.judgments("accuracy"))) == 2
    assert {one["role"] for one in made.participants()} == {"owner", "annotator", "judge"}


class TestSetup:
    def test_who_may_not_create_studies_is_refused(self) -> None:
        with refused(403, "not allowed you to create studies"):
            client_of(make_person("Jo"), scopes=ALL).create_study("x")

    def test_a_limited_token_creates_none(self, lin: User) -> None:
        client = client_of(lin, scopes=ALL)
        lin.api_tokens.update(is_limited=True)
        with refused(403, "for certain studies only"):
            client.create_study("x")
        assert not Study.objects.exists()

    @pytest.mark.parametrize(
        ("given", "status", "sentence"),
        [
            ({"slug": "two words"}, 422, "valid"),
            ({"slug": "x", "task": "single", "labels": ["a"]}, 422, "at least two"),
            ({"slug": "x", "task": "coffee"}, 400, "task"),
            ({"slug": "x", "colour": "red"}, 400, "not taken here: colour"),
            ({"slug": "x", "time_zone": "Mars"}, 422, "time zone"),
        ],
    )
    def test_what_no_study_can_have_is_refused(
        self, lin: User, given: dict[str, Any], status: int, sentence: str
    ) -> None:
        with refused(status, sentence):
            client_of(lin, scopes=ALL).create_study(**given)
        assert not Study.objects.exists()

    def test_an_empty_guideline_is_refused(self, lin: User) -> None:
        made = client_of(lin, scopes=ALL).create_study("x")
        with refused(422, "guideline is empty"):
            made.publish_guideline("  ")
        assert not Guideline.objects.exists()

    def test_people_need_their_scope(self, lin: User) -> None:
        made = client_of(lin, scopes=ALL).create_study("x")
        less = client_of(lin, scopes=("read", "write", "jobs", "answer")).studies()[0]
        for ask in (less.participants, lambda: less.invite("judge")):
            with refused(403, "lacks the scope “people”"):
                ask()
        with refused(422, "valid for 1 to 90 days"):
            made.invite("judge", days=1000)

    def test_names_and_addresses_are_those_that_the_pages_show(self, lin: User) -> None:
        client = client_of(lin, scopes=ALL)
        made = client.create_study("x")
        study = Study.objects.get()
        released = with_role(study, "judge")
        User.objects.filter(pk=released.pk).update(
            email="0@released.invalid", address_released_at=timezone.now()
        )
        assert [(one["name"], one["email"]) for one in made.participants()] == [
            ("Lin", "lin@example.org"),
            ("judge", ""),
        ]
        Study.objects.update(personal_removed_at=timezone.now())
        assert {(one["name"], one["email"]) for one in made.participants()} == {("", "")}

    def test_no_link_is_kept_for_an_invitation_that_is_sent_again(self, lin: User) -> None:
        client_of(lin, scopes=ALL).create_study("x")
        address = f"/api/v1/studies/{Study.objects.get().uuid}/invitations/"
        headers = {**bearer(lin), "Idempotency-Key": "one"}

        def sent() -> Any:
            return Client().post(address, {"role": "judge"}, content_type="application/json", headers=headers)

        first, second = sent(), sent()
        assert (first.status_code, second.status_code, Invitation.objects.count()) == (201, 201, 1)
        assert first.json()["uuid"] == second.json()["uuid"]
        links = [reply.json()["link"] for reply in (first, second)]
        kept = str(list(AnsweredRequest.objects.values_list("body", flat=True)))
        assert not any(link.split("/")[-2] in kept for link in links)
        # The link of the second time is the one that works.
        assert [Client().get(f"/join/{link.split('/')[-2]}/").status_code for link in links] == [410, 200]

    def test_a_campaign_that_cannot_be_is_refused(self, lin: User) -> None:
        client = client_of(lin, scopes=ALL)
        made = client.create_study("x", task="single", labels=["a", "b"])
        with refused(422, "."):
            made.plan_campaign("accuracy")
        with refused(400, "repeat_share"):
            made.plan_campaign("accuracy", repeat_share=2)
        assert not Campaign.objects.exists()


@pytest.fixture
def judged() -> Campaign:
    study = make_study(slug="judged")
    items, methods = make_items(study, 3), make_methods(study, ["Alpha", "Beta"])
    make_outputs(methods, items)
    campaign = make_campaign(study)
    make_comparisons(campaign, items, methods)
    return campaign


class TestAnswering:
    def test_the_same_answer_is_stored_once_and_another_is_a_conflict(self) -> None:
        study = make_study(slug="intake")
        make_items(study, 1)
        me = client_of(with_role(study, "annotator"), scopes=("answer",)).studies()[0]
        text, key = str(me.next_text()["assignment"]), str(uuid4())
        chosen = str(study.labels.values_list("key", flat=True)[0])
        for _ in range(2):
            stored = me.answer(text, client_key=key, chosen={chosen: None})
        assert Annotation.objects.count() == 1
        with refused(409, "."):
            me.answer(text, skipped=True, reason="not mine")
        me.answer(text, skipped=True, reason="not mine", replaces=stored["uuid"])
        assert Annotation.objects.count() == 2

    def test_an_answer_that_says_nothing_is_refused(self) -> None:
        study = make_study(slug="intake")
        make_items(study, 1)
        me = client_of(with_role(study, "annotator"), scopes=("answer",)).studies()[0]
        text = str(me.next_text()["assignment"])
        with refused(422, "."):
            me.answer(text)
        with refused(400, "not taken here: author"):
            me.answer(text, author="Ana")
        assert not Annotation.objects.exists()

    def test_a_pair_tells_nothing_of_methods_and_keeps_its_sides(self, judged: Campaign) -> None:
        judge = client_of(with_role(judged.study, "judge"), scopes=("answer",)).studies()[0]
        pair = judge.next_pair(str(judged.uuid))
        assert judge.next_pair(str(judged.uuid)) == pair
        assert "Alpha" not in str(pair)
        assert "Beta" not in str(pair)
        left = pair["left"]
        assert isinstance(left, dict)
        assert set(left["labels"]) == set(judged.study.labels.values_list("name", flat=True))
        shown = Exposure.objects.get()
        assert shown.shown_at is not None

    def test_an_unknown_verdict_is_refused(self, judged: Campaign) -> None:
        judge = client_of(with_role(judged.study, "judge"), scopes=("answer",)).studies()[0]
        exposure = str(judge.next_pair(str(judged.uuid))["exposure"])
        with refused(400, "verdict"):
            judge.judge(exposure, "tie")
        assert not Judgment.objects.exists()

    def test_another_judge_has_no_such_pair(self, judged: Campaign) -> None:
        one = client_of(with_role(judged.study, "judge"), scopes=("answer",)).studies()[0]
        other = client_of(with_role(judged.study, "judge"), scopes=("answer",)).studies()[0]
        exposure = str(one.next_pair(str(judged.uuid))["exposure"])
        with refused(404, "No such comparison"):
            other.judge(exposure, "left")

    def test_who_has_seen_results_gets_no_pair(self, judged: Campaign) -> None:
        from metaeval.models import ResultsSeen

        person = with_role(judged.study, "judge")
        ResultsSeen.objects.create(user=person, campaign=judged)
        judge = client_of(person, scopes=("answer",)).studies()[0]
        assert judge.next_pair(str(judged.uuid))["waiting"] == "seen_results"
        assert not Exposure.objects.exists()
