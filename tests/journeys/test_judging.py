"""An expert judges in a real browser: by keys, without JavaScript, without a network, in Arabic."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from annotations.models import User
from metaeval.models import Campaign, Exposure, Judgment, Method, Output, Protocol, Run
from tests.journeys.looks import EVERY_LOOK, Open, Visit, faults, in_language, wait_for
from tests.making import (
    make_campaign,
    make_comparisons,
    make_items,
    make_methods,
    make_participant,
    make_study,
)
from tests.metaeval.making import make_board
from tests.metaeval.test_blindness import secrets


def make_judge(campaign: Campaign) -> User:
    judge = make_participant(campaign.study, "judge").user
    assert judge is not None
    return judge


def begin(page: Page, campaign: Campaign) -> None:
    page.goto(f"/studies/{campaign.study.uuid}/judge/")
    page.wait_for_url("**/exposures/**")


def press(page: Page, *codes: str) -> None:
    for code in codes:
        page.keyboard.press(code)


# The next pair is shown before the verdict is stored.
IS_STORED = "!/^(Saving|\\d+ not|جارٍ|إجابة واحدة لم|لم تُحفظ)/.test(document.querySelector('#saved-words')?.textContent ?? '')"


def save_and_wait(page: Page) -> None:
    before = page.url
    press(page, "Enter")
    page.wait_for_url(lambda url: url != before)
    wait_for(page, IS_STORED)


def verdicts() -> list[tuple[str, float | None]]:
    return list(Judgment.objects.order_by("pk").values_list("verdict", "confidence"))


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_an_expert_judges_with_the_keyboard_alone_until_all_is_done(open_page: Open, locale: str) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign), locale=locale)
    begin(page, campaign)
    for keys in (
        ("KeyF", "Digit5"),
        ("KeyJ", "Digit1"),
        ("KeyG",),
        ("KeyH", "Digit3"),
        ("KeyF", "KeyJ", "Digit2"),
    ):
        press(page, *keys)
        save_and_wait(page)
    press(page, "Digit0")
    page.keyboard.type("fjgh 1: I know the case.")
    save_and_wait(page)
    assert verdicts() == [
        ("left", 1.0), ("right", 0.2), ("both", None), ("neither", 0.6), ("right", 0.4), ("cannot", None),
    ]  # fmt: skip
    assert Judgment.objects.get(verdict="cannot").reason == "fjgh 1: I know the case."
    expect(page.get_by_role("heading", level=1)).to_have_text(in_language(locale, "You are done"))


def test_nothing_is_saved_before_a_verdict_and_the_page_says_what_is_missing(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    press(page, "Digit4", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose a verdict first")
    expect(page.locator("[name=confidence]:checked")).to_have_count(0)
    press(page, "Digit0", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("why you cannot judge")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("I")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert verdicts() == []


def test_what_is_typed_once_one_cannot_judge_are_words_and_no_keys_until_escape(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    cannot, reason = page.get_by_role("radio", name="Cannot judge"), page.locator("#reason")
    cannot.click()
    expect(reason).to_be_focused()
    page.get_by_role("heading", level=1).click()
    page.keyboard.type("The phrase")
    cannot.focus()
    page.keyboard.type(" is the")
    press(page, "Backspace")
    expect(reason).to_have_value("The phrase is th")
    expect(cannot).to_be_checked()
    page.locator("#marks summary").focus()
    press(page, "Space")
    expect(page.locator("#marks")).to_have_attribute("open", "")
    cannot.focus()
    press(page, "Tab")
    expect(reason).to_be_focused()
    press(page, "Escape", "KeyG")
    save_and_wait(page)
    assert verdicts() == [("both", None)]


def test_another_verdict_keeps_the_confidence_in_sight_and_no_hidden_reason(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    press(page, "Digit0")
    page.keyboard.type("I know the case.")
    press(page, "Escape", "KeyF", "Digit5", "Digit0", "Escape", "KeyG")
    expect(page.get_by_role("radio", name="5, certain")).to_be_checked()
    save_and_wait(page)
    assert verdicts() == [("both", 1.0)]
    assert Judgment.objects.get().reason == ""


def test_undo_takes_the_last_choice_back_and_stays(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    press(page, "KeyF", "Digit5")
    save_and_wait(page)
    here = page.url
    press(page, "KeyJ", "Digit2", "KeyU")
    expect(page.locator("[name=confidence]:checked")).to_have_count(0)
    expect(page.locator("[name=verdict][value=right]")).to_be_checked()
    press(page, "KeyU", "KeyU")
    expect(page.locator("[name=verdict]:checked")).to_have_count(0)
    assert page.url == here


def test_a_key_goes_back_one_pair_and_a_revision_replaces_the_verdict(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    first = page.url
    press(page, "KeyF", "Digit5")
    save_and_wait(page)
    press(page, "Backspace")
    page.wait_for_url(first)
    expect(page.locator("[name=verdict][value=left]")).to_be_checked()
    press(page, "KeyG", "Digit2")
    expect(page.locator("#saved")).to_have_text("This change is not yet saved")
    # Left unsaved: it is said on the page that one goes on to, and marked among one's own judgments.
    for way, words in (
        ("Pause", "Go to it"),
        ("My judgments", "Your change to this verdict is not saved yet."),
    ):
        page.get_by_role("link", name=way).first.click()
        expect(page.get_by_text(words)).to_be_visible()
    page.get_by_role("link", name="Pair 1", exact=True).click()
    expect(page.locator("[name=verdict][value=both]")).to_be_checked()
    save_and_wait(page)
    assert Judgment.objects.get(replaced_by__isnull=True).verdict == "both"
    assert Judgment.objects.count() == 2


def test_what_was_chosen_survives_a_reload_and_goes_once_it_is_saved(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    press(page, "KeyF", "Digit4")
    page.reload()
    expect(page.locator("#saved")).to_contain_text("Your choices are restored, not yet saved")
    expect(page.locator("[name=verdict][value=left]")).to_be_checked()
    assert "landlord" not in page.evaluate("JSON.stringify(sessionStorage)")
    assert verdicts() == []
    save_and_wait(page)
    assert verdicts() == [("left", 0.8)]
    left = page.evaluate("Object.keys({...sessionStorage, ...localStorage})")
    assert [name for name in left if name.startswith(("draft/", "words/", "active"))] == []


def test_a_message_moves_nothing(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign), viewport={"width": 1280, "height": 900})
    begin(page, campaign)
    before = page.locator("#verdict").bounding_box()
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("#verdict").bounding_box() == before
    ends = "(one) => Math.round(one.getBoundingClientRect().bottom)"
    text = page.locator("#text")
    # The text has the whole height, but for what is said beneath it.
    assert text.evaluate(ends) < 900
    press(page, "KeyF")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert text.evaluate(ends) == 900
    expect(page.locator("#save kbd")).to_be_visible()
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Turn keys off").click()
    expect(page.locator("#save kbd")).to_be_hidden()
    expect(page.locator("#keys dt kbd").first).to_be_visible()


def test_one_pauses_by_a_key_and_goes_on_where_one_was(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    here = page.url
    press(page, "KeyP")
    expect(page.get_by_role("heading", level=1)).to_have_text("Paused")
    page.get_by_role("link", name="Continue judging").click()
    page.wait_for_url(here)
    # Whoever signs out over a choice is told of it, and leaves nothing of it behind.
    press(page, "Digit0")
    page.keyboard.type("I know the case.")
    press(page, "Escape", "KeyP")
    page.locator(".masthead details.popover > summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("pairs with unsaved choices: 1.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Sign out anyway").click()
    page.wait_for_url("**/sign-in/**")
    left = page.evaluate("Object.keys({...sessionStorage, ...localStorage})")
    assert [name for name in left if name.startswith(("draft/", "words/"))] == []


def test_without_javascript_the_form_does_the_same(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign), java_script_enabled=False)
    begin(page, campaign)
    page.get_by_role("radio", name="B better").check()
    page.get_by_role("radio", name="4, confident").check()
    before = page.url
    page.get_by_role("button", name="Save and next").click()
    page.wait_for_url(lambda url: url != before)
    assert verdicts() == [("right", 0.8)]
    expect(page.locator("kbd").first).to_be_hidden()
    page.get_by_role("link", name="Previous pair").click()
    expect(page.get_by_role("radio", name="B better")).to_be_checked()


def test_a_verdict_given_without_a_network_waits_and_arrives_once(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    before = page.url
    page.context.set_offline(True)
    press(page, "KeyF", "Digit5", "Enter")
    expect(page.locator("#saved")).to_contain_text("1 not yet saved")
    kept = page.evaluate(
        """() => new Promise((done) => { const open = indexedDB.open("hlv-outbox", 1); open.onsuccess = () => {
        const all = open.result.transaction("answers").objectStore("answers").getAll();
        all.onsuccess = () => done(all.result); }; })"""
    )
    device = json.dumps([kept, page.evaluate("[{...localStorage}, {...sessionStorage}]")], ensure_ascii=False)
    assert "landlord" not in device, "the text of a case is never kept on the device"
    # What can do nothing does not look as if it could, and on a phone all of it is said in sight.
    expect(page.get_by_role("alert")).to_contain_text("Then you can revise it")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#save")).to_have_css("opacity", "0.45")
    expect(page.locator(".pair")).to_have_css("opacity", "1")
    said = page.locator("#notice").evaluate(
        "(one) => [getComputedStyle(one, '::before').content, one.firstChild.scrollHeight <= one.firstChild.clientHeight]"
    )
    assert said == ['"1 not yet saved"', True]
    told = secrets() | set(Method.objects.values_list("name", flat=True))
    assert [secret for secret in told if secret in device] == [], "nor anything that would tell a method"
    assert verdicts() == []
    page.context.set_offline(False)
    page.wait_for_url(lambda url: url != before)
    assert verdicts() == [("left", 1.0)]


def test_a_verdict_that_another_tab_sent_leads_on_as_its_own_would(open_page: Open) -> None:
    campaign = make_board()
    one = open_page(make_judge(campaign))
    begin(one, campaign)
    before = one.url
    one.route("**/api/**", lambda route: route.abort())
    press(one, "KeyF", "Digit3", "Enter")
    expect(one.locator("#saved")).to_contain_text("1 not yet saved")
    two = one.context.new_page()
    with two.expect_response("**/api/**"):
        two.goto("/studies/")
    expect(two.locator("#outbox")).to_be_hidden()
    one.unroute("**/api/**")
    one.wait_for_url(lambda url: url != before)
    assert verdicts() == [("left", 0.6)]


def test_a_second_tab_learns_that_the_pair_is_judged(open_page: Open) -> None:
    campaign = make_board()
    one = open_page(make_judge(campaign))
    begin(one, campaign)
    two = one.context.new_page()
    two.goto(one.url)
    # At work on it: a tab where nothing is chosen would be moved on as soon as it hears of the verdict.
    press(two, "KeyJ", "Digit1")
    press(one, "KeyF", "Digit5")
    save_and_wait(one)
    press(two, "Enter")
    expect(two.get_by_role("alert")).to_contain_text("already had a verdict")
    expect(two.locator(".progress-meters")).to_contain_text("1 of 6")
    expect(two.locator("#saved")).to_have_text("Not saved")
    assert verdicts() == [("left", 1.0)]
    press(two, "Enter")
    two.wait_for_url(one.url)


def test_sides_keep_their_place_when_the_page_runs_from_right_to_left(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign), locale="ar")
    begin(page, campaign)
    assert page.locator("html").get_attribute("dir") == "rtl"
    for first, second in ((".output:first-child", ".output:last-child"), ("[value=left]", "[value=right]")):
        a, b = (
            page.locator(f".pair {first}, .verdict-buttons {first}").first,
            page.locator(f".pair {second}, .verdict-buttons {second}").first,
        )
        left, right = a.bounding_box(), b.bounding_box()
        assert left is not None
        assert right is not None
        assert left["x"] < right["x"]


def test_both_sides_weigh_the_same_to_the_pixel(open_page: Open) -> None:
    campaign = make_board()
    page = open_page(make_judge(campaign))
    begin(page, campaign)
    sizes = page.locator(".output").evaluate_all(
        "(all) => all.map((side) => [side.offsetWidth, side.offsetHeight, side.offsetTop])"
    )
    assert sizes[0] == sizes[1]
    assert page.locator("[name=verdict]:checked").count() == 0


def test_on_a_phone_each_side_has_its_own_labels_where_their_orders_differ_and_texts_their_lists(
    open_page: Open,
) -> None:
    campaign, study = make_board(n_items=1), make_study()
    Protocol.objects.create(campaign=campaign, label_order="own")
    items, methods = make_items(study, 1), make_methods(study, ("one", "other"))
    for method in methods:
        Output.objects.create(run=Run.objects.create(method=method), item=items[0], text="- Write **first**.")
    letters = make_campaign(study, "letters")
    make_comparisons(letters, items, methods)
    Protocol.objects.create(campaign=letters, outputs_as="markdown")
    judge = make_judge(campaign)
    make_participant(study, "judge", user=judge)
    page = open_page(judge, viewport={"width": 360, "height": 800})
    begin(page, campaign)
    assert all(
        box["width"] > 10
        for lab in page.locator(".bar-label").all()
        if (box := lab.bounding_box()) is not None
    )
    page.goto(f"/campaigns/{letters.uuid}/judge/")
    looks = page.locator(".output-text li").evaluate_all(
        "(all) => all.map((one) => [getComputedStyle(one).display, getComputedStyle(one, '::before').content])"
    )
    assert looks == [["list-item", "none"]] * 2


@EVERY_LOOK
def test_no_page_of_judging_has_barriers_or_runs_sideways(open_page: Open, visit: Visit) -> None:
    campaign = make_board(n_items=1, judges_per_comparison=1, notice="These people are simulated.")
    study = make_study()
    items, methods = make_items(study, 1), make_methods(study, ("one", "other"))
    for method in methods:
        Output.objects.create(
            run=Run.objects.create(method=method), item=items[0], text="Write first.\n\nاكتب."
        )
    letters = make_campaign(study, "letters")
    make_comparisons(letters, items, methods)
    judge = make_judge(campaign)
    make_participant(study, "judge", user=judge)
    page = open_page(judge, locale=visit.locale)
    begin(page, campaign)
    press(page, "KeyF", "Digit3")
    pages = [page.url, f"/campaigns/{letters.uuid}/judge/"]
    for address in pages:
        page.goto(address)
        assert faults(page, visit) == []
    make_comparisons(make_campaign(study, "tone"), items, methods)
    page.goto(f"/studies/{study.uuid}/judge/")
    assert faults(page, visit) == []
    Exposure.objects.update(done_at=None)
    Campaign.objects.update(state="paused")
    page.goto(f"/campaigns/{campaign.uuid}/judge/")
    assert faults(page, visit) == []
