"""Who may do what, everywhere: every route, verb, role and study, generated from the URL conf.

A route without a row here fails, so a new page must say who may see it before it can land.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from annotations.models import Job, User
from annotations.services.people import make_sign_in_link, sign_in_person
from hlv.navigation import TABS
from tests.hlv.world import ACTORS, World, bearer, make_world, new_invitation, signed_in_as
from tests.making import (
    make_participant,
    make_person,
    make_study,
)

pytestmark = pytest.mark.django_db

VERBS = ("get", "post", "put", "patch", "delete")


ANYONE = dict.fromkeys(ACTORS, 200)
SIGNED_IN = {**ANYONE, "nobody": 302}
NO_ROLE = {**dict.fromkeys(ACTORS, 403), "nobody": 302, "stranger": 404}
MEMBERS = {**ANYONE, "nobody": 302, "stranger": 404}
RESEARCH = {**NO_ROLE, "researcher": 200, "owner": 200}
WRITERS = {**RESEARCH, "judging researcher": 200}
OWNERS = {**NO_ROLE, "owner": 200}
ANNOTATORS = {**NO_ROLE, "annotator": 200, "annotating colleague": 200}
JUDGES = {**NO_ROLE, "judge": 200, "judging colleague": 200, "judging researcher": 200}
HOLDER_OF_SEAT = {**dict.fromkeys(ACTORS, 404), "nobody": 302, "annotator": 200}
HOLDER_OF_EXPOSURE = {**dict.fromkeys(ACTORS, 404), "nobody": 302, "judge": 200}


def answering(row: dict[str, int], status: int) -> dict[str, int]:
    """The same row where success has another status, such as a redirect."""
    return {actor: status if given == 200 else given for actor, given in row.items()}


def of_api(row: dict[str, int], status: int = 200) -> dict[str, int]:
    """A machine that is not signed in is told no, not sent to a page."""
    return {**answering(row, status), "nobody": 403}


def of_token(row: dict[str, int], status: int = 200) -> dict[str, int]:
    """Of a program with a token of the actor for everything that tokens can do; without one it is asked for it."""
    return {**answering(row, status), "nobody": 401}


# What each actor gets in a study of their own; verbs that are not here are 405.
MATRIX: dict[str, dict[str, dict[str, int]]] = {
    "home": {"get": answering(ANYONE, 302)},
    "language": {"post": answering(ANYONE, 302)},
    "look": {"post": answering(ANYONE, 302)},
    "studies": {"get": SIGNED_IN},
    "search": {"get": SIGNED_IN},
    "study": {"get": MEMBERS},
    "import-file": {"get": RESEARCH, "post": answering(RESEARCH, 400)},
    "upload": {"get": RESEARCH, "post": answering(RESEARCH, 400)},
    "import-errors": {"get": RESEARCH},
    "import-withdraw": {"post": answering(RESEARCH, 302)},
    "import-reinstate": {"post": answering(RESEARCH, 302)},
    "metric-direction": {"post": answering(RESEARCH, 302)},
    # Who is signed in is sent on, whatever the verb.
    "sign-in": {
        "get": {**answering(ANYONE, 302), "nobody": 200},
        "post": {**answering(ANYONE, 302), "nobody": 200},
        "put": {**answering(ANYONE, 302), "nobody": 405},
        "patch": {**answering(ANYONE, 302), "nobody": 405},
        "delete": {**answering(ANYONE, 302), "nobody": 405},
    },
    "sign-in-link": {"get": ANYONE, "post": answering(ANYONE, 302)},
    "sign-out": {"post": answering(ANYONE, 302)},
    "account": {"get": SIGNED_IN, "post": answering(SIGNED_IN, 400)},
    "confirm": {"get": SIGNED_IN, "post": answering(SIGNED_IN, 400)},
    "end-sessions": {"post": answering(SIGNED_IN, 302)},
    # The password is missing.
    # They were made without a password and so need no confirmation.
    "account-details": {"get": SIGNED_IN, "post": answering(SIGNED_IN, 400)},
    "second-factor": {"get": SIGNED_IN, "post": SIGNED_IN},
    # Nobody has begun to sign in.
    "sign-in-code": {"get": answering(ANYONE, 302), "post": answering(ANYONE, 302)},
    "api-tokens": {"get": SIGNED_IN, "post": answering(SIGNED_IN, 400)},
    "api-token-revoke": {"post": {**dict.fromkeys(ACTORS, 404), "nobody": 302, "owner": 302}},
    "study-tokens": {"get": OWNERS},
    "study-token-end": {"post": answering(OWNERS, 302)},
    # No identity provider is set.
    **{route: {"get": dict.fromkeys(ACTORS, 404)} for route in ("oidc", "oidc-callback")},
    "close-account": {"get": SIGNED_IN, "post": answering(SIGNED_IN, 400)},
    "guideline": {"get": MEMBERS},
    "guideline-difference": {"get": MEMBERS},
    "guideline-edit": {"get": WRITERS, "post": answering(WRITERS, 400)},
    # The owner alone may create studies.
    "new-study": {
        "get": {**OWNERS, "stranger": 403},
        "post": answering({**OWNERS, "stranger": 403}, 400),
    },
    "clone": {"get": OWNERS, "post": answering(OWNERS, 400)},
    "settings": {"get": OWNERS, "post": answering(OWNERS, 400)},
    "security-log": {"get": OWNERS},
    "retention": {"get": OWNERS, "post": answering(OWNERS, 400)},
    "study-state": {"post": answering(OWNERS, 302)},
    "labels": {"get": OWNERS, "post": answering(OWNERS, 400)},
    "people": {"get": RESEARCH},
    "participant": {"get": OWNERS, "post": answering(OWNERS, 302)},
    "participant-link": {"post": OWNERS},
    "invitations": {"get": OWNERS, "post": answering(OWNERS, 400)},
    "invitation-withdraw": {"post": answering(OWNERS, 302)},
    "invitation-renew": {"post": answering(OWNERS, 302)},
    "assignment": {"get": RESEARCH},
    # Whoever is signed in is asked only whether they accept.
    "join": {"get": ANYONE, "post": {**answering(ANYONE, 302), "nobody": 400}},
    "annotate": {"get": answering(ANNOTATORS, 302)},
    "my-answers": {"get": ANNOTATORS},
    "annotate-item": {"get": HOLDER_OF_SEAT, "post": answering(HOLDER_OF_SEAT, 302)},
    "next-items": {"get": HOLDER_OF_SEAT, "post": answering(HOLDER_OF_SEAT, 400)},
    "api-answer": {"post": of_api(HOLDER_OF_SEAT, 400)},
    "api-draft": {"put": of_api(HOLDER_OF_SEAT, 400)},
    "judge": {"get": answering(JUDGES, 302)},
    "judge-next": {"get": answering(JUDGES, 302)},
    "exposure": {"get": HOLDER_OF_EXPOSURE, "post": answering(HOLDER_OF_EXPOSURE, 302)},
    "next-pair": {"get": HOLDER_OF_EXPOSURE, "post": answering(HOLDER_OF_EXPOSURE, 400)},
    "exposure-labels": {"post": answering(HOLDER_OF_EXPOSURE, 302)},
    "api-labels": {"post": of_api(HOLDER_OF_EXPOSURE, 400)},
    "api-judgment": {"post": of_api(HOLDER_OF_EXPOSURE, 400)},
    "job": {"get": RESEARCH},
    "job-progress": {"get": RESEARCH},
    "job-cancel": {"post": answering(RESEARCH, 302)},
    "job-retry": {"post": answering(RESEARCH, 302)},
    "api-job": {"get": of_api(RESEARCH)},
    "results": {"get": answering(RESEARCH, 302)},
    "campaign-results": {"get": RESEARCH},
    "campaign-table": {"get": RESEARCH},
    "campaign-report": {"get": RESEARCH},
    "texts": {"get": RESEARCH},
    "texts-recompute": {"post": answering(RESEARCH, 302)},
    "item": {"get": RESEARCH},
    "report-file": {"get": RESEARCH},
    "bundle": {"get": RESEARCH, "post": answering(RESEARCH, 302)},
    # Made, and swept away since.
    "bundle-file": {"get": answering(RESEARCH, 410)},
    "preregistration": {"get": RESEARCH, "post": answering(RESEARCH, 400)},
    "campaign-data": {"get": RESEARCH},
    "campaign-runs": {"get": RESEARCH},
    "ranking": {"get": RESEARCH},
    "analyse": {"post": answering(RESEARCH, 302)},
    "analysis": {"get": RESEARCH},
    "analysis-file": {"get": RESEARCH},
    "over-campaigns": {"get": RESEARCH},
    "over-campaigns-file": {"get": RESEARCH},
    "compute": {"post": answering(RESEARCH, 302)},
    "methods": {"get": RESEARCH},
    "training-new": {"get": RESEARCH, "post": answering(RESEARCH, 400)},
    "training": {"get": RESEARCH},
    "training-file": {"get": RESEARCH},
    "campaigns": {"get": RESEARCH},
    "campaign-new": {"get": RESEARCH, "post": answering(RESEARCH, 400)},
    "campaign": {"get": RESEARCH},
    "campaign-state": {"post": answering(RESEARCH, 302)},
    "campaign-forecast": {"post": answering(RESEARCH, 302)},
    "campaign-preview": {"get": RESEARCH},
    "comparisons": {"get": RESEARCH},
    "comparisons-file": {"get": RESEARCH},
    "campaign-audit": {"get": RESEARCH},
    "campaign-audit-file": {"get": RESEARCH},
    "allow-judging": {"post": answering(OWNERS, 302)},
    "judge-feedback": {"get": JUDGES},
    "my-judgments": {"get": JUDGES},
    "power-analysis": {"get": RESEARCH, "post": answering(RESEARCH, 400)},
    "power-analysis-result": {"get": RESEARCH},
    "figure": {"get": RESEARCH},
    **{
        route: {"get": RESEARCH}
        for route in ("progress", "watched-texts", "watched-item", "remarks", "round-figure")
    },
    "v1": {"get": of_token(ANYONE)},
    "v1-openapi": {"get": ANYONE},
    "v1-studies": {"get": of_token(ANYONE), "post": of_token({**OWNERS, "stranger": 403}, 400)},
    "v1-guidelines": {"post": of_token(WRITERS, 400)},
    "v1-participants": {"get": of_token(OWNERS)},
    "v1-invitations": {"post": of_token(OWNERS, 400)},
    "v1-campaign": {"patch": of_token(RESEARCH, 400)},
    "v1-next-text": {"post": of_token(ANNOTATORS)},
    "v1-answers": {"post": of_token(HOLDER_OF_SEAT, 400)},
    "v1-next-pair": {"post": of_token(JUDGES)},
    "v1-verdicts": {"post": of_token(HOLDER_OF_EXPOSURE, 400)},
    "v1-study": {"get": of_token(MEMBERS)},
    **{
        f"v1-{route}": {"get": of_token(RESEARCH)}
        for route in (
            *("items", "annotations", "distributions", "methods", "outputs"),
            *("judgments", "scores", "results", "result"),
        )
    },
    "v1-campaigns": {"get": of_token(RESEARCH), "post": of_token(RESEARCH, 400)},
    "v1-jobs": {"post": of_token(RESEARCH, 400)},
    "v1-bundles": {"post": of_token(RESEARCH, 202)},
    # Made, and swept away since.
    "v1-bundle-file": {"get": of_token(RESEARCH, 410)},
    "v1-imports": {"post": of_token(RESEARCH, 400)},
    "v1-job": {"get": of_token(RESEARCH), "delete": of_token(RESEARCH, 202)},
    "report-recompute": {"post": answering(RESEARCH, 302)},
    "settle-remark": {"post": answering(RESEARCH, 302)},
}
# Pages of no study: there is no other study to be kept out of.
OF_NO_STUDY = {
    "new-study",
    "join",
    "home",
    "language",
    "look",
    "studies",
    "search",
    "sign-in",
    "sign-in-link",
    "sign-out",
    "account",
    *("v1", "v1-openapi", "v1-studies"),
    "confirm",
    "end-sessions",
    "close-account",
    "api-tokens",
    "api-token-revoke",
    "account-details",
    "second-factor",
    "sign-in-code",
    *("oidc", "oidc-callback"),
}
# What is asked for within a page, or is a file.
NO_PAGES = {
    *("next-items", "next-pair", "job-progress", "api-job", "figure", "round-figure"),
    *(
        "import-errors",
        "campaign-table",
        "analysis-file",
        "training-file",
        "over-campaigns-file",
        "report-file",
        "bundle-file",
        "comparisons-file",
        "campaign-audit-file",
    ),
    *(route for route in MATRIX if route.startswith("v1")),
}


def routes() -> Iterator[str]:
    """The name of every address, nested ones too."""

    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield str(pattern.name)

    return walk(get_resolver().url_patterns)


@pytest.fixture(scope="module")
def _two_worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[World, World]]:
    """Made once: every test changes them within a savepoint of its own, which is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        one, other = make_world(), make_world()
        one.clients |= other.clients
        other.clients |= one.clients
        yield one, other
        transaction.set_rollback(True)


@pytest.fixture
def world(_two_worlds: tuple[World, World]) -> World:
    return replace(_two_worlds[0], addresses=dict(_two_worlds[0].addresses))


@pytest.fixture
def elsewhere(_two_worlds: tuple[World, World]) -> World:
    return replace(_two_worlds[1], addresses=dict(_two_worlds[1].addresses))


def client_of(world: World, route: str, person: User | None) -> Client:
    """One for each person; a new one where the page itself signs in or out."""
    if person is None:
        return Client()
    if route in OF_NO_STUDY or person.pk not in world.clients:
        return signed_in_as(person)
    return world.clients[person.pk]


def asked(route: str) -> Iterator[tuple[str, str]]:
    """Verbs and actors: all for what a route answers, and a few in each position for what it does not."""
    for verb in VERBS:
        actors = ACTORS if verb in MATRIX[route] else ("nobody", "annotator", "judge", "owner")
        yield from ((verb, actor) for actor in actors)


def send(world: World, route: str, verb: str, actor: str, person: User | None) -> int:
    if route.startswith("v1"):
        address = reverse(route, kwargs=world.addresses[route])
        sent = Client().generic(verb.upper(), address, "{}", "application/json", headers=bearer(person))
        return int(sent.status_code)
    client = client_of(world, route, person)
    body: dict[str, Any] = {"campaign": world.campaign} if route in ("compute", "analyse") else {}
    if route == "analyse":
        body |= {"what": "noise-ceiling"}
    if route.startswith("api-") and verb in ("post", "put"):
        response = client.generic(
            verb.upper(), reverse(route, kwargs=world.addresses[route]), "{}", "application/json"
        )
    else:
        response = getattr(client, verb)(reverse(route, kwargs=world.addresses[route]), body)
    return int(response.status_code)


def test_every_route_has_a_row() -> None:
    assert set(routes()) == set(MATRIX)


def test_every_name_is_used_once() -> None:
    assert len(list(routes())) == len(set(routes()))


def test_every_page_of_a_study_counts_as_one_of_its_tabs() -> None:
    pages = {route for route, verbs in MATRIX.items() if "get" in verbs} - OF_NO_STUDY - NO_PAGES
    counted = [name for tab in TABS for name in (tab.page, *tab.within)]
    assert pages - set(counted) == set()
    assert len(counted) == len(set(counted)), "a page counts as one tab"


@pytest.mark.parametrize("route", sorted(MATRIX))
def test_each_role_gets_what_the_matrix_says_in_its_own_study(world: World, route: str) -> None:
    wrong = {}
    for verb, actor in asked(route):
        if route == "sign-in-link":
            world.addresses[route] = {"token": make_sign_in_link(world.people["annotator"]).split("/")[2]}
        if route == "join":
            world.addresses[route] = {"token": new_invitation(world)}
        expected = MATRIX[route].get(verb, {}).get(actor, 405)
        found = send(world, route, verb, actor, world.people.get(actor))
        # Who is not signed in may be asked to, before anything is said of the verb.
        asked_to_sign_in = expected == 405 and actor == "nobody" and found in (302, 401, 403)
        if found != expected and not asked_to_sign_in:
            wrong[verb, actor] = f"{found}, not {expected}"
    assert not wrong


@pytest.mark.parametrize("route", sorted(set(MATRIX) - OF_NO_STUDY))
def test_no_role_in_one_study_opens_another(world: World, elsewhere: World, route: str) -> None:
    wrong = {}
    for verb, actor in product(MATRIX[route], ACTORS):
        if actor == "nobody":
            continue
        found = send(elsewhere, route, verb, actor, world.people[actor])
        if found != 404:
            wrong[verb, actor] = found
    assert not wrong


@pytest.mark.parametrize("route", sorted(set(MATRIX) - OF_NO_STUDY))
def test_an_address_of_nothing_is_not_found(world: World, route: str) -> None:
    world.addresses[route] = {
        name: uuid4() if name.endswith("_uuid") else value for name, value in world.addresses[route].items()
    }
    for verb in MATRIX[route]:
        assert send(world, route, verb, "owner", world.people["owner"]) == 404


def test_a_closed_role_is_no_role(world: World) -> None:
    world.study.participants.update(is_active=False)
    assert send(world, "study", "get", "owner", world.people["owner"]) == 404


def test_a_person_who_was_shut_out_is_signed_out(world: World) -> None:
    person = world.people["owner"]
    client = signed_in_as(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("studies")).status_code == 302


def test_nothing_of_a_refusal_changes_the_database(world: World) -> None:
    before = Job.objects.count()
    for actor in ("nobody", "stranger", "annotator", "judge"):
        send(world, "compute", "post", actor, world.people.get(actor))
        send(world, "job-cancel", "post", actor, world.people.get(actor))
    assert Job.objects.count() == before
    assert Job.objects.get(kind="agreement", study=world.study).state == Job.State.QUEUED


@pytest.mark.parametrize("actor", ["annotator", "judge", "owner"])
def test_a_link_into_one_study_opens_no_other_of_the_same_person(elsewhere: World, actor: str) -> None:
    """Whoever made the link could open it: as this person, yet with none of this person's other roles."""
    person = elsewhere.people[actor]
    made = make_participant(make_study(), user=person)
    client = Client()
    assert client.post(sign_in_person(made, by=make_person("Owner"))).status_code == 302
    elsewhere = replace(elsewhere, clients={person.pk: client})
    # Tokens are made for a whole account, by an operator.
    routes = sorted(route for route in set(MATRIX) - OF_NO_STUDY if not route.startswith("v1"))
    answers = {
        (route, verb): send(elsewhere, route, verb, actor, person)
        for route in routes
        for verb in MATRIX[route]
    }
    assert {asked: found for asked, found in answers.items() if found != 404} == {}
    assert [line["study"] for line in client.get("/studies/").context["lines"]] == [made.study]
    assert client.get("/studies/new/").status_code == 403
