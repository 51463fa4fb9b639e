"""Search shows what the roles of a person show elsewhere, and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from annotations.models import Annotation, ImportReversal, Item, ItemText, Participant, Study, User
from annotations.selectors.search import MOST_FOUND, found_items
from annotations.services.people import sign_in_person
from annotations.services.studies import deactivate_participant
from tests.hlv.world import signed_in_as
from tests.making import make_import, make_items, make_participant, make_person, make_seat, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def found(person: User | Client, words: str) -> list[tuple[str, str]]:
    """Kind and title of each line on the first page."""
    client = person if isinstance(person, Client) else signed_in_as(person)
    response = client.get("/search/", {"q": words})
    assert response.status_code == 200
    return [(line.kind, line.title) for line in response.context["lines"]]


def make_text(study: Study, key: str, text: str) -> Item:
    item = Item.objects.create(study=study, key=key, position=study.items.count())
    ItemText.objects.create(item=item, position=0, name="text", text=text)
    return item


def owner_of(study: Study) -> User:
    person = make_person("Lin Okafor")
    make_participant(study, "owner", user=person)
    return person


def test_an_owner_finds_texts_by_words_identifier_and_number() -> None:
    study = make_study(name="Tenants")
    make_text(study, "other-1", "The boiler is broken.")
    make_text(study, "req-17", "The landlord keeps my deposit.")
    owner = owner_of(study)
    line = [("Texts", "Text 2 · req-17")]
    for words in ("deposit landlord", "LANDL", "req-1", "req-17"):
        assert found(owner, words) == line, words
    # An address of a person may have the number in it too.
    assert found(owner, "2")[-1:] == line
    assert found(owner, "deposit boiler") == []
    assert "Nothing found" in signed_in_as(owner).get("/search/", {"q": "boi dep"}).content.decode()


def test_words_of_other_scripts_are_found() -> None:
    study = make_study()
    make_text(study, "a", "المالك يحتفظ بالتأمين")
    make_text(study, "b", "Größe der Wohnung")
    owner = owner_of(study)
    assert found(owner, "يحتفظ") == [("Texts", "Text 1 · a")]
    assert found(owner, "Größe") == [("Texts", "Text 2 · b")]


@pytest.mark.parametrize(
    "words", ["'", "\\", "a'b \\' & | ! <-> :*", "%", "_", "' | 'heating", "x" * 100, "١٢٣", "²", "9" * 90]
)
def test_signs_of_a_query_language_are_words(words: str) -> None:
    study = make_study()
    make_items(study, 1)
    assert found(owner_of(study), words) == []


def test_too_much_or_nothing_is_refused_in_words() -> None:
    client = signed_in_as(make_person())
    for words in ("", "   ", "x" * 101, "a\x00b"):
        response = client.get("/search/", {"q": words})
        assert response.status_code == 400
        assert 'class="error"' in response.content.decode()
    assert client.get("/search/").status_code == 200


def test_withdrawn_texts_are_not_found() -> None:
    study = make_study()
    batch = make_import(study, "items")
    make_items(study, 1)
    study.items.update(import_batch=batch)
    owner = owner_of(study)
    assert len(found(owner, "deposit")) == 1
    ImportReversal.objects.create(batch=batch, withdrawn=True)
    assert found(owner, "deposit") == []


def test_nobody_finds_anything_of_a_study_that_is_not_theirs() -> None:
    study = make_study(name="Tenants of Kobe")
    make_items(study, 1)
    make_participant(study, user=make_person("Zanthorvex"))
    elsewhere = owner_of(make_study())
    left = owner_of(study)
    owner_of(study)
    deactivate_participant(study, user=left, role="owner")
    for person in (elsewhere, left, make_person()):
        for words in ("deposit", "item-0", "Zanthorvex", "Annotator 1", "Kobe"):
            assert found(person, words) == []


def test_an_owner_finds_people_by_name_address_and_pseudonym_and_a_researcher_by_pseudonym() -> None:
    study = make_study()
    person = make_participant(study, user=make_person("Zanthorvex", email="zan@example.org"))
    Participant.objects.filter(pk=person.pk).update(group="academia")
    owner, researcher = owner_of(study), make_participant(study, "researcher").user
    assert researcher is not None
    for words in ("zanthor", "zan@exam", "Annotator 1", "annot 1", "academ"):
        assert found(owner, words) == [("People", "Annotator 1")], words
    for words in ("zanthor", "zan@exam"):
        assert found(researcher, words) == []
    page = signed_in_as(researcher).get("/search/", {"q": "Annotator 1"}).content.decode()
    assert "Annotator 1" in page
    assert "Zanthorvex" not in page
    assert f"/participants/{person.uuid}/" not in page


def test_names_that_were_removed_find_nobody() -> None:
    study = make_study()
    person = make_person("Zanthorvex", email="zan@example.org")
    make_participant(study, user=person)
    owner = owner_of(study)
    Study.objects.update(personal_removed_at=timezone.now())
    assert found(owner, "zanthor") == []
    Study.objects.update(personal_removed_at=None)
    User.objects.filter(pk=person.pk).update(
        email="0f@released.invalid", address_proven_at=None, address_released_at=timezone.now()
    )
    assert found(owner, "released.invalid") == []


def test_a_pseudonym_is_found_in_the_language_of_the_page() -> None:
    study = make_study()
    make_participant(study)
    owner = owner_of(study)
    client = signed_in_as(owner)
    client.cookies["django_language"] = "ar"
    with override("ar"):
        pseudonym = Participant.objects.get(role="annotator").pseudonym
    assert pseudonym != "Annotator 1"
    bare = "".join(letter for letter in pseudonym if not unicodedata.combining(letter))
    assert found(client, pseudonym) == found(client, bare) == [("الأشخاص", pseudonym)]


def test_annotators_find_the_texts_that_they_answered_and_no_other() -> None:
    study = make_study(name="Tenants of Kobe", answers_wanted=9)
    items = make_items(study, 3)
    annotator = make_participant(study)
    make_participant(study, user=make_person("Zanthorvex"))
    seat = make_seat(annotator)
    person = annotator.user
    assert person is not None
    assert found(person, "deposit") == []
    client = signed_in_as(person)
    Annotation.objects.create(
        item=seat.item,
        participant=annotator,
        assignment=seat,
        gives_labels=True,
        submitted_at=timezone.now(),
    )
    assert found(person, "deposit") == [("Your answers", "Text 1")]
    page = client.get("/search/", {"q": "deposit"}).content.decode()
    assert f"/studies/{study.uuid}/answers/?text=1" in page
    assert items[0].key not in page
    for words in ("item-0", "2", "Zanthorvex", "Annotator 2"):
        assert found(person, words) == [], words
    assert found(person, "kobe") == [("Studies", "Tenants of Kobe")]


@pytest.mark.parametrize(
    "roles", [["judge"], ["judge", "researcher"], ["judge", "owner"], ["annotator", "owner"]]
)
def test_who_answers_finds_no_text_that_they_have_not_answered(roles: list[str]) -> None:
    study = make_study(name="Tenants")
    make_items(study, 2)
    person = make_person("Ana Ruiz")
    for role in roles:
        make_participant(study, role, user=person)
    for words in ("deposit", "item-0", "1"):
        assert [line for line in found(person, words) if line[0] != "People"] == [], words
    if "judge" in roles:
        # The page of people is closed to them too.
        assert found(person, "Ana") == []


def test_a_link_into_one_study_finds_nothing_of_another() -> None:
    person = make_person()
    elsewhere = make_study(name="Tenants of Kobe")
    make_items(elsewhere, 1)
    make_participant(elsewhere, "owner", user=person)
    client = Client()
    client.post(sign_in_person(make_participant(make_study(), user=person), by=make_person("Owner")))
    assert found(client, "Kobe") == []
    assert found(client, "deposit") == []


def test_results_come_in_pages_and_at_most_so_many() -> None:
    study = make_study()
    make_items(study, MOST_FOUND + 10)
    client = signed_in_as(owner_of(study))
    first = client.get("/search/", {"q": "deposit"})
    assert first.context["page"].paginator.count == MOST_FOUND
    assert "Add a word" in first.content.decode()
    second = client.get("/search/", {"q": "deposit", "page": 2})
    assert second.context["lines"][0].title.startswith("Text 26 ")
    assert "q=deposit&amp;page=3" in second.content.decode()


def test_a_search_costs_the_same_for_two_studies_and_for_twenty() -> None:
    person = make_person("Lin Okafor")
    costs = []
    for n_studies in (2, 18):
        for _ in range(n_studies):
            study = make_study(name="Tenants")
            make_items(study, 2, text="Lin keeps the deposit.")
            make_participant(study, "owner", user=person)
        client = signed_in_as(person)
        with CaptureQueriesContext(connection) as counted:
            client.get("/search/", {"q": "deposit"})
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 12


def test_a_search_is_in_the_header_of_pages_for_who_is_signed_in(client: Client) -> None:
    assert 'action="/search/"' not in client.get("/sign-in/").content.decode()
    assert 'action="/search/"' in signed_in_as(make_person()).get("/studies/").content.decode()


def test_texts_of_many_studies_are_found_in_the_order_of_the_file() -> None:
    study = make_study()
    items = make_items(study, 3)
    assert found_items("deposit", [study]) == [item.pk for item in items]
    assert found_items("deposit", []) == []
