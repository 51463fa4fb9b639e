"""A passkey in Chromium, with its virtual authenticator: added, used to sign in, and used to confirm."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from annotations.models import Passkey
from tests.journeys.conftest import Watch
from tests.journeys.looks import EVERY_LOOK, Visit, faults, in_language
from tests.making import make_person

PASSWORD = "a long enough password"


@EVERY_LOOK
def test_a_passkey_is_added_and_signs_in(
    transactional_db: None, address: str, browser: Browser, visit: Visit
) -> None:
    # Browsers have passkeys for names, not for addresses.
    named = f"http://localhost:{urlsplit(address).port}"
    context = browser.new_context(base_url=named, locale=visit.locale)
    context.set_default_timeout(15_000)
    watch = Watch(named)
    watch.follow(context)
    page = context.new_page()
    try:
        _add_and_use(page, visit)
    finally:
        context.close()
    assert watch.complaints == []


def _authenticator(page: Page) -> None:
    """A security key on this page, whose person touches it when it is asked."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": key})


def _add_and_use(page: Page, visit: Visit) -> None:
    def say(sentence: str) -> str:
        return in_language(visit.locale, sentence)

    person = make_person("Lin Okafor")
    person.set_password(PASSWORD)
    person.save()

    def sign_in() -> None:
        page.goto("/sign-in/")
        page.get_by_label(say("E-mail address")).fill(person.email)
        page.get_by_label(say("Password")).fill(PASSWORD)
        page.get_by_role("button", name=say("Sign in")).click()

    _authenticator(page)
    sign_in()
    page.wait_for_url("**/studies/")
    page.goto("/account/second-factor/")
    found = faults(page, visit)
    page.get_by_role("button", name=say("Add a passkey")).click()
    expect(page.get_by_label(say("Name"))).to_be_focused()
    page.get_by_label(say("Name")).fill("blue key")
    page.get_by_role("button", name=say("Add a passkey")).click()
    expect(page.locator("main li code")).to_have_count(10)
    page.goto("/account/second-factor/")
    expect(page.get_by_text("blue key", exact=True)).to_be_visible()
    found += faults(page, visit)
    # The same key again: the browser refuses it.
    page.get_by_label(say("Name")).fill("again")
    page.get_by_role("button", name=say("Add a passkey")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += faults(page, visit)
    assert Passkey.objects.get(user=person).name == "blue key"

    page.context.clear_cookies()
    sign_in()
    expect(page.get_by_role("button", name=say("Use a passkey"))).to_be_visible()
    found += faults(page, visit)
    page.get_by_role("button", name=say("Use a passkey")).click()
    page.wait_for_url("**/studies/")
    assert Passkey.objects.get(user=person).used_at is not None
    assert found == []
