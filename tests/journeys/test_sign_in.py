"""Getting in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotations.services.people import make_sign_in_link
from tests.journeys.looks import EVERY_LOOK, Visit, faults
from tests.making import make_person


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
