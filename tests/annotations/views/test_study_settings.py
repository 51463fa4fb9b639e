"""The pages on which a study is made and changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotations.models import Participant, Study, User
from annotations.services.studies import add_participant, publish_guideline
from tests.making import make_items, make_participant, make_person, make_study

pytestmark = pytest.mark.django_db


def signed_in(person: User | None) -> Client:
    assert person is not None
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_founder() -> User:
    person = make_person()
    person.may_create_studies = True
    person.save()
    return person


def row(place: int, **cells: object) -> dict[str, object]:
    given = {"name": "", "key": "", "description": "", "group": "", "shortcut": "", "colour": ""} | cells
    return {f"labels-{place}-{name}": value for name, value in given.items()}


def rows(*cells: dict[str, object], standing: int = 0) -> dict[str, object]:
    counts = {"labels-TOTAL_FORMS": len(cells), "labels-INITIAL_FORMS": standing}
    return counts | {
        key: value for place, given in enumerate(cells) for key, value in row(place, **given).items()
    }


NEW: dict[str, object] = {
    "name": "Areas of law",
    "slug": "",
    "task": "multilabel",
    "question": "Which areas?",
    "description": "",
    "answers_wanted": 5,
    "asks_certainty": "on",
    "order": "random",
    "assignment": "groups",
    "time_zone": "Asia/Aden",
}
LABELS = ({"name": "Housing", "colour": "#0072b2"}, {"name": "أسرة", "description": "زواج وطلاق"}, {})


def test_a_study_is_made_with_its_labels_and_belongs_to_whoever_made_it() -> None:
    founder = make_founder()
    page = signed_in(founder).post("/studies/new/", NEW | rows(*LABELS), follow=True)
    study = Study.objects.get(slug="areas-of-law")
    assert "Setup" in page.content.decode()
    assert (study.answers_wanted, study.order, study.assignment, study.time_zone) == (
        5,
        "random",
        "groups",
        "Asia/Aden",
    )
    labels = [(label.key, label.name, label.colour, label.shortcut) for label in study.labels.all()]
    assert labels == [("housing", "Housing", "#0072b2", "KeyQ"), ("أسرة", "أسرة", "", "KeyW")]
    assert list(study.participants.values_list("user", "role")) == [(founder.pk, "owner")]


@pytest.mark.parametrize(
    ("given", "labels", "sentence"),
    [
        ({"name": ""}, LABELS, "This field is required"),
        ({"slug": "taken"}, LABELS, "Another study is called taken; taken-2 is free."),
        ({"name": "قانون"}, LABELS, "No short name can be made of this name"),
        ({"time_zone": "Mars/Base"}, LABELS, "is not a time zone"),
        ({"answers_wanted": 0}, LABELS, "greater than or equal to 1"),
        ({}, LABELS[:1], "at least two different ones"),
        ({}, ({"name": "A", "key": "x"}, {"name": "B", "key": "x"}, {"name": "C"}), "is given twice"),
        ({}, ({"key": "x"}, *LABELS), "A label has a name."),
        ({"task": "none"}, LABELS, "Labels need a task"),
    ],
)
def test_what_is_wrong_is_said_and_no_study_is_made(
    given: dict[str, object], labels: tuple[dict[str, object], ...], sentence: str
) -> None:
    make_study(slug="taken")
    page = signed_in(make_founder()).post("/studies/new/", NEW | given | rows(*labels))
    assert page.status_code == 400
    assert sentence in page.content.decode().replace("&#x27;", "'")
    assert Study.objects.count() == 1


def test_a_missing_name_is_one_fault_and_not_two() -> None:
    page = signed_in(make_founder()).post("/studies/new/", NEW | {"name": "", "slug": ""} | rows(*LABELS))
    assert "This field is required" in page.content.decode()
    assert "short name can be made" not in page.content.decode()


def test_more_rows_come_without_a_word_of_blame() -> None:
    page = signed_in(make_founder()).post("/studies/new/", {"do": "rows"} | rows({"name": "Housing"}))
    assert page.status_code == 200
    content = page.content.decode()
    assert 'name="labels-4-name"' in content
    assert 'value="Housing"' in content
    assert "alert" not in content


SIXTY = "\n".join(f"Area {number}" for number in range(60))


def test_sixty_pasted_labels_fill_the_table_and_make_the_study() -> None:
    client = signed_in(make_founder())
    given = {"pasted": f"{SIXTY}\n# Family\nDivorce\tends a marriage"}
    page = client.post("/studies/new/", {"do": "listed"} | given | rows({"name": "Housing"}, {}))
    content = page.content.decode()
    assert page.status_code == 200
    assert 'name="labels-61-name" value="Divorce"' in content
    assert 'name="labels-61-group" value="Family"' in content
    assert SIXTY not in content, "what is in the table is not offered again"
    # Pasted and created at once: nobody has to press the button.
    client.post("/studies/new/", NEW | given | rows({"name": "Housing"}, {"name": "Area 3"}, {}))
    study = Study.objects.get()
    assert study.labels.count() == 62
    divorce = study.labels.get(name="Divorce")
    assert (divorce.position, divorce.group, divorce.description) == (61, "Family", "ends a marriage")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"pasted": "Tax\nTax"}, "Line 2: the label “Tax” is listed twice."),
        ({"pasted": "\n".join(map(str, range(501)))}, "This list has 501 labels."),
        ({"pasted": "name,hue\nTax,red"}, "“hue” is not one of the columns key, name, description, group."),
    ],
)
def test_a_list_of_labels_with_a_fault_is_shown_again(given: dict[str, object], sentence: str) -> None:
    client = signed_in(make_founder())
    for button in ("listed", "make"):
        page = client.post("/studies/new/", NEW | {"do": button} | given | rows(*LABELS))
        assert sentence in page.content.decode()
    assert not Study.objects.exists()


def test_a_table_of_labels_is_added_to_a_study_and_labels_in_the_rows_are_not_repeated() -> None:
    study = make_study(labels=("housing", "family"))
    client = signed_in(make_participant(study, "owner").user)
    held = [
        {"name": "housing", "is_active": "on"},
        {"name": "family", "group": "People", "is_active": "on"},
        {},
    ]
    given = {"pasted": "name;group\nfamily;\nCare;People\n"}
    client.post(f"/studies/{study.uuid}/labels/", given | rows(*held, standing=2))
    assert list(study.labels.values_list("name", "group")) == [
        ("housing", ""),
        ("family", "People"),
        ("Care", "People"),
    ]


def test_a_key_of_a_label_that_is_there_is_refused() -> None:
    study = make_study(labels=("housing", "family"))
    client = signed_in(make_participant(study, "owner").user)
    held = [{"name": "Homes", "is_active": "on"}, {"name": "family", "is_active": "on"}]
    given = rows(*held, {"name": "Houses", "key": "housing"}, standing=2)
    page = client.post(f"/studies/{study.uuid}/labels/", given)
    assert page.status_code == 400
    assert "has a label" in page.content.decode()


def test_settings_are_saved_and_the_page_says_who_changed_what() -> None:
    study = make_study(name="Areas")
    client = signed_in(add_participant(study, user=make_person("Lin Okafor"), role="owner").user)
    given = {**NEW, "notice": "Invented.", "answers_wanted": 3}
    page = client.post(f"/studies/{study.uuid}/settings/", given, follow=True).content.decode()
    study.refresh_from_db()
    assert (study.name, study.notice, study.order) == ("Areas of law", "Invented.", "random")
    assert page.count("Lin Okafor") > 5
    assert (
        "Nothing was different"
        in client.post(f"/studies/{study.uuid}/settings/", given, follow=True).content.decode()
    )


def test_state_and_extension_are_buttons_that_say_what_happened() -> None:
    study = make_study(answers_wanted=2)
    make_items(study, 1)
    client = signed_in(make_participant(study, "owner").user)
    address = f"/studies/{study.uuid}/state/"
    for given, sentence in (
        ({"do": "paused"}, "The study is paused"),
        ({"do": "open"}, "The study is open"),
        ({"do": "closed"}, "The study is closed"),
        ({"do": "extend", "answers_wanted": "4"}, "From now on 4 answers are wanted"),
        ({"do": "extend", "answers_wanted": "many"}, "each text: give a whole number from 1 to 1000"),
        ({"do": "extend", "answers_wanted": "0"}, "each text: give a whole number from 1 to 1000"),
        ({"do": "burn"}, "A study is open, paused or closed"),
    ):
        assert sentence in client.post(address, given, follow=True).content.decode()
    study.refresh_from_db()
    assert (study.state, study.answers_wanted) == ("closed", 4)


def test_labels_change_in_place_and_new_ones_are_added() -> None:
    study = make_study(labels=("housing", "family"))
    client = signed_in(make_participant(study, "owner").user)
    address = f"/studies/{study.uuid}/labels/"
    given = rows(
        {"name": "Homes", "shortcut": "KeyQ", "is_active": "on"},
        {"name": "family", "shortcut": "KeyW", "is_active": "on"},
        {"name": "Debt"},
        standing=2,
    )
    assert client.post(address, given).status_code == 302
    assert list(study.labels.values_list("key", "name")) == [
        ("housing", "Homes"),
        ("family", "family"),
        ("debt", "Debt"),
    ]
    refused = client.post(address, given | row(0, name="Homes", shortcut="KeyW", is_active="on"))
    assert refused.status_code == 400
    assert "use the same key" in refused.content.decode()


def test_a_person_is_given_another_quota_leaves_and_comes_back() -> None:
    study = make_study()
    lawyer = make_participant(study)
    client = signed_in(make_participant(study, "owner").user)
    address = f"/participants/{lawyer.uuid}/"
    for do, is_active in (("save", True), ("deactivate", False), ("reactivate", True)):
        client.post(address, {"group": "bar", "quota": "7", "do": do})
        lawyer.refresh_from_db()
        assert (lawyer.group, lawyer.quota, lawyer.is_active) == ("bar", 7, is_active)
    assert client.post(address, {"group": "bar", "quota": "-1"}).status_code == 400


def test_the_last_owner_cannot_leave() -> None:
    owner = make_participant(make_study(), "owner")
    page = signed_in(owner.user).post(
        f"/participants/{owner.uuid}/", {"group": "", "quota": "", "do": "deactivate"}
    )
    assert page.status_code == 400
    assert "A study needs an owner" in page.content.decode()


def test_researchers_see_people_by_pseudonym_and_change_none() -> None:
    study = make_study()
    add_participant(study, user=make_person("Amal Secret"), role="annotator")
    page = signed_in(make_participant(study, "researcher").user).get(f"/studies/{study.uuid}/people/")
    content = page.content.decode()
    assert "Annotator 1" in content
    assert "Amal Secret" not in content
    assert "/participants/" not in content


def test_the_list_of_people_costs_the_same_however_many(django_assert_num_queries: Any) -> None:
    study = make_study()
    client = signed_in(make_participant(study, "owner").user)
    costs: list[int] = []
    for _ in range(2):
        for _ in range(10):
            make_participant(study)
        with django_assert_num_queries(costs[0] if costs else 14) as counted:
            assert client.get(f"/studies/{study.uuid}/people/").status_code == 200
        costs.append(len(counted))


def test_a_guideline_is_looked_at_before_it_is_published() -> None:
    study = make_study()
    client = signed_in(make_participant(study, "researcher").user)
    address = f"/studies/{study.uuid}/guideline/edit/"
    seen = client.post(address, {"text": "Read *it* <b>all</b>.", "do": "look", "over": ""}).content.decode()
    assert "Read <em>it</em> &lt;b&gt;all&lt;/b&gt;." in seen
    assert not study.guidelines.exists()
    page = client.post(
        address, {"text": "Read it.", "do": "publish", "over": ""}, follow=True
    ).content.decode()
    assert "Version 1 is published" in page
    again = client.post(address, {"text": "Read it.", "do": "publish", "over": "1"}, follow=True)
    assert "Nothing differs from version 1" in again.content.decode()


def test_who_wrote_over_an_older_version_is_told_before_it_is_replaced() -> None:
    study = make_study()
    publish_guideline(study, text="One.")
    publish_guideline(study, text="Two.")
    client = signed_in(make_participant(study, "owner").user)
    given = {"text": "Mine.", "do": "publish", "over": "1"}
    page = client.post(f"/studies/{study.uuid}/guideline/edit/", given)
    assert page.status_code == 409
    assert "Version 2 was published while you wrote" in page.content.decode()
    assert study.guidelines.count() == 2


def test_two_versions_are_compared_word_by_word() -> None:
    study = make_study()
    for text in ("Choose one label.", "Choose one area.", "Choose every area."):
        publish_guideline(study, text=text)
    client = signed_in(make_participant(study).user)
    address = f"/studies/{study.uuid}/guideline/difference/"
    newest = client.get(address).content.decode()
    assert "Choose <del>one</del><ins>every</ins> area." in newest
    first = client.get(address, {"from": "1", "to": "2"}).content.decode()
    assert "<del>label</del><ins>area</ins>" in first
    assert client.get(address, {"from": "1", "to": "9"}).status_code == 404


def test_a_clone_is_made_in_the_browser() -> None:
    source = make_study(slug="areas")
    founder = make_founder()
    add_participant(source, user=founder, role="researcher")
    client = signed_in(founder)
    address = f"/studies/{source.uuid}/clone/"
    assert client.post(address, {"name": "Areas", "slug": ""}).status_code == 400
    page = client.post(address, {"name": "Areas, second round", "slug": ""}, follow=True)
    assert "The new study is made, and you own it." in page.content.decode()
    made = Study.objects.get(slug="areas-second-round")
    assert made.participants.get().role == Participant.Role.OWNER


def test_only_who_may_create_studies_is_offered_it() -> None:
    for person, offered in ((make_founder(), True), (make_person(), False)):
        page = signed_in(person).get("/studies/").content.decode()
        assert ("/studies/new/" in page) is offered
