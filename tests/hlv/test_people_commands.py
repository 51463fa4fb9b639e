"""People, roles, studies and guidelines through the commands."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from annotations.models import Participant, Study, User
from annotations.selectors.answers import current_answers
from annotations.selectors.participation import coverage
from annotations.services.annotating import Answer, record_annotation
from metaeval.selectors.judgments import current_judgments
from metaeval.services.judging import SubmittedVerdict, record_judgment
from tests.files import write_rows, write_text
from tests.hlv.commands import refusal, run
from tests.making import (
    make_exposure,
    make_items,
    make_participant,
    make_person,
    make_seat,
    make_study,
)
from tests.metaeval.making import make_board, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_known(*, slug: str = "intake") -> tuple[Study, User]:
    lin = make_person("Lin Okafor", email="lin@example.org")
    return make_study(slug=slug, owner=make_person()), lin


def test_a_person_gets_a_role_once_and_what_is_given_again_is_changed() -> None:
    study, lin = make_known()
    words = ("add-participant", "intake", "Lin@example.org", "--role", "annotator")
    assert run(*words, "--group", "bar") == "lin@example.org takes part in intake as Annotator 1.\n"
    said = json.loads(run(*words, "--quota", "20", "--json"))
    assert (said["pseudonym"], said["group"], said["quota"]) == ("Annotator 1", "bar", 20)
    assert study.participants.filter(user=lin).count() == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere", "lin@example.org", "--role", "judge"), "There is no study 'nowhere'"),
        (("intake", "nobody@example.org", "--role", "judge"), "hlv create-person nobody@example.org"),
        (("intake", "lin@example.org", "--role", "judge", "--quota", "0"), "quota"),
        (("intake", "lin@example.org", "--role", "judge", "--group", "x" * 101), "100 characters"),
    ],
)
def test_a_role_that_cannot_be_is_refused(words: tuple[str, ...], said: str) -> None:
    make_known()
    assert said in refusal("add-participant", *words)


def test_who_judges_and_runs_the_study_is_told_that_results_close() -> None:
    study, lin = make_known()
    make_participant(study, "researcher", user=lin)
    assert "cannot see the results" in run("add-participant", "intake", "lin@example.org", "--role", "judge")


def make_annotated_and_judged() -> tuple[Participant, Participant]:
    """One person in both roles, with an answer and a verdict, and something open in each."""
    campaign = make_board()
    study, lin = campaign.study, make_person("Lin Okafor", email="lin@example.org")
    make_items(study, 2)
    lawyer, judge = (make_participant(study, role, user=lin) for role in ("annotator", "judge"))
    record_annotation(
        assignment=make_seat(lawyer),
        client_key=uuid4(),
        answer=Answer(chosen={study.labels.all()[0].key: 0.8}),
    )
    record_judgment(
        exposure=make_exposure(judge, campaign), client_key=uuid4(), submitted=SubmittedVerdict("left")
    )
    make_seat(lawyer)
    make_exposure(judge, campaign)
    return lawyer, judge


def test_who_left_is_a_stranger_and_their_answers_still_count() -> None:
    lawyer, judge = make_annotated_and_judged()
    study = lawyer.study
    seat = lawyer.assignments.get(done_at=None)
    shown = judge.exposures.get(done_at=None)
    client = signed_in(lawyer)
    before = (coverage(study).n_answers, current_judgments(shown.comparison.campaign).count())
    said = run("deactivate-participant", study.slug, "lin@example.org")
    assert said.startswith(
        f"lin@example.org no longer takes part in {study.slug} as Annotator 1 and Judge 1."
    )
    for address in (
        f"/studies/{study.uuid}/",
        f"/studies/{study.uuid}/annotate/",
        f"/studies/{study.uuid}/judge/",
        f"/studies/{study.uuid}/guideline/",
        f"/campaigns/{shown.comparison.campaign.uuid}/judge/",
        f"/seats/{seat.uuid}/",
        f"/exposures/{shown.uuid}/",
    ):
        assert client.get(address).status_code == 404, address
    sent = {"client_key": str(uuid4()), "verdict": "left"}
    assert client.post(f"/exposures/{shown.uuid}/", sent).status_code == 404
    assert client.post(f"/api/exposures/{shown.uuid}/judgments/", sent).status_code == 404
    answer = {"client_key": str(uuid4()), "chosen": {}, "no_label_applies": True}
    assert client.post(f"/api/seats/{seat.uuid}/answers/", answer).status_code == 404
    assert study.name not in client.get("/").content.decode()
    assert (coverage(study).n_answers, current_judgments(shown.comparison.campaign).count()) == before
    assert current_answers(study).filter(participant=lawyer).count() == 1


def test_one_role_is_closed_alone_and_opened_again() -> None:
    lawyer, judge = make_annotated_and_judged()
    study = lawyer.study
    run("deactivate-participant", study.slug, "lin@example.org", "--role", "judge")
    client = signed_in(lawyer)
    assert client.get(f"/studies/{study.uuid}/").status_code == 200
    assert client.get(f"/studies/{study.uuid}/judge/").status_code == 403
    again = run("deactivate-participant", study.slug, "lin@example.org", "--role", "judge")
    assert again == f"lin@example.org was already inactive in {study.slug}.\n"
    run("add-participant", study.slug, "lin@example.org", "--role", "judge")
    judge.refresh_from_db()
    assert judge.is_active


def test_a_study_keeps_an_owner_and_only_who_takes_part_can_leave() -> None:
    study, _ = make_known()
    owner = study.participants.get()
    assert owner.user is not None
    assert "needs an owner" in refusal("deactivate-participant", "intake", owner.user.email)
    assert "nobody of intake" in refusal("deactivate-participant", "intake", "lin@example.org")


def test_participants_are_listed_with_what_they_did() -> None:
    lawyer, _ = make_annotated_and_judged()
    run("deactivate-participant", lawyer.study.slug, "lin@example.org", "--role", "annotator")
    listed = json.loads(run("participants", lawyer.study.slug, "--json"))["participants"]
    assert [(row["pseudonym"], row["n_done"], row["is_active"]) for row in listed] == [
        ("Annotator 1", 1, False),
        ("Judge 1", 1, True),
    ]
    assert "Lin Okafor" in run("participants", lawyer.study.slug)


def test_a_guideline_is_a_new_version_only_when_its_text_is_new(tmp_path: Path) -> None:
    study, _ = make_known()
    file = write_text(tmp_path / "g.md", "# السكن\r\nWho lives there?\n")
    assert "Version 1 " in run("publish-guideline", "intake", file)
    write_text(tmp_path / "g.md", "# السكن\nWho lives there?\n")
    assert run("publish-guideline", "intake", file).startswith("Nothing was published")
    write_text(tmp_path / "g.md", "Who pays?\n")
    assert json.loads(run("publish-guideline", "intake", file, "--json")) == {
        "study": "intake",
        "version": 2,
        "is_new": True,
    }
    assert [guideline.version for guideline in study.guidelines.all()] == [1, 2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" \n", "empty"),
        ("caf\u00e9".encode("latin-1"), "utf-8"),
        (b"PK\x03\x04\xff\xfe", "utf-8"),
        (b"a\x00b", "NUL"),
    ],
)
def test_what_is_no_guideline_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    make_known()
    (tmp_path / "g.md").write_bytes(content)
    assert said in refusal("publish-guideline", "intake", tmp_path / "g.md")


def test_a_guideline_that_is_not_there_is_said(tmp_path: Path) -> None:
    make_known()
    assert "cannot be read" in refusal("publish-guideline", "intake", tmp_path / "none.md")


def test_a_known_person_is_renamed_and_it_is_said() -> None:
    make_known()
    assert "is now called Lin O." in run("create-person", "lin@example.org", "--name", "Lin O.")
    assert "is called" not in run("create-person", "lin@example.org")
    assert User.objects.get(email="lin@example.org").name == "Lin O."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody",), "is not an e-mail address"),
        (("x" * 250 + "@example.org",), "is not an e-mail address"),
        (("new@example.org", "--name", "n" * 201), "200 characters"),
        (("new@example.org", "--hours", "nan"), "--hours"),
        (("new@example.org", "--hours", "1e12"), "--hours"),
    ],
)
def test_a_person_who_cannot_be_is_refused(words: tuple[str, ...], said: str) -> None:
    assert said in refusal("create-person", *words)


def test_who_was_deactivated_gets_no_link_and_no_role() -> None:
    _, lin = make_known()
    User.objects.filter(pk=lin.pk).update(is_active=False)
    assert "deactivated" in refusal("create-person", "lin@example.org")
    assert "deactivated" in refusal("add-participant", "intake", "lin@example.org", "--role", "judge")


def test_a_study_takes_labels_with_names_and_meanings_from_a_file(tmp_path: Path) -> None:
    file = write_rows(
        tmp_path / "labels.csv", ("key", "name", "description"), ("rent", "Rent", "money"), ("heir", "", "")
    )
    run("create-study", "fresh", "--task", "single", "--labels-file", file, "--answers", "5")
    study = Study.objects.get(slug="fresh")
    assert study.answers_wanted == 5
    assert list(study.labels.values_list("key", "name", "description")) == [
        ("rent", "Rent", "money"),
        ("heir", "heir", ""),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key,name\nrent,Rent\n,Heir\n", "row 3: the key is missing"),
        ("key,colour\nrent,red\nheir,blue\n", "“colour” is not one of key, name, description"),
        ("key\nrent\nrent\n", "two different ones"),
        ("key\nrent\n" + "x" * 201 + "\n", "200 characters"),
        ("", "empty"),
    ],
)
def test_a_file_that_holds_no_labels_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = write_text(tmp_path / "labels.csv", text)
    assert said in refusal("create-study", "fresh", "--task", "single", "--labels-file", file)


def test_a_study_wants_an_answer_of_somebody_and_an_owner_with_an_address() -> None:
    words = ("create-study", "fresh", "--task", "single", "--labels", "a,b")
    assert "1" in refusal(*words, "--answers", "0")
    assert "is not an e-mail address" in refusal(*words, "--owner", "nobody")


def test_signing_in_is_by_the_printed_link() -> None:
    client = Client()
    link = run("create-person", "new@example.org").split()[-1]
    assert client.post("/" + link.split("/", 3)[3]).status_code == 302
    assert client.get("/", follow=True).status_code == 200


def test_the_first_person_may_create_studies_and_is_told_so() -> None:
    said = run("create-person", "lin@example.org")
    assert said.startswith("lin@example.org is the first person here and can create studies.\n")
    client = Client()
    assert client.post("/" + said.split()[-1].split("/", 3)[3]).status_code == 302
    page = client.get("/studies/").content.decode()
    assert "Create one: choose what people decide" in page
    assert 'href="/studies/new/"' in page
    assert 'href="/account/"' in page
    assert client.get("/studies/new/").status_code == 200
    # Said once; and whoever comes later has to be allowed.
    assert "first person" not in run("create-person", "lin@example.org")
    assert "first person" not in run("create-person", "ana@example.org")
    assert not User.objects.get(email="ana@example.org").may_create_studies


def test_a_person_may_create_studies_where_the_command_says_so() -> None:
    make_person()
    run("create-person", "lin@example.org")
    assert not User.objects.get(email="lin@example.org").may_create_studies
    assert "can now create studies" in run("create-person", "lin@example.org", "--may-create-studies")
    # Saying nothing of it takes nothing away.
    run("create-person", "lin@example.org", "--name", "Lin")
    assert User.objects.get(email="lin@example.org").may_create_studies


def test_a_study_of_the_task_none_is_one_for_judgments_alone() -> None:
    assert "for judgments" in run("create-study", "named", "--task", "none")
    run("create-study", "left-out")
    assert {study.task for study in Study.objects.all()} == {Study.Task.NONE}
    assert "Labels need a task" in refusal("create-study", "labelled", "--task", "none", "--labels", "a,b")
