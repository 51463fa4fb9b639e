"""The language of a page: the person's choice, else the study's, else the browser's; its dates and numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from annotations import jobs
from annotations.models import Job, Participant, Study, User
from annotations.services.invitations import Terms, invite
from annotations.services.people import make_sign_in_link
from hlv.cli import follow_environment
from hlv.core.rendering.sentences import Finding
from hlv.templatetags.numbers import grouped
from tests.making import make_campaign, make_participant, make_person, make_study

pytestmark = pytest.mark.django_db

ENGLISH, ARABIC = '<html lang="en" dir="ltr">', '<html lang="ar" dir="rtl">'


def browser_of(person: User | Participant | None, language: str = "") -> Client:
    client = Client(headers={"Accept-Language": language} if language else None)
    user = person.user if isinstance(person, Participant) else person
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(client: Client, path: str) -> str:
    response = client.get(path)
    page = response.content.decode()
    assert f'<html lang="{response.headers["Content-Language"]}"' in page
    return page


def test_a_browser_that_asks_for_arabic_gets_it() -> None:
    assert ARABIC in page_of(browser_of(None, "ar-EG,ar;q=0.9,en;q=0.5"), "/sign-in/")
    assert ENGLISH in page_of(browser_of(None, "fa,de;q=0.9"), "/sign-in/")


def test_a_study_decides_for_people_who_chose_no_language() -> None:
    study = make_study(language="ar")
    client = browser_of(make_participant(study), "en")
    assert ARABIC in page_of(client, f"/studies/{study.uuid}/")
    assert ENGLISH in page_of(client, "/studies/"), "the list of studies belongs to no study"
    client.post("/language/", {"language": "en", "next": "/"})
    assert ENGLISH in page_of(client, f"/studies/{study.uuid}/")


def test_a_person_chooses_for_every_device() -> None:
    study = make_study(language="en")
    lawyer = make_participant(study)
    first = browser_of(lawyer, "en")
    assert 'name="language"' in page_of(first, "/account/")
    assert first.post("/language/", {"language": "ar", "next": "/account/"})["Location"] == "/account/"
    for client in (first, browser_of(lawyer, "en")):
        assert ARABIC in page_of(client, f"/studies/{study.uuid}/")
    # On a shared device, the choice of the person who is signed in counts.
    other = make_person("Omar")
    first.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    first.post("/language/", {"language": "en", "next": "/"})
    assert ENGLISH in page_of(first, "/studies/")
    assert User.objects.get(pk=lawyer.user_id).language == "ar"


def test_a_choice_can_be_taken_back() -> None:
    lawyer = make_participant(make_study())
    client = browser_of(lawyer, "en")
    client.post("/language/", {"language": "ar", "next": "/"})
    client.post("/language/", {"language": "", "next": "/"})
    assert User.objects.get(pk=lawyer.user_id).language == ""
    assert ENGLISH in page_of(client, "/studies/")


def test_a_language_that_is_not_offered_is_no_choice() -> None:
    lawyer = make_participant(make_study())
    client = browser_of(lawyer)
    client.post("/language/", {"language": "fa", "next": "/"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fa"
    User.objects.update(language="fa")
    Study.objects.update(language="fa")
    assert ENGLISH in page_of(client, f"/studies/{lawyer.study.uuid}/")


def test_links_into_a_study_open_in_its_language() -> None:
    study = make_study(language="ar")
    owner = make_participant(study, "owner")
    _, path = invite(study, terms=Terms(role="annotator"), by=owner.user)
    assert ARABIC in page_of(browser_of(None, "en"), path)
    lawyer = make_participant(study)
    assert lawyer.user is not None
    link = make_sign_in_link(lawyer.user, participant=lawyer)
    assert ARABIC in page_of(browser_of(None, "en"), link)


def test_an_owner_sets_the_language_of_the_study() -> None:
    owner = make_participant(make_study(), "owner")
    address = f"/studies/{owner.study.uuid}/settings/"
    given = {
        "name": "Rents",
        "answers_wanted": 3,
        "order": "fixed",
        "assignment": "breadth",
        "time_zone": "UTC",
    }
    client = browser_of(owner)
    assert client.post(address, given | {"language": "xx"}).status_code == 400
    assert client.post(address, given | {"language": "ar"}).status_code == 302
    assert Study.objects.get().language == "ar"
    assert ARABIC in page_of(client, address)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "ar_EG.UTF-8"}, "ar"),
        ({"LANG": "ar_EG.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "fa_IR"}, "en"),
        ({}, "en"),
    ],
)
def test_commands_print_the_language_of_the_terminal(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with translation.override("en"):
        follow_environment()
        assert translation.get_language() == language


def test_what_a_job_stores_is_in_english_whoever_asked() -> None:
    campaign = make_campaign(make_study())
    asked = jobs.create(kind="ranking", study=campaign.study, params={"campaign": str(campaign.uuid)})
    campaign.delete()
    with translation.override("ar"):
        job = jobs.run_now(asked)
    assert (job.state, job.reason) == (Job.State.FAILED, "This study has no such campaign.")


@pytest.mark.parametrize(
    ("language", "date"),
    [("en", "3 May 2026, 14:20"), ("ar", "3 مايو 2026، 14:20"), ("de", "3. Mai 2026 14:20")],
)
def test_dates_are_written_as_the_language_writes_them(language: str, date: str) -> None:
    with translation.override(language):
        assert date_format(datetime(2026, 5, 3, 14, 20, tzinfo=UTC), "DATETIME_FORMAT") == date


@pytest.mark.parametrize(("language", "number"), [("en", "2,414"), ("ar", "2,414"), ("de", "2.414")])
def test_thousands_are_grouped_as_in_the_language(language: str, number: str) -> None:
    with translation.override(language):
        assert grouped(2414) == number
        assert str(Finding("%(n)s", {"n": 2414})) == number
