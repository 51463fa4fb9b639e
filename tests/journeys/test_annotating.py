"""A lawyer annotates in a real browser: by keys, without JavaScript, without a network, in Arabic."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from annotations.models import Annotation, Job, Participant, Study
from annotations.services.studies import publish_guideline
from tests.journeys.lawyers import (
    ARABIC,
    SECRET,
    answers_of,
    arrive,
    begin,
    make_lawyer,
    press,
    save_and_wait,
    wait_for_texts_ahead,
)
from tests.journeys.looks import EVERY_LOOK, Open, Visit, faults, in_language, wait_for
from tests.making import make_items


@pytest.mark.both_databases
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_lawyer_annotates_with_the_keyboard_alone(open_page: Open, locale: str) -> None:
    _study, lawyer = make_lawyer()
    page = open_page(lawyer, locale=locale)
    page.get_by_role("link", name=in_language(locale, "Start annotating")).click()
    page.wait_for_url("**/seats/**")
    expect(page.locator(".case")).to_contain_text(SECRET)
    press(page, "KeyQ", "Digit4", "KeyW", "Digit2", "KeyU", "KeyE", "Digit0", "KeyB")
    save_and_wait(page)
    stored = Annotation.objects.get()
    assert answers_of(stored) == {"housing": (True, 0.8), "family": (False, 1.0)}
    assert stored.guideline_unclear
    assert stored.active_ms is not None
    of_three = in_language(locale, "My answers <b>%(done)s</b> of %(of)s") % {"done": 1, "of": 3}
    expect(page.locator(".progress-meters")).to_contain_text(re.sub("<.*?>", "", of_three))
    expect(page.locator("#saved")).to_contain_text(in_language(locale, "Saved"))
    # However fast the keys come, each is for the text that its hand was at.
    wait_for_texts_ahead(page, 1)
    page.evaluate(
        "(codes) => codes.forEach((code) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {code, key: code, bubbles: true, cancelable: true})))",
        ["KeyQ", "Digit4", "Enter", "KeyW", "Digit3", "Enter"],
    )
    expect(page.get_by_role("heading", level=1)).to_have_text(in_language(locale, "You are done"))
    second, third = Annotation.objects.order_by("item__position")[1:]
    assert (answers_of(second), answers_of(third)) == ({"housing": (True, 0.8)}, {"contract": (True, 0.6)})


def test_a_label_in_hand_without_a_certainty_is_not_left_out_in_silence(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    press(page, "KeyQ", "Digit4", "KeyW", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("“contract” selected. How certain are you?")
    assert not Annotation.objects.exists()
    press(page, "Escape")
    save_and_wait(page)
    assert answers_of(Annotation.objects.get()) == {"housing": (True, 0.8)}
    press(page, "KeyQ", "KeyQ", "KeyT")
    save_and_wait(page)
    assert answers_of(Annotation.objects.latest("pk")) == {}


def test_a_click_on_a_name_takes_that_label_in_hand(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    press(page, "KeyE")
    page.locator("#name-0").click()
    press(page, "Digit3")
    # The mark of a label that was ruled out takes that back, and the steps mean again that it applies.
    page.locator(".step:has([name=label-1][value='0'])").click()
    page.locator(".label-choice:has([name=label-1]) .rejection-mark").click()
    page.locator(".step:has([name=label-1][value='3'])").click()
    page.locator(".step:has([name=label-2][value='0'])").click()
    page.locator(".step:has([name=label-2][value='n4'])").click()
    save_and_wait(page)
    assert answers_of(Annotation.objects.get()) == {
        "housing": (True, 0.6),
        "contract": (True, 0.6),
        "family": (False, 0.8),
    }


def test_no_label_applies_clears_the_labels_and_undo_brings_them_back(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    chosen = page.locator(".is-yes > :checked")
    press(page, "KeyQ", "Digit5", "KeyW", "Digit1")
    expect(chosen).to_have_count(2)
    press(page, "KeyT")
    expect(chosen).to_have_count(0)
    press(page, "KeyU")
    expect(chosen).to_have_count(2)
    expect(page.locator("[name=no_label_applies]")).not_to_be_checked()
    press(page, "KeyW")  # takes it in hand again
    press(page, "KeyW")  # and clears it
    expect(chosen).to_have_count(1)


def test_keys_go_by_their_place_on_an_arabic_keyboard(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    for code, key in (("KeyQ", "ض"), ("Digit3", "٣")):
        page.evaluate(
            "([code, key]) => document.body.dispatchEvent("
            "new KeyboardEvent('keydown', {code, key, bubbles: true, cancelable: true}))",
            [code, key],
        )
    expect(page.locator("[name=label-0][value='3']")).to_be_checked()


def test_keys_can_be_turned_off_and_letters_in_a_reason_are_only_letters(
    open_page: Open,
) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    press(page, "KeyN")
    page.keyboard.type("qwe 5 tgb ?")
    expect(page.locator("#reason")).to_have_value("qwe 5 tgb ?")
    expect(page.locator(".label-choices :is(.is-yes, .is-no) > :checked")).to_have_count(0)
    press(page, "Escape", "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Turn keys off").click()
    page.get_by_role("button", name="Close").click()
    press(page, "KeyT")
    expect(page.locator("[name=no_label_applies]")).not_to_be_checked()


def test_a_skip_is_two_keys(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    before = page.url
    press(page, "KeyK", "Digit1")
    arrive(page, from_=before)
    stored = Annotation.objects.get()
    assert (stored.skipped, stored.reason) == (True, "conflict")


def test_skipping_for_another_reason_leads_to_the_place_where_it_is_written(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    before = page.url
    press(page, "KeyK", "Digit4")
    expect(page.locator("#skip")).not_to_have_attribute("open", "")
    expect(page.get_by_role("alert")).to_contain_text("why you skip this text")
    expect(page.get_by_label("Reason for skipping")).to_be_focused()
    page.keyboard.type("I wrote it.")
    press(page, "Control+Enter")
    arrive(page, from_=before)
    stored = Annotation.objects.get()
    assert (stored.skipped, stored.reason) == (True, "I wrote it.")
    expect(page.get_by_role("alert")).to_contain_text("Skipped. Go back to it")
    # Answered after all: why it was skipped is not why it is answered. From the field it is saved without leaving it.
    press(page, "Backspace")
    page.wait_for_url(before)
    expect(page.locator("#reason")).to_have_value("")
    press(page, "KeyW", "Digit4", "KeyN", "Control+Enter")
    arrive(page, from_=before)
    assert Annotation.objects.latest("pk").reason == ""


def test_what_was_chosen_survives_a_reload_and_undo_takes_it_back(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    press(page, "KeyQ", "Digit4", "KeyW", "Digit0", "KeyN")
    page.keyboard.type("para. 1")
    page.reload()
    expect(page.locator("#saved")).to_contain_text("Your choices are restored, not yet saved")
    expect(page.locator("#reason")).to_have_value("para. 1")
    expect(page.locator("[name=label-0][value='4']")).to_be_checked()
    expect(page.locator("[name=label-1][value='0']")).to_be_checked()
    assert "Quince Lane" not in page.evaluate("JSON.stringify(sessionStorage)")
    # The tab is closed once its words are on the server: another one has both, of which the choices can be undone.
    wait_for(page, "Object.keys(sessionStorage).every((name) => !name.startsWith('words/'))")
    another = page.context.new_page()
    page.close()
    page = another
    begin(page, study)
    expect(page.locator("#reason")).to_have_value("para. 1")
    expect(page.locator("[name=label-0][value='4']")).to_be_checked()
    expect(page.locator("[name=label-1][value='0']")).to_be_checked()
    expect(page.locator("#saved")).to_contain_text("Your choices are restored, not yet saved")
    press(page, "KeyU")
    expect(page.locator(".label-choices :is(.is-yes, .is-no) > :checked")).to_have_count(0)
    press(page, "KeyE", "Digit5")
    save_and_wait(page)
    assert answers_of(Annotation.objects.get()) == {"family": (True, 1.0)}
    left = page.evaluate("Object.keys({...sessionStorage, ...localStorage})")
    assert [name for name in left if name.startswith(("draft/", "words/", "active"))] == []


def test_what_was_restored_is_never_laid_over_an_answer_given_since(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    one = open_page(lawyer)
    begin(one, study)
    address = one.url
    press(one, "KeyQ", "Digit4")
    two = one.context.new_page()
    two.goto(address)
    press(two, "KeyW", "Digit2")
    save_and_wait(two)
    one.reload()
    expect(one.locator("[name=label-1][value='2']")).to_be_checked()
    expect(one.locator("[name=label-0][value='4']")).not_to_be_checked()
    expect(one.locator("#saved")).not_to_contain_text("restored")


def test_one_can_go_back_after_a_refused_form_without_javascript(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer, java_script_enabled=False)
    begin(page, study)
    first = page.url
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one label")
    page.locator("[name=label-0][value='5']").check(force=True)
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator(".progress-meters")).to_contain_text("1 of 3")
    page.go_back()
    assert page.url.partition("#")[0] == first
    expect(page.locator("[name=label-0][value='5']")).to_be_checked()


def test_a_mistake_is_said_on_the_page_and_nothing_is_lost(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    press(page, "KeyN")
    page.keyboard.type("para. 1")
    press(page, "Escape", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one label")
    expect(page.locator("#reason")).to_have_value("para. 1")
    expect(page.locator("#saved")).not_to_contain_text("not yet saved")
    press(page, "KeyQ", "Digit5")
    save_and_wait(page)
    assert Annotation.objects.get().reason == "para. 1"


def test_without_javascript_the_form_does_the_same(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer, java_script_enabled=False)
    begin(page, study)
    box = page.locator("#name-0").bounding_box()
    assert box is not None
    assert box["width"] > 100
    page.locator("[name=label-0][value='5']").check(force=True)
    page.get_by_role("button", name="Undo all").click()
    expect(page.locator("[name=label-0][value='5']")).not_to_be_checked()
    page.locator("[name=label-0][value='5']").check(force=True)
    page.locator("#reason").fill("para. 1")
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator(".progress-meters")).to_contain_text("1 of 3")
    assert answers_of(Annotation.objects.get()) == {"housing": (True, 1.0)}
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one label")
    page.get_by_role("link", name="My answers").click()
    page.get_by_role("link", name="Revise").click()
    page.locator("[name=label-0][value='2']").check(force=True)
    page.get_by_role("button", name="Save this revision").click()
    expect(page.locator("main")).to_contain_text("revised")
    assert Annotation.objects.filter(replaces__isnull=False).count() == 1


def test_an_answer_given_without_a_network_waits_and_arrives_once(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    page.context.set_offline(True)
    press(page, "KeyQ", "Digit4", "Enter")
    expect(page.locator("#saved")).to_contain_text("1 not yet saved")
    kept = page.evaluate(
        "() => new Promise((resolve) => { const opened = indexedDB.open('hlv-outbox');"
        " opened.onsuccess = () => { const all = opened.result.transaction('answers').objectStore('answers').getAll();"
        " all.onsuccess = () => resolve(JSON.stringify(all.result)); }; })"
    )
    assert len(json.loads(kept)) == 1
    assert "Quince Lane" not in kept
    assert not Annotation.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert answers_of(Annotation.objects.get()) == {"housing": (True, 0.8)}


def test_what_an_earlier_page_could_not_send_is_sent_by_the_next(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    page.route("**/api/**", lambda route: route.abort())
    press(page, "KeyQ", "Digit4", "Enter")
    expect(page.locator("#saved")).to_contain_text("1 not yet saved")
    later = page.context.new_page()
    page.close()
    later.goto(f"/studies/{study.uuid}/annotate/")
    expect(later.locator("#saved")).to_contain_text("Saved")
    assert Annotation.objects.count() == 1


def test_a_second_tab_learns_that_the_text_is_answered(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    one = open_page(lawyer)
    begin(one, study)
    two = one.context.new_page()
    two.goto(one.url)
    wait_for_texts_ahead(two, 1)
    # At work on it: a tab where nothing is chosen would be moved on as soon as it hears of the answer.
    press(two, "KeyW", "Digit5")
    press(one, "KeyQ", "Digit4")
    save_and_wait(one)
    first = two.url
    press(two, "Enter")
    expect(two.get_by_role("alert")).to_contain_text("Text 1 already had an answer")
    assert answers_of(Annotation.objects.get()) == {"housing": (True, 0.8)}
    expect(two.locator(".progress-meters")).to_contain_text("1 of 3")
    assert two.url == one.url, "the second tab is where the first one is"
    two.get_by_role("link", name="Show the stored answer").click()
    two.wait_for_url(first)
    # The other one is taken up on request, and can be undone or saved as a revision.
    expect(two.locator("[name=label-0][value='4']")).to_be_checked()
    expect(two.locator("[name=label-1][value='5']")).not_to_be_checked()
    expect(two.get_by_role("alert")).to_contain_text("This is the stored answer")
    two.get_by_role("button", name="Use my later answer").click()
    expect(two.locator("[name=label-1][value='5']")).to_be_checked()
    press(two, "KeyU")
    expect(two.locator("[name=label-0][value='4']")).to_be_checked()
    press(two, "KeyW", "Digit5", "Enter")
    two.wait_for_url(one.url)
    assert answers_of(Annotation.objects.latest("pk")) == {"housing": (True, 0.8), "contract": (True, 1.0)}


def test_each_paragraph_finds_its_own_direction_and_the_page_turns(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    for item in study.items.all():
        item.texts.update(text=f"{ARABIC}\n\nAnd one in English (ض).")
    page = open_page(lawyer, locale="ar")
    begin(page, study)
    assert page.locator("html").get_attribute("dir") == "rtl"
    directions = page.locator(".case p").evaluate_all(
        "(all) => all.map((p) => getComputedStyle(p).direction)"
    )
    assert directions == ["rtl", "rtl", "ltr"]
    sheet, paper = page.locator(".text-pane").bounding_box(), page.locator(".answer-pane").bounding_box()
    assert sheet is not None
    assert paper is not None
    assert sheet["x"] > paper["x"], "reading begins where the language begins"


@EVERY_LOOK
def test_no_page_has_barriers_or_runs_sideways(open_page: Open, visit: Visit) -> None:
    study, lawyer = make_lawyer(notice="These people are simulated.")
    make_items(study, 1, text=ARABIC)
    publish_guideline(study, text="# Read\n\n1. all\n2. of it\n\n| a | b |\n|---|---|\n| 1 | ب |")
    study.participants.create(user=lawyer, role=Participant.Role.OWNER, number=1)
    job = Job.objects.create(study=study, kind="ranking", progress_note="resampling judges")
    page = open_page(lawyer, locale=visit.locale)
    begin(page, study)
    press(page, "KeyQ", "Digit4")
    save_and_wait(page)
    press(page, "KeyQ", "Digit4", "KeyW", "Digit0", "KeyE", "Enter")
    addresses = ["/studies/", "/account/", "/nothing/", f"/jobs/{job.uuid}/"]
    addresses += [f"/studies/{study.uuid}/{part}" for part in ("", "guideline/", "answers/")]
    for address in ["", *addresses]:
        if address:
            page.goto(address)
        assert faults(page, visit) == []
    Study.objects.update(state=Study.State.CLOSED)
    page.goto(f"/seats/{study.items.get(position=0).assignments.get().uuid}/")
    assert faults(page, visit) == []
    signed_out = open_page(locale=visit.locale)
    for address in ("/sign-in/", "/sign-in/used-up/"):
        signed_out.goto(address)
        assert faults(signed_out, visit) == []
