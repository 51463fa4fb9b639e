"""The annotation page in a real browser: the look, the guideline, long label sets, breaks, back and forward, signing out."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from annotations.models import Annotation, Study
from annotations.services.people import make_sign_in_link
from tests.journeys.lawyers import answers_of, begin, make_lawyer, press, save_and_wait, wait_for_texts_ahead
from tests.journeys.looks import PHONE, WIDE, Open
from tests.making import make_items, make_participant, make_study
from tests.servers import find_program, free_port

DARK_SHEET = "rgb(27, 26, 23)"


def sheet_of(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_a_reader_chooses_lines_and_colours_and_both_stay(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer, color_scheme="light")
    begin(page, study)
    wait_for_texts_ahead(page, 1)
    assert sheet_of(page) != DARK_SHEET
    page.get_by_label("Line spacing and colours").click()
    height = page.locator(".case p").first.bounding_box()
    page.get_by_label("widest").last.check(force=True)
    page.get_by_label("Dark").check(force=True)
    page.get_by_label("largest").check(force=True)
    assert sheet_of(page) == DARK_SHEET
    press(page, "Escape")
    page.evaluate("document.activeElement.blur()")
    press(page, "KeyQ", "Digit4")
    save_and_wait(page)
    # Also where the next text was fetched before the choice.
    for chosen in ("widest", "largest"):
        expect(page.get_by_label(chosen).last).to_be_checked()
    page.reload()
    assert sheet_of(page) == DARK_SHEET
    taller = page.locator(".case p").first.bounding_box()
    assert height is not None
    assert taller is not None
    assert taller["height"] > height["height"]
    plain = page.context.browser.new_context(
        base_url=page.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )  # type: ignore[union-attr]
    without = plain.new_page()
    without.goto(page.url)
    without.get_by_label("Line spacing and colours").click()
    without.get_by_label("Light").check(force=True)
    # The page comes again at the same address, so only the loading says that it is the new one.
    with without.expect_navigation():
        without.get_by_role("button", name="Save display settings").click()
    assert without.url == page.url
    assert without.evaluate("getComputedStyle(document.body).backgroundColor") != DARK_SHEET
    plain.close()


def test_a_label_among_many_is_found_by_a_part_of_its_name(open_page: Open) -> None:
    labels = [f"area {n}" for n in range(18)] + ["Mietrecht für Ämter"]
    study = make_study(labels=labels)
    make_items(study, 3)
    lawyer = make_participant(study).user
    page = open_page(lawyer)
    begin(page, study)
    press(page, "Slash")
    page.keyboard.type("fur am")
    expect(page.locator(".label-choice:visible")).to_have_count(1)
    press(page, "Enter", "Digit3")
    expect(page.locator(".label-choice:visible")).to_have_count(len(labels))
    save_and_wait(page)
    assert answers_of(Annotation.objects.get()) == {"Mietrecht für Ämter": (True, 0.6)}


def read_in_order(page: Page, *places: str) -> bool:
    """Whether heads (".lo") and steps of the first label ("n1") stand as they are named, from left to right."""
    found = [
        page.locator(
            f".label-choices-head {place}" if place[0] == "." else f"[name=label-0][value='{place}']"
        )
        for place in places
    ]
    boxes = [one.bounding_box() or {"x": 0, "width": 0} for one in found]
    # A head stands over its step: it may begin a little earlier or later than that.
    middles = [round((box["x"] + box["width"] / 2) / 10) for box in boxes]
    return middles == sorted(middles)


def test_how_surely_a_label_is_ruled_out_can_be_said_without_javascript_and_is_read_again(
    open_page: Open,
) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer, java_script_enabled=False)
    begin(page, study)
    expect(page.locator("[name=label-0][value=n2]")).not_to_be_visible()
    page.locator("[name=label-0][value='0']").check(force=True)
    assert read_in_order(page, ".no", ".lo", "n1", "n2", "n3", "n4", ".hi", "0")
    page.locator(".rejection-mark:visible").click()
    expect(page.locator("[name=label-0][value='']")).to_be_checked()
    assert read_in_order(page, ".no", "0", ".lo", "1", "2", "3", "4", ".hi", "5")
    page.locator("[name=label-0][value='0']").check(force=True)
    page.locator("[name=label-0][value=n2]").check(force=True)
    page.locator("[name=label-1][value='5']").check(force=True)
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator(".progress-meters")).to_contain_text("1 of 3")
    assert answers_of(Annotation.objects.get()) == {"housing": (False, 0.4), "contract": (True, 1.0)}
    page.get_by_role("link", name="My answers").click()
    expect(page.locator("main")).to_contain_text("not, 2 of 5, leaning")
    page.get_by_role("link", name="Revise").click()
    expect(page.locator("[name=label-0][value=n2]")).to_be_checked()


BOXES = """[...document.querySelectorAll(".label-choice, .other-answers, #save")].map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [x, y, width, height].map(Math.round).join();
})"""


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_ruling_labels_out_moves_no_row(open_page: Open, width: int) -> None:
    study, lawyer = make_lawyer(labels=["Administrative law", "Versicherungsvertragsrecht", "Family"])
    page = open_page(lawyer, viewport={"width": width, "height": 844})
    begin(page, study)
    before = page.evaluate(BOXES)
    press(page, "KeyQ", "Digit0", "KeyW", "Shift+Digit3", "KeyE", "Digit0")
    expect(page.locator(".label-choices :is(.is-no, .is-doubt) > :checked")).to_have_count(3)
    assert page.evaluate(BOXES) == before
    # A digit alone still means that the label applies.
    press(page, "Digit2")
    expect(page.locator("[name=label-2][value='2']")).to_be_checked()
    assert page.evaluate(BOXES) == before
    save_and_wait(page)
    assert answers_of(Annotation.objects.get()) == {
        "Administrative law": (False, 1.0),
        "Versicherungsvertragsrecht": (False, 0.6),
        "Family": (True, 0.4),
    }


def test_back_and_forward_show_texts_as_they_stand(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    wait_for_texts_ahead(page, 1)
    first = page.url
    press(page, "KeyQ", "Digit4")
    save_and_wait(page)
    second = page.url
    page.go_back()
    expect(page.get_by_text("Saving replaces it")).to_be_visible()
    assert page.url == first
    expect(page.locator("[name=label-0][value='4']")).to_be_checked()
    page.go_forward()
    expect(page.get_by_text("Saving replaces it")).to_have_count(0)
    assert page.url == second
    # A change that is begun and left is said, where it is left and among one's own answers.
    page.go_back()
    expect(page.get_by_text("Saving replaces it")).to_be_visible()
    press(page, "KeyW", "Digit2")
    expect(page.locator("#saved")).to_contain_text("This change is not yet saved")
    page.go_forward()
    expect(page.get_by_role("alert")).to_contain_text("Your change to Text 1 is not saved yet")
    page.get_by_role("link", name="My answers").click()
    expect(page.get_by_text("Your change to this answer is not saved yet")).to_be_visible()
    page.go_back()
    page.wait_for_url(second)
    page.context.set_offline(True)
    page.evaluate("history.back()")
    expect(page.get_by_role("alert")).to_contain_text("No connection")
    assert page.url == second
    page.context.set_offline(False)


def test_a_break_is_offered_after_a_long_stretch_and_never_asked_for(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    page.evaluate("sessionStorage.setItem('stretch', JSON.stringify({worked: 51 * 60000, at: Date.now()}))")
    offered = page.get_by_text("You have worked for a long time")
    expect(offered).not_to_be_visible()
    press(page, "KeyQ", "Digit4")
    save_and_wait(page)
    expect(offered).to_be_visible()
    press(page, "KeyQ", "Digit4")
    save_and_wait(page)
    assert Annotation.objects.count() == 2
    page.get_by_role("button", name="Continue").click()
    expect(offered).not_to_be_visible()


COVERED = """(box) => {
  const found = new Set();
  // Through what is said, to what lies under it.
  document.querySelector("#notice > .callout").style.pointerEvents = "none";
  for (let x = box.x + 4; x < box.x + box.width - 4; x += 20) {
    for (let y = box.y + 4; y < box.y + box.height - 4; y += 6) {
      const there = document.elementFromPoint(x, y);
      if (!there?.matches("body, main, .answer-pane, .notice")) found.add(there?.outerHTML.slice(0, 80) ?? "nothing");
    }
  }
  return [...found];
}"""


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_what_the_page_says_covers_nothing_and_a_chosen_name_breaks_where_it_broke(
    open_page: Open, width: int, scheme: str
) -> None:
    study, lawyer = make_lawyer(labels=["Administrative law", "Versicherungsvertragsrecht", "Family"])
    page = open_page(lawyer, viewport={"width": width, "height": 844}, color_scheme=scheme)
    begin(page, study)
    name = page.locator("#name-0")
    long = page.locator("#name-1")
    assert long.evaluate("(one) => one.getClientRects().length && one.scrollWidth <= one.clientWidth + 1")
    assert (long.bounding_box() or {"height": 99})["height"] < 40, "a word is never broken"
    before, save = name.bounding_box(), page.locator("#save")
    press(page, "KeyQ", "Digit4", "KeyW")
    stood = save.bounding_box()
    press(page, "Enter")
    box = page.locator("#notice > .callout").bounding_box()
    assert save.bounding_box() == stood, "no button moves"
    after = name.bounding_box()
    assert before is not None
    assert after is not None
    assert (before["width"], before["height"]) == (after["width"], after["height"])
    assert page.evaluate(COVERED, box) == []
    press(page, "Escape")
    press(page, "KeyW", "Enter", "KeyK")
    expect(page.get_by_role("alert")).to_be_visible()
    # Playwright clicks only what nothing lies over.
    page.locator("#skip [value=language]").click(trial=True)


def test_once_a_study_is_stopped_no_text_that_was_fetched_ahead_is_shown(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    wait_for_texts_ahead(page, 1)
    # The page asks when an answer is begun, unless it heard a moment ago.
    Study.objects.update(state=Study.State.PAUSED)
    page.evaluate("Date.now = ((now) => () => now() + 60_000)(Date.now)")
    press(page, "KeyQ", "Digit4")
    expect(page.get_by_role("alert")).to_contain_text("Annotating is paused")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Annotating is paused")
    Study.objects.update(state=Study.State.OPEN)
    page.get_by_role("link", name="Check again").click()
    page.wait_for_url("**/seats/**")
    wait_for_texts_ahead(page, 1)
    # It learns by the reply to what it sent, where the next text is on the page already.
    Study.objects.update(state=Study.State.CLOSED)
    press(page, "KeyW", "Digit4", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Annotating is closed")
    assert Annotation.objects.count() == 2
    assert study.items.filter(assignments__shown_at__isnull=False).count() == 2
    page.go_back()
    expect(page.locator("main")).not_to_contain_text("Text 3")


def test_a_page_shows_how_many_texts_it_holds_before_the_connection_drops(open_page: Open) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer, viewport={"width": PHONE, "height": 844})
    begin(page, study)
    expect(page.locator("#offline-depth")).to_have_text("Without a connection: 2 more texts")
    for left in ("1 more text", "no more texts"):
        press(page, "KeyT")
        save_and_wait(page)
        expect(page.locator("#offline-depth")).to_have_text(f"Without a connection: {left}")
    make_items(study, 8, text="Another")
    begin(page, study)
    expect(page.locator("#offline-depth")).not_to_be_visible()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_long_text_on_a_phone_has_a_way_to_the_answers_in_sight(open_page: Open, has_script: bool) -> None:
    study = make_study()
    make_items(study, 1, text="\n\n".join(f"Paragraph {n} of a long letter." for n in range(200)))
    page = open_page(
        make_participant(study), viewport={"width": PHONE, "height": 844}, java_script_enabled=has_script
    )
    begin(page, study)
    way = page.get_by_role("link", name="To the answers").last
    expect(way).to_be_in_viewport(ratio=1)
    page.get_by_text("Paragraph 90 of").scroll_into_view_if_needed()
    expect(way).to_be_in_viewport(ratio=1)
    way.click()
    expect(page.get_by_role("heading", name="Which labels fit")).to_be_in_viewport(ratio=1)


def test_nobody_signs_out_over_answers_that_wait(open_page: Open, wait_until: Callable[..., None]) -> None:
    study, lawyer = make_lawyer()
    page = open_page(lawyer)
    begin(page, study)
    wait_for_texts_ahead(page, 1)
    page.context.route("**/api/**", lambda route: route.abort())
    press(page, "KeyQ", "Digit4", "Enter")
    expect(page.locator("#saved")).to_contain_text("1 not yet saved")
    press(page, "KeyW", "Digit4")
    page.goto("/studies/")
    expect(page.get_by_text("1 answer is not saved on the server yet")).to_be_visible()
    page.locator(".masthead details.popover > summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are still signed in. Answers waiting")).to_be_visible()
    expect(page.get_by_text("unsaved choices: 1. Signing out deletes these choices")).to_be_visible()
    assert page.url.endswith("/studies/")
    page.get_by_role("button", name="Sign out anyway").click()
    page.wait_for_url("**/sign-in/")
    left = page.evaluate("Object.keys({...sessionStorage, ...localStorage})")
    assert [name for name in left if name.startswith("draft/")] == []
    page.context.unroute("**/api/**")
    # Somebody else on the same device sends nothing of it; the same person's next sign-in does.
    colleague = make_participant(study).user
    assert colleague is not None
    for person, n_stored in ((colleague, 0), (lawyer, 1)):
        page.context.clear_cookies()
        page.goto(make_sign_in_link(person))
        page.locator("main form button").first.click()
        page.wait_for_url("**/studies/")
        page.wait_for_load_state("networkidle")
        if n_stored:
            wait_until(Annotation.objects.exists)
        assert Annotation.objects.count() == n_stored


@contextmanager
def own_chromium(browser: Browser, profile: Path) -> Iterator[tuple[Browser, subprocess.Popen[bytes]]]:
    """A browser process of its own, which can be killed, on a profile that stays."""
    port = free_port()
    command: list[Any] = [
        find_program("chromium"),
        "--headless=new",
        f"--remote-debugging-port={port}",
        f"--user-data-dir={profile}",
    ]
    command += ["--no-first-run", "--disable-gpu"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stderr is not None
            while b"DevTools listening" not in process.stderr.readline():
                assert process.poll() is None, "Chromium ended"
            yield browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}"), process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_what_waited_when_the_browser_was_killed_is_delivered_once(
    transactional_db: None,
    address: str,
    browser: Browser,
    tmp_path: Path,
    wait_until: Callable[..., None],
) -> None:
    study, lawyer = make_lawyer()
    for was_killed in (False, True):
        with own_chromium(browser, tmp_path / "profile") as (own, _process):
            page = own.contexts[0].new_page()
            link = make_sign_in_link(lawyer)
            page.goto(link if link.startswith("http") else f"{address}{link}")
            page.locator("main form button").first.click()
            page.wait_for_url("**/studies/")
            if was_killed:
                wait_until(lambda: Annotation.objects.count() == 1)
                assert answers_of(Annotation.objects.get()) == {"housing": (True, 0.8)}
                break
            page.goto(f"{address}/studies/{study.uuid}/annotate/")
            page.context.route("**/api/**", lambda route: route.abort())
            press(page, "KeyQ", "Digit4", "Enter")
            expect(page.locator("#saved")).to_contain_text("1 not yet saved")
            assert not Annotation.objects.exists()
