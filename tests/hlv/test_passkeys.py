"""Passkeys as second factor: added, used at sign-in, confirmed with, removed, and everything that is no reply."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.account_forms import USED_PASSKEY
from annotations.models import Passkey, RecoveryCode, SecondFactor, SecurityEvent, User
from annotations.services import passkeys
from annotations.services.passkeys import PasskeyError, Site, passkey_challenge, use_passkey
from annotations.services.second_factor import remove_second_factor
from annotations.views.people import CONFIRMED
from tests.hlv.passkey_device import Device
from tests.hlv.test_second_factor import half_signed_in
from tests.hlv.test_sessions import PASSWORD, back_in_time, make_owner, signed_in_with_password

pytestmark = pytest.mark.django_db

PAGE = "/account/second-factor/"
SITE = Site("testserver", "http://testserver")


def add(client: Client, device: Device, *, name: str = "my laptop", **changed: str) -> Any:
    options = client.get(PAGE).context["passkey_options"]
    return client.post(
        PAGE, {"do": "add passkey", "name": name, "passkey": device.created(options)} | changed
    )


def make_protected(device: Device) -> User:
    owner, _ = make_owner()
    assert len(add(signed_in_with_password(owner), device).context["codes"]) == 10
    return owner


def test_a_passkey_is_added_and_signs_in_after_the_password() -> None:
    device = Device()
    owner, _ = make_owner()
    here, there = signed_in_with_password(owner), signed_in_with_password(owner)
    codes = add(here, device).context["codes"]
    assert len(set(codes)) == 10
    assert [client.get("/account/").status_code for client in (here, there)] == [200, 302]
    assert Passkey.objects.get().name == "my laptop"

    client = half_signed_in(owner)
    assert client.get("/studies/").status_code == 302
    options = client.get("/sign-in/code/").context["passkey_options"]
    done = client.post("/sign-in/code/", {"passkey": device.used(options)})
    assert done["Location"] == "/account/"
    assert client.get("/studies/").status_code == 200
    assert Passkey.objects.get().used_at is not None
    other = half_signed_in(owner)
    assert other.post("/sign-in/code/", {"code": codes[0]})["Location"] == "/account/", (
        "as a recovery code does"
    )


def test_a_second_passkey_and_an_app_keep_the_recovery_codes() -> None:
    owner = make_protected(Device())
    codes = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    client = half_signed_in(owner)
    client.post("/sign-in/code/", {"passkey": "{}"})
    first = Passkey.objects.get()
    client.force_login(owner)
    session = client.session
    session[CONFIRMED] = timezone.now().timestamp()
    session.save()
    assert add(client, Device(), name="blue key")["Location"] == PAGE
    secret = client.get(f"{PAGE}?add=app").context["enrolment"].secret
    sent = client.post(PAGE, {"do": "code", "code": pyotp.TOTP(secret).now()})
    assert sent["Location"] == PAGE
    assert set(RecoveryCode.objects.values_list("code_hash", flat=True)) == codes
    assert client.post(PAGE, {"do": "remove passkey", "passkey": str(first.pk)})["Location"] == PAGE
    assert [key.name for key in Passkey.objects.all()] == ["blue key"]
    assert client.post(PAGE, {"do": "remove"})["Location"] == PAGE
    last = {"do": "remove passkey", "passkey": str(Passkey.objects.get().pk)}
    assert client.post(PAGE, last)["Location"] == "/account/"
    assert not RecoveryCode.objects.exists(), "codes go with the last factor"
    assert not SecondFactor.objects.exists()


def test_nobody_removes_the_passkey_of_another_person() -> None:
    make_protected(Device())
    theirs = Passkey.objects.get()
    other, _ = make_owner()
    client = signed_in_with_password(other)
    for number in (str(theirs.pk), "", "x", "９９"):
        client.post(PAGE, {"do": "remove passkey", "passkey": number})
    assert Passkey.objects.filter(pk=theirs.pk).exists()


def options_of(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/sign-in/code/").context["passkey_options"]
    return found


def test_what_another_device_site_or_moment_signed_is_refused(settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = settings.FAILURE_LIMIT_OF_ACCOUNT = settings.FAILURE_LIMIT_OF_ADDRESS = 1000
    device = Device()
    owner = make_protected(device)
    client = half_signed_in(owner)

    def refused(reply: str) -> bool:
        answer = client.post("/sign-in/code/", {"passkey": reply})
        return answer.status_code == 400 and client.get("/studies/").status_code == 302

    earlier = options_of(client)
    assert refused(device.used(earlier | {"publicKey": {"challenge": b"another"}}))
    assert refused(device.used(earlier)), "one reply fits a challenge"
    assert refused(Device().used(options_of(client))), "another device"
    stranger = Device(credential_id=device.credential_id)
    assert refused(stranger.used(options_of(client))), "another key under the same name"
    assert refused(device.used(options_of(client), signs=b"something else"))
    for origin, host in (
        ("http://testserver.evil.example", "testserver"),
        ("https://testserver", "testserver"),
        ("http://testserver", "evil.example"),
    ):
        elsewhere = Device(origin, host, device.n_signed, device.key, device.credential_id)
        assert refused(elsewhere.used(options_of(client))), (origin, host)
    assert refused(device.created(options_of(client))), "a reply for a new passkey"
    reply = device.used(options_of(client))
    device.n_signed -= 1
    assert client.post("/sign-in/code/", {"passkey": reply}).status_code == 302
    copied = half_signed_in(owner)
    assert copied.post("/sign-in/code/", {"passkey": device.used(options_of(copied))}).status_code == 400
    assert SecurityEvent.objects.filter(what="sign-in failed", about=owner).count() == 10


def test_a_challenge_ends_with_time() -> None:
    device = Device()
    client = half_signed_in(make_protected(device))
    reply = device.used(options_of(client))
    session = client.session
    kept = session[USED_PASSKEY]
    session[USED_PASSKEY] = kept | {"at": kept["at"] - timedelta(minutes=11).total_seconds()}
    session.save()
    assert client.post("/sign-in/code/", {"passkey": reply}).status_code == 400


def test_a_passkey_confirms_a_sensitive_action(settings: Any) -> None:
    device = Device()
    client = half_signed_in(make_protected(device))
    client.post("/sign-in/code/", {"passkey": device.used(options_of(client))})
    back_in_time(client, CONFIRMED, settings.SECONDS_UNTIL_CONFIRMED_AGAIN)
    asked = client.post(PAGE, {"do": "codes"})["Location"]
    options = client.get(asked).context["passkey_options"]
    assert client.post(asked, {"passkey": device.used(options)}).status_code == 400, "the password too"
    options = client.get(asked).context["passkey_options"]
    assert client.post(asked, {"password": PASSWORD, "passkey": device.used(options)}).status_code == 302
    assert len(client.post(PAGE, {"do": "codes"}).context["codes"]) == 10


def test_a_setting_that_asks_for_a_second_factor_takes_a_passkey(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ["owner"]
    owner, study = make_owner()
    client = signed_in_with_password(owner)
    assert client.get(f"/studies/{study.uuid}/")["Location"] == PAGE
    add(client, Device())
    assert client.get(f"/studies/{study.uuid}/").status_code == 200


def test_a_new_passkey_needs_a_name_a_fitting_reply_and_a_device_that_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = Device()
    owner, _ = make_owner()
    client = signed_in_with_password(owner)
    assert add(client, device, name=" ").status_code == 400
    assert add(client, device, passkey="[]").status_code == 400
    assert add(client, device, passkey="x" * 30_000).status_code == 400
    assert add(client, Device(origin="http://evil.example")).status_code == 400
    assert not Passkey.objects.exists()
    assert add(client, device).status_code == 200
    assert "was not added" in add(client, device).content.decode(), "the same device again"
    monkeypatch.setattr(passkeys, "MAX_PASSKEYS", 1)
    assert add(client, Device()).status_code == 400
    assert Passkey.objects.count() == 1


def test_no_passkey_is_offered_where_browsers_have_none() -> None:
    device = Device()
    owner = make_protected(device)
    for address in ("127.0.0.1", "127.0.0.1:8000"):
        client = Client(SERVER_NAME=address.split(":")[0])
        client.force_login(owner)
        session = client.session
        session[CONFIRMED] = timezone.now().timestamp()
        session.save()
        assert client.get(PAGE, HTTP_HOST=address).context["passkey_options"] is None
    assert not Site("[::1]", "http://[::1]").can_have_passkeys
    assert Site("localhost", "http://localhost").can_have_passkeys


def test_a_removed_second_factor_takes_passkeys_along() -> None:
    owner = make_protected(Device())
    assert remove_second_factor(owner)
    assert not Passkey.objects.exists()
    assert not remove_second_factor(owner)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["oWNmbXQ", "AAAA", "public-key"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "rawId",
                    "type",
                    "response",
                    "clientDataJSON",
                    "authenticatorData",
                    "signature",
                    "attestationObject",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reply=JSON)
def test_no_reply_makes_more_than_a_refusal(reply: Any, passkey_owner: User) -> None:
    challenge = passkey_challenge(passkey_owner, SITE)
    assert challenge is not None
    with pytest.raises(PasskeyError):
        use_passkey(passkey_owner, SITE, expected=challenge.expected, reply=json.dumps(reply))
    with pytest.raises(PasskeyError):
        passkeys.add_passkey(
            passkey_owner, SITE, name="x", expected=challenge.expected, reply=json.dumps(reply), session=""
        )


@pytest.fixture
def passkey_owner() -> User:
    return make_protected(Device())
