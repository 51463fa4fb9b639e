"""Getting in."""

from __future__ import annotations

from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from annotations.models import User
from annotations.services.invitations import Terms, invite, join_as_new_person
from annotations.services.people import make_sign_in_link
from tests.journeys.looks import EVERY_LOOK, FROM_THE_LEFT, Visit, faults
from tests.making import make_participant, make_person, make_study

PASSWORD = "quiet-harbour-41"


def make_joined() -> tuple[User, User]:
    """The owner of a study, and somebody who wrote an address when they opened an invitation."""
    study = make_study()
    owner = make_participant(study, "owner").user
    assert owner is not None
    invitation, _link = invite(study, terms=Terms("annotator"), by=owner)
    joined, _participant = join_as_new_person(
        invitation, email="salma@example.org", name="Salma Idris", password=PASSWORD
    )
    return owner, joined


@pytest.mark.both_databases
def test_a_link_signs_a_person_in_once(page: Page) -> None:
    person = make_person("Lin Okafor")
    link = make_sign_in_link(person)
    page.goto(link)
    page.get_by_role("button", name="Sign in as").click()
    page.wait_for_url("**/studies/")
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("button", name="Sign in as")).to_have_count(0)


def test_it_works_without_javascript(page_without_javascript: Page) -> None:
    page_without_javascript.goto(make_sign_in_link(make_person()))
    page_without_javascript.get_by_role("button", name="Sign in as").click()
    page_without_javascript.wait_for_url("**/studies/")
    expect(page_without_javascript.get_by_role("heading", level=1)).to_be_visible()


@EVERY_LOOK
def test_the_sign_in_page_is_accessible(open_browser: Callable[..., Page], visit: Visit) -> None:
    page = open_browser(locale=visit.locale)
    page.goto("/sign-in/")
    assert faults(page, visit) == []


def test_who_proves_an_address_keeps_the_account_that_is_theirs(page_without_javascript: Page) -> None:
    page = page_without_javascript
    _owner, joined = make_joined()
    page.goto(make_sign_in_link(joined))
    page.get_by_label("Its password").fill("a wrong guess")
    page.get_by_role("button", name="Keep this account").click()
    expect(page.get_by_text("This is not the password of that account.")).to_be_visible()
    page.get_by_label("Its password").fill(PASSWORD)
    page.get_by_role("button", name="Keep this account").click()
    expect(page.get_by_text("Your address is proven. Choose a password.")).to_be_visible()
    expect(page.get_by_label("Old password")).to_have_count(0)
    expect(page.locator(".lede").get_by_text("Salma Idris")).to_be_visible()


def test_who_proves_an_address_starts_a_new_account_where_another_made_one(
    page_without_javascript: Page,
) -> None:
    page = page_without_javascript
    _owner, joined = make_joined()
    page.goto(make_sign_in_link(joined))
    page.get_by_role("button", name="Start a new account").click()
    expect(page.get_by_text("Your address is proven. Choose a password.")).to_be_visible()
    expect(page.get_by_text("Salma Idris")).to_have_count(0)


@EVERY_LOOK
def test_pages_about_addresses_that_are_not_proven_are_accessible(
    open_browser: Callable[..., Page], sign_in: Callable[[Page, User], None], visit: Visit
) -> None:
    owner, joined = make_joined()
    participant = joined.participations.get()
    page = open_browser(locale=visit.locale)
    page.goto(make_sign_in_link(joined))
    found = {"proof": faults(page, visit)}
    sign_in(page, owner)
    for name, path in (
        ("people", f"/studies/{participant.study.uuid}/people/"),
        ("participant", f"/participants/{participant.uuid}/"),
    ):
        page.goto(path)
        found[name] = faults(page, visit)
    assert found == {"proof": [], "people": [], "participant": []}


@EVERY_LOOK
def test_closing_an_account_and_retention_can_be_used_by_everybody(
    visit: Visit, open_page: Callable[..., Page]
) -> None:
    study = make_study()
    owner = make_participant(study, "owner").user
    assert owner is not None
    page = open_page(owner, locale=visit.locale)
    page.goto("/account/close/")
    found = faults(page, visit)
    owner.set_password(PASSWORD)
    owner.save()
    page = open_page(owner, locale=visit.locale)
    make_participant(study, "owner")
    page.goto("/account/close/")
    found += faults(page, visit)
    page.goto(f"/studies/{study.uuid}/retention/")
    page.locator("[name=days]").fill("365")
    page.locator("[value=preview]").click()
    page.locator("[value=schedule]").wait_for()
    found += faults(page, visit)
    page.locator("[value=schedule]").click()
    page.locator("[value=cancel]").wait_for()
    found += faults(page, visit)
    assert found == []


def test_a_second_factor_is_set_up_and_asked_for(page: Page) -> None:
    person = make_person("Lin Okafor")
    person.set_password(PASSWORD)
    person.save()

    def sign_in() -> None:
        page.goto("/sign-in/")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

    sign_in()
    page.wait_for_url("**/studies/")
    page.goto("/account/second-factor/")
    found = faults(page, FROM_THE_LEFT)
    page.get_by_role("link", name="Set up an app").click()
    assert page.locator("main img").evaluate("(image) => image.naturalWidth") > 100
    found += faults(page, FROM_THE_LEFT)
    secret = page.locator("main code").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up").click()
    codes = page.locator("main li code").all_inner_texts()
    found += faults(page, FROM_THE_LEFT)
    page.goto("/account/second-factor/")
    found += faults(page, FROM_THE_LEFT)
    page.goto("/account/")
    found += faults(page, FROM_THE_LEFT)
    page.context.clear_cookies()
    sign_in()
    page.get_by_label("Code").fill(codes[0])
    found += faults(page, FROM_THE_LEFT)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/studies/")
    assert found == []
