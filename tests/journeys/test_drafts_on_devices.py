"""Drafts of answers in a real browser: words and choices open on another device, and stay where the server is away."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from annotations.models import Annotation, Draft
from tests.journeys.lawyers import answers_of, begin, make_lawyer, press, save_and_wait
from tests.journeys.looks import PHONE, Open


def test_words_go_to_the_server_as_they_are_written_and_open_on_another_device(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    press(page, "KeyN")
    held: list[Route] = []
    page.route("**/draft/", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/draft/"):
        page.keyboard.type("para. 1")
    # The page is left while its first save is under way, which arrives after the last words.
    page.keyboard.type(" decides")
    with page.expect_response("**/draft/"):
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    with page.expect_response("**/draft/") as late:
        held[0].continue_()
    assert (late.value.status, Draft.objects.get().reason) == (409, "para. 1 decides")
    expect(page.locator("#notice")).to_be_empty()
    expect(page.locator("#saved")).not_to_contain_text("not yet saved")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "para. 1" not in kept
    other = open_page(lawyer)
    other.goto(page.url)
    expect(other.locator("#reason")).to_have_value("para. 1 decides")
    expect(other.locator("#saved")).to_contain_text("restored")
    press(other, "KeyG")
    save_and_wait(other)
    assert Annotation.objects.get().reason == "para. 1 decides"
    assert not Draft.objects.exists()


def leave(page: Page) -> None:
    """Closing a page sends what it has."""
    with page.expect_response("**/draft/") as sent:
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert sent.value.status == 200
    page.goto("/studies/")


def test_choices_open_on_another_device_and_the_newer_ones_count(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page, other = open_page(lawyer), open_page(lawyer, viewport={"width": PHONE, "height": 844})
    begin(page, study)
    text = page.url
    press(page, "KeyQ", "Digit4", "KeyG")
    leave(page)
    other.goto(text)
    expect(other.locator("[name=label-0][value='4']")).to_be_checked()
    expect(other.locator("[name=facts_insufficient]")).to_be_checked()
    expect(other.locator("#notice")).to_contain_text("restored")
    other.locator("[name=label-1][value='2']").check(force=True)
    other.locator("[name=label-0][value='']").check(force=True)
    leave(other)
    # The first device has an older draft in its memory, in this tab and in a new one.
    for reader in (page, page.context.new_page()):
        reader.goto(text)
        expect(reader.locator("[name=label-1][value='2']")).to_be_checked()
        expect(reader.locator("[name=label-0][value='4']")).not_to_be_checked()
    save_and_wait(reader)
    assert answers_of(Annotation.objects.get()) == {"contract": (True, 0.4)}
    assert not Draft.objects.exists()


def test_choices_that_the_server_did_not_get_stay_on_the_device(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    text = page.url
    # A request of a page that is left is not seen by Playwright: the page itself has no network for it.
    page.evaluate(
        "window.fetch = ((real) => (address, ...more) => String(address).includes('/draft/')"
        " ? Promise.reject(new Error('away')) : real(address, ...more))(window.fetch)"
    )
    press(page, "KeyQ", "Digit4")
    page.goto("/studies/")
    page.goto(text)
    expect(page.locator("[name=label-0][value='4']")).to_be_checked()
    assert not Draft.objects.exists()
