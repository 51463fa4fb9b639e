"""Where one arrives, the list of studies, the study page, and the frame of all pages."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from annotations.models import Job, Participant, Study, User
from annotations.selectors.participation import participations
from annotations.services.annotating import Answer, record_annotation
from annotations.services.studies import add_participant
from tests.making import (
    make_campaign,
    make_comparisons,
    make_import,
    make_items,
    make_methods,
    make_participant,
    make_person,
    make_seat,
    make_study,
)

pytestmark = pytest.mark.django_db


def signed_in(person: User | Participant) -> Client:
    client = Client()
    user = person.user if isinstance(person, Participant) else person
    assert user is not None
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_home_leads_to_the_studies_or_to_signing_in() -> None:
    assert Client().get("/")["Location"] == "/sign-in/"
    assert signed_in(make_person()).get("/")["Location"] == "/studies/"


def test_the_sign_in_page_says_how_to_begin_while_nobody_has_an_account() -> None:
    assert "hlv create-person" in Client().get("/sign-in/").content.decode()
    make_person()
    assert "hlv create-person" not in Client().get("/sign-in/").content.decode()


def test_the_overview_computes_each_campaign_by_a_button_of_its_own() -> None:
    study = make_study()
    campaigns = [make_campaign(study, name=name) for name in ("accuracy", "clarity")]
    client = signed_in(make_participant(study, "researcher"))
    page = client.get(f"/studies/{study.uuid}/").content.decode()
    forms = re.findall(rf'action="(/studies/{study.uuid}/compute/)".*?name="campaign" value="([^"]+)"', page)
    assert {campaign for _, campaign in forms} == {str(campaign.uuid) for campaign in campaigns}
    for address, campaign in forms:
        assert client.post(address, {"campaign": campaign}).status_code == 302
    asked = Job.objects.filter(study=study, kind="metaeval")
    assert {job.params["campaign"] for job in asked} == {str(campaign.uuid) for campaign in campaigns}


def test_the_list_says_what_to_do_next() -> None:
    study = make_study(name="Areas of law")
    make_items(study, 3)
    lawyer = make_participant(study)
    client = signed_in(lawyer)
    assert "Start annotating" in client.get("/studies/").content.decode()
    record_annotation(assignment=make_seat(lawyer), client_key=uuid4(), answer=Answer(no_label_applies=True))
    page = client.get("/studies/").content.decode()
    assert "Continue annotating" in page
    assert "1 of 3 texts" in page


def test_the_list_shows_no_study_of_others() -> None:
    make_participant(make_study(name="Somebody else's"))
    page = signed_in(make_person()).get("/studies/").content.decode()
    assert "Somebody else" not in page
    assert "You take part in no study yet" in page


def test_the_list_costs_the_same_for_two_studies_and_for_thirty(django_assert_num_queries: Any) -> None:
    person = make_person()
    client = signed_in(person)
    costs = []
    for n_more in (2, 28):
        for _ in range(n_more):
            study = make_study()
            items = make_items(study, 2)
            for role in ("annotator", "researcher", "judge"):
                add_participant(study, user=person, role=role)
            make_comparisons(make_campaign(study), items, make_methods(study, ["one", "other"]))
        with django_assert_num_queries(10 if not costs else costs[0]) as counted:
            page = client.get("/studies/").content.decode()
        assert page.count("Start judging") == (30 if costs else 2)
        costs.append(len(counted))
    everywhere = participations(person)
    one = participations(person, study=study)
    assert [role.pk for role in one] == [role.pk for role in everywhere if role.study_id == study.pk]
    assert "0 of 2 pairs" in client.get(f"/studies/{study.uuid}/").content.decode()


def test_tabs_follow_the_role() -> None:
    study = make_study()
    tabs = {
        "annotator": {"Overview", "Guideline", "Annotate", "My answers"},
        "judge": {"Overview", "Guideline", "Judge"},
        "researcher": {
            "Overview",
            "Guideline",
            "Progress",
            "Methods",
            "Campaigns",
            "Results",
            "Power analysis",
            "People",
        },
    }
    for role, expected in tabs.items():
        response = signed_in(make_participant(study, role)).get(f"/studies/{study.uuid}/")
        shown = {
            str(tab.title) for context in response.context if "tabs" in context for tab in context["tabs"]
        }
        assert shown == expected, role


def test_those_who_run_a_study_see_people_imports_and_jobs() -> None:
    study = make_study()
    make_items(study, 2)
    make_participant(study, user=make_person("Lina Known"))
    make_import(study)
    Job.objects.create(study=study, kind="ranking")
    owner = signed_in(make_participant(study, "owner")).get(f"/studies/{study.uuid}/").content.decode()
    assert "Lina Known" in owner
    assert ">Ranking</a>" in owner
    researcher = (
        signed_in(make_participant(study, "researcher")).get(f"/studies/{study.uuid}/").content.decode()
    )
    assert "Annotator 1" in researcher
    assert "Lina Known" not in researcher


def test_annotators_and_judges_see_neither_people_nor_jobs() -> None:
    study = make_study()
    make_campaign(study)
    make_participant(study, user=make_person("Lina Known"))
    Job.objects.create(study=study, kind="ranking of secret-method")
    for role in ("annotator", "judge"):
        page = signed_in(make_participant(study, role)).get(f"/studies/{study.uuid}/").content.decode()
        assert "Lina Known" not in page
        assert "secret-method" not in page
        assert ("<h2>Judging</h2>" in page) is (role == "judge"), "who judges nothing there sees no campaign"


def test_a_strangers_study_is_not_there() -> None:
    study = make_study()
    assert signed_in(make_person()).get(f"/studies/{study.uuid}/").status_code == 404
    assert Client().get(f"/studies/{study.uuid}/")["Location"].startswith("/sign-in/")


def test_the_notice_of_a_study_stands_on_its_pages() -> None:
    study = make_study(notice="The people of this study are simulated.")
    make_items(study, 1)
    lawyer = make_participant(study)
    client = signed_in(lawyer)
    for page in ("", "guideline/", "answers/"):
        assert "are simulated" in client.get(f"/studies/{study.uuid}/{page}").content.decode()


def test_a_language_without_a_catalogue_is_neither_given_nor_offered() -> None:
    client = Client(headers={"Accept-Language": "fa"})
    page = client.get("/sign-in/").content.decode()
    assert '<html lang="en" dir="ltr">' in page
    assert 'value="fa"' not in page
    client.post("/language/", {"language": "fa", "next": "/sign-in/"})
    assert '<html lang="en" dir="ltr">' in client.get("/sign-in/").content.decode()


def test_the_page_turns_with_a_language_that_is_offered() -> None:
    client = Client()
    assert '<html lang="en" dir="ltr">' in client.get("/sign-in/").content.decode()
    client.post("/language/", {"language": "ar", "next": "/sign-in/"})
    assert '<html lang="ar" dir="rtl">' in client.get("/sign-in/").content.decode()


def test_choosing_a_language_never_leads_to_another_host() -> None:
    sent = Client().post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert "elsewhere" not in sent["Location"]


def test_names_of_people_are_never_read_as_html() -> None:
    study = make_study(name="<script>alert(1)</script>", description="<b>bold</b>")
    person = make_person("<img src=x>")
    add_participant(study, user=person, role=Participant.Role.OWNER)
    page = signed_in(person).get(f"/studies/{study.uuid}/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<b>bold" not in page


def test_an_unknown_address_says_so_in_words() -> None:
    response = Client().get("/nothing/here/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_a_lookup_in_a_parameter_is_refused() -> None:
    response = signed_in(make_person()).get("/studies/?name__startswith=a")
    assert response.status_code == 400
    assert "not known here" in response.content.decode()


def test_closed_and_finished_studies_offer_no_annotating() -> None:
    study = make_study(answers_wanted=1)
    make_items(study, 1)
    lawyer = make_participant(study)
    record_annotation(assignment=make_seat(lawyer), client_key=uuid4(), answer=Answer(no_label_applies=True))
    page = signed_in(lawyer).get("/studies/").content.decode()
    assert "All done: 1 of 1 texts" in page
    Study.objects.update(state=Study.State.CLOSED)
    page = signed_in(lawyer).get("/studies/").content.decode()
    assert "Annotating is closed" in page
    assert "annotate/" not in page


# ---- the look of pages ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theme", "media"),
    [("system", "(prefers-color-scheme: dark)"), ("dark", "(min-width: 0)"), ("light", "(max-width: 0)")],
)
def test_a_reader_chooses_the_colours_beside_those_of_the_device(theme: str, media: str) -> None:
    client = Client()
    chosen = client.post("/look/", {"theme": theme, "reading-lines": "3", "next": "/sign-in/"})
    assert chosen["Location"] == "/sign-in/"
    page = client.get("/sign-in/").content.decode()
    assert f'media="screen and {media}"' in page
    assert page.count('aria-pressed="true"') == 1


def test_only_looks_that_there_are_can_be_chosen_and_only_pages_of_ours_come_after() -> None:
    client = Client()
    answered = client.post(
        "/look/", {"theme": "pink", "reading-size": "9", "next": "https://elsewhere.example/"}
    )
    assert answered["Location"] == "/"
    assert not answered.cookies
    client.cookies["theme"] = '"><script>'
    assert 'media="screen and (prefers-color-scheme: dark)"' in client.get("/sign-in/").content.decode()
