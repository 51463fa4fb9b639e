"""What a token opens by its scopes: every resource of the HTTP API with every scope, alone and left out."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from annotations.models import SCOPES
from annotations.services.api_tokens import create_api_token
from metaeval.models import Method
from tests.hlv.test_access_matrix import MATRIX, OF_NO_STUDY
from tests.hlv.test_access_matrix import _two_worlds as _two_worlds
from tests.hlv.test_access_matrix import world as world
from tests.hlv.world import ACTORS, World, bearer, make_world

pytestmark = pytest.mark.django_db

ANY = ""
# The scope that each resource needs; a resource without a row fails.
SCOPE: dict[tuple[str, str], str] = {
    ("v1", "get"): ANY,
    ("v1-openapi", "get"): ANY,
    ("v1-studies", "get"): ANY,
    ("v1-studies", "post"): "write",
    ("v1-study", "get"): "read",
    ("v1-guidelines", "post"): "write",
    ("v1-participants", "get"): "people",
    ("v1-invitations", "post"): "people",
    ("v1-next-text", "post"): "answer",
    ("v1-answers", "post"): "answer",
    ("v1-next-pair", "post"): "answer",
    ("v1-verdicts", "post"): "answer",
    **{
        (f"v1-{rows}", "get"): "read"
        for rows in (
            *("items", "annotations", "distributions", "methods", "outputs", "scores", "judgments"),
            *("campaigns", "results", "result", "bundle-file"),
        )
    },
    ("v1-bundles", "post"): "read",
    ("v1-campaigns", "post"): "write",
    ("v1-campaign", "patch"): "write",
    ("v1-imports", "post"): "write",
    ("v1-jobs", "post"): "jobs",
    ("v1-job", "get"): "jobs",
    ("v1-job", "delete"): "jobs",
}
RESOURCES = sorted(
    (route, verb) for route, verbs in MATRIX.items() if route.startswith("v1") for verb in verbs
)


def ask(world: World, route: str, verb: str, headers: dict[str, str]) -> tuple[int, bytes]:
    address = reverse(route, kwargs=world.addresses[route])
    sent = Client().generic(verb.upper(), address, "{}", "application/json", headers=headers)
    return sent.status_code, sent.getvalue()


def actors_who_may(route: str, verb: str) -> list[str]:
    """Who a resource is open to, with a token for everything."""
    row = MATRIX[route][verb]
    return [actor for actor in ACTORS if actor != "nobody" and row[actor] not in (401, 403, 404)]


def test_every_resource_has_a_scope() -> None:
    assert sorted(SCOPE) == RESOURCES


@pytest.mark.parametrize(("route", "verb"), RESOURCES)
def test_a_token_opens_what_its_scopes_name_and_nothing_else(world: World, route: str, verb: str) -> None:
    needed = SCOPE[route, verb]
    wrong = {}
    first, *others = actors_who_may(route, verb)
    # The first with every scope; who else may is refused or let in by the scope that counts.
    for actor, tried in ((first, SCOPES), *((other, [needed or SCOPES[0]]) for other in others)):
        for scope in tried:
            for scopes in ([scope], [other for other in SCOPES if other != scope]):
                is_open = needed == ANY or needed in scopes
                found, _content = ask(world, route, verb, bearer(world.people[actor], scopes=scopes))
                expected = MATRIX[route][verb][actor] if is_open else 403
                if found != expected:
                    wrong[actor, *scopes] = f"{found}, not {expected}"
    assert not wrong


@pytest.mark.parametrize(("route", "verb"), [one for one in RESOURCES if one[0] not in OF_NO_STUDY])
def test_a_token_for_another_study_finds_nothing(world: World, route: str, verb: str) -> None:
    elsewhere = make_world()
    for actor in actors_who_may(route, verb):
        person = world.people[actor]
        _token, secret = create_api_token(person, name="x", scopes=SCOPES, days=1, studies=[elsewhere.study])
        status, content = ask(world, route, verb, {"authorization": f"Bearer {secret}"})
        assert status == 404, actor
        assert json.loads(content)["detail"].startswith("No such")


# Names that come up nowhere by chance.
SECRET_NAMES = ("qzx-first-method", "qzx-second-method")


@pytest.fixture
def named(world: World) -> World:
    methods = Method.objects.filter(study=world.study).order_by("position")
    for method, name in zip(methods, SECRET_NAMES, strict=False):
        Method.objects.filter(pk=method.pk).update(name=name, base_model=f"{name}-base")
    return world


@pytest.mark.parametrize("actor", ["judge", "judging colleague", "judging researcher", "annotator"])
def test_no_reply_to_who_judges_or_annotates_names_a_method(named: World, actor: str) -> None:
    hits, statuses = [], set()
    for route, verb in RESOURCES:
        for body in ("{}", '{"verdict": "left", "client_key": "8e0c7b8e-4f0e-4b59-9f3c-8f1d3a4b5c6d"}'):
            address = reverse(route, kwargs=named.addresses[route])
            headers = bearer(named.people[actor])
            sent = Client().generic(verb.upper(), address, body, "application/json", headers=headers)
            statuses.add(sent.status_code)
            text = sent.getvalue().decode() + str(dict(sent.items()))
            hits += [(route, verb, name) for name in SECRET_NAMES if name in text]
    assert hits == []
    assert 200 in statuses


def test_an_owner_does_see_the_names(named: World) -> None:
    """So that the search above can find them."""
    _status, content = ask(named, "v1-methods", "get", bearer(named.people["owner"]))
    assert all(name in content.decode() for name in SECRET_NAMES)
