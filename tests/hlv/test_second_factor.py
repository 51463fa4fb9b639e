"""The second factor: set up, asked for at every way in, required by a setting, and lost."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pyotp
import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from annotations.encryption import decrypted
from annotations.models import RecoveryCode, SecondFactor, SecurityEvent, User
from annotations.services.people import make_sign_in_link, sign_in_person
from annotations.services.second_factor import new_secret, set_up, use_code
from annotations.views.people import CONFIRMED, PENDING
from tests.hlv.commands import run
from tests.hlv.test_sessions import PASSWORD, back_in_time, make_owner, signed_in_with_password
from tests.making import make_participant, make_study

pytestmark = pytest.mark.django_db


def code_of(person: User, *, steps: int = 0) -> str:
    """The code that the app of this person shows now, or some steps of time later."""
    secret = decrypted(SecondFactor.objects.get(user=person).encrypted_secret)
    assert secret is not None
    return pyotp.TOTP(secret).at(timezone.now() + timedelta(seconds=30 * steps))


def make_protected() -> tuple[User, list[str]]:
    owner, _ = make_owner()
    secret = new_secret()
    codes = set_up(owner, secret=secret, code=pyotp.TOTP(secret).now(), session="")
    assert codes is not None
    # As if that code had been used long ago.
    SecondFactor.objects.update(last_step=0)
    return owner, codes


def half_signed_in(person: User) -> Client:
    client = Client()
    sent = client.post("/sign-in/?next=/account/", {"username": person.email, "password": PASSWORD})
    assert sent["Location"] == "/sign-in/code/"
    return client


def test_a_person_sets_one_up_with_an_app_and_other_sessions_end() -> None:
    owner, _ = make_owner()
    here, there = signed_in_with_password(owner), signed_in_with_password(owner)
    page = here.get("/account/second-factor/?add=app")
    secret = page.context["enrolment"].secret
    assert "data:image/svg+xml" in page.content.decode()
    assert here.post("/account/second-factor/", {"do": "code", "code": "000000"}).status_code == 400
    assert here.get("/account/second-factor/?add=app").context["enrolment"].secret == secret
    codes = here.post("/account/second-factor/", {"do": "code", "code": pyotp.TOTP(secret).now()}).context[
        "codes"
    ]
    assert len(set(codes)) == 10
    assert [client.get("/account/").status_code for client in (here, there)] == [200, 302]
    assert not RecoveryCode.objects.filter(code_hash__in=codes).exists(), "only hashes are kept"


def test_a_password_alone_opens_nothing() -> None:
    owner, _ = make_protected()
    client = half_signed_in(owner)
    assert client.get("/studies/").status_code == 302
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 400
    assert client.get("/studies/").status_code == 302
    assert SecurityEvent.objects.filter(what="sign-in failed", about=owner).exists()
    assert client.post("/sign-in/code/", {"code": code_of(owner)})["Location"] == "/account/"
    assert client.get("/studies/").status_code == 200


def test_no_code_works_twice() -> None:
    owner, codes = make_protected()
    code = code_of(owner)
    assert [use_code(owner, code), use_code(owner, code)] == [True, False]
    assert use_code(owner, code_of(owner, steps=1)), "the next one does"
    assert not use_code(owner, code), "and no earlier one after it"
    assert [use_code(owner, codes[0].upper()), use_code(owner, codes[0])] == [True, False]
    assert not use_code(owner, code_of(owner, steps=3)), "nor one of later"


def test_links_ask_for_the_code_too() -> None:
    owner, codes = make_protected()
    client = Client()
    assert client.post(make_sign_in_link(owner))["Location"] == "/sign-in/code/"
    assert client.get("/studies/").status_code == 302
    client.post("/sign-in/code/", {"code": codes[0]})
    assert client.get("/studies/").status_code == 200


def test_a_link_into_one_study_still_leads_there_alone() -> None:
    owner, codes = make_protected()
    study = make_study()
    annotator = make_participant(study, user=owner)
    client = Client()
    client.post(sign_in_person(annotator, by=make_owner()[0]))
    client.post("/sign-in/code/", {"code": codes[0]})
    assert [line["study"] for line in client.get("/studies/").context["lines"]] == [study]
    assert client.post("/account/second-factor/", {"do": "remove"}).status_code == 403


def test_wrong_codes_count_as_wrong_passwords_do(settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    owner, _ = make_protected()
    client = half_signed_in(owner)
    for _ in range(3):
        client.post("/sign-in/code/", {"code": "000000"})
    assert client.post("/sign-in/code/", {"code": code_of(owner)}).status_code in (400, 429)
    assert client.get("/studies/").status_code == 302


def test_a_begun_sign_in_ends_with_time_and_with_a_new_password() -> None:
    owner, _ = make_protected()
    late, changed = half_signed_in(owner), half_signed_in(owner)
    session = late.session
    session[PENDING] = {**session[PENDING], "at": session[PENDING]["at"] - 3600}
    session.save()
    assert late.post("/sign-in/code/", {"code": code_of(owner)})["Location"] == "/sign-in/"
    owner.set_password("another long password")
    owner.save()
    assert changed.post("/sign-in/code/", {"code": code_of(owner)})["Location"] == "/sign-in/"


def test_a_sensitive_action_asks_for_password_and_code(settings: Any) -> None:
    owner, codes = make_protected()
    client = half_signed_in(owner)
    client.post("/sign-in/code/", {"code": codes[0]})
    back_in_time(client, CONFIRMED, settings.SECONDS_UNTIL_CONFIRMED_AGAIN)
    asked = client.post("/account/second-factor/", {"do": "remove"})["Location"]
    assert asked.startswith("/account/confirm/")
    assert client.post(asked, {"password": PASSWORD}).status_code == 400
    assert client.post(asked, {"password": PASSWORD, "code": code_of(owner)}).status_code == 302
    client.post("/account/second-factor/", {"do": "remove"})
    assert not SecondFactor.objects.exists()


def test_a_setting_asks_it_of_who_runs_a_study_and_of_nobody_else(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["owner", "researcher"]
    owner, study = make_owner()
    client = signed_in_with_password(owner)
    assert client.get(f"/studies/{study.uuid}/")["Location"] == "/account/second-factor/"
    secret = client.get("/account/second-factor/?add=app").context["enrolment"].secret
    client.post("/account/second-factor/", {"do": "code", "code": pyotp.TOTP(secret).now()})
    assert client.get(f"/studies/{study.uuid}/").status_code == 200
    annotator = make_participant(study).user
    assert annotator is not None
    annotator.set_password(PASSWORD)
    annotator.save()
    assert signed_in_with_password(annotator).get(f"/studies/{study.uuid}/").status_code == 200


def test_who_removes_the_second_factor_that_a_setting_asks_for_sets_up_another(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["owner"]
    owner, codes = make_protected()
    client = half_signed_in(owner)
    client.post("/sign-in/code/", {"code": codes[0]})
    assert client.get("/studies/").status_code == 200
    client.post("/account/second-factor/", {"do": "remove"})
    assert client.get("/studies/")["Location"] == "/account/second-factor/"


def test_operators_remove_a_lost_one() -> None:
    owner, codes = make_protected()
    client = half_signed_in(owner)
    client.post("/sign-in/code/", {"code": codes[0]})
    assert "is removed" in run("reset-second-factor", owner.email)
    assert client.get("/studies/").status_code == 302
    signed_in_with_password(owner)


def test_nobody_closes_an_account_without_showing_who_they_are() -> None:
    person = make_participant(make_study()).user
    assert person is not None
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/account/close/").status_code == 400
    person.refresh_from_db()
    assert person.is_active


@pytest.mark.both_databases
def test_the_database_has_no_key_of_an_app_in_plain_text() -> None:
    owner, _ = make_owner()
    client = signed_in_with_password(owner)
    secret = client.get("/account/second-factor/?add=app").context["enrolment"].secret
    assert secret not in str(dict(client.session))
    client.post("/account/second-factor/", {"do": "code", "code": pyotp.TOTP(secret).now()})
    assert secret not in SecondFactor.objects.get(user=owner).encrypted_secret


def test_recovery_codes_work_on_after_the_secret_key_changed(settings: Any) -> None:
    owner, codes = make_protected()
    code = code_of(owner)
    settings.SECRET_KEY = "another secret key " * 4
    assert not use_code(owner, code)
    assert use_code(owner, codes[0])


def test_keys_from_before_are_encrypted_and_work_on() -> None:
    owner, _ = make_protected()
    code = code_of(owner)
    factor = SecondFactor.objects.get(user=owner)
    plain = decrypted(factor.encrypted_secret)
    SecondFactor.objects.update(encrypted_secret=plain)
    import_module("annotations.migrations.0019_encrypted_keys").encrypt(apps, None)
    assert plain not in SecondFactor.objects.get(user=owner).encrypted_secret
    assert use_code(owner, code)
