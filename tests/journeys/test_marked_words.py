"""Words that decided a label, marked in a real browser by mouse, touch and keys, from the left and from the right."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Annotation, Study
from tests.journeys.lawyers import ARABIC, begin, press, save_and_wait, wait_for_texts_ahead
from tests.journeys.looks import EVERY_LOOK, PHONE, WIDE, Open, Visit, faults
from tests.making import make_items, make_participant, make_study

ENGLISH = "The landlord keeps my deposit 💰 since May.\n\nHe changed the locks."
# Marks the words by what the browser itself reports of a selection.
SELECT = """([first, last]) => {
  const walker = document.createTreeWalker(document.querySelector("#text .case"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.includes(first)) range.setStart(node, node.data.indexOf(first));
    if (node.data.includes(last)) range.setEnd(node, node.data.indexOf(last) + last.length);
  }
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def make_marked_study(text: str = ENGLISH, **fields: Any) -> Study:
    study = make_study(asks_spans=True, **fields)
    make_items(study, 3, text=text)
    return study


def open_marked_study(open_page: Open, text: str = ENGLISH, *, width: int = WIDE, **fields: Any) -> Page:
    study = make_marked_study(text, **fields)
    page = open_page(make_participant(study), viewport={"width": width, "height": 844})
    begin(page, study)
    return page


def marked_words(text: str) -> dict[str, list[str]]:
    """By label, what an answer marked, cut from the text as a program would."""
    found: dict[str, list[str]] = {}
    for span in Annotation.objects.latest("pk").spans or []:
        found.setdefault(span["label"], []).append(text[span["start"] : span["end"]])
    return found


def drag(page: Page, first: str, last: str) -> None:
    """Selects with the mouse from the first word to the end of the last."""
    boxes = page.evaluate(
        """([first, last]) => [first, last].map((word) => {
          const walker = document.createTreeWalker(document.querySelector("#text .case"), NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const place = node.data.indexOf(word);
            if (place < 0) continue;
            const range = document.createRange();
            range.setStart(node, place);
            range.setEnd(node, place + word.length);
            const { left, right, top, height } = range.getBoundingClientRect();
            return [left, right, top + height / 2];
          }
        })""",
        [first, last],
    )
    (left, _, top), (_, right, bottom) = boxes
    page.mouse.move(left + 1, top)
    page.mouse.down()
    page.mouse.move(right - 1, bottom, steps=5)
    page.mouse.up()


def test_words_are_marked_with_the_mouse_and_stored_with_the_answer(open_page: Open) -> None:
    page = open_marked_study(open_page)
    wait_for_texts_ahead(page, 1)
    drag(page, "landlord", "deposit")
    expect(page.locator("#span-bar")).to_contain_text("Choose a label first")
    page.mouse.click(5, 400)
    press(page, "KeyQ", "Digit4", "KeyW", "Digit2")
    drag(page, "💰", "locks")
    page.locator("#span-bar").get_by_role("button", name="housing").click()
    drag(page, "landlord", "keeps")
    page.locator("#span-bar").get_by_role("button", name="contract").click()
    # Touching marks of a label become one.
    drag(page, "deposit", "💰")
    page.locator("#span-bar").get_by_role("button", name="housing").click()
    expect(page.locator(".spans li")).to_have_count(3)
    expect(page.locator("#text mark").first).to_have_text("landlord keeps")
    save_and_wait(page)
    assert marked_words(ENGLISH) == {
        "contract": ["landlord keeps"],
        "housing": ["deposit 💰 since May.", "He changed the locks"],
    }
    expect(page.locator("#text mark")).to_have_count(0)
    # A revision shows them and can remove one.
    page.locator("#previous-text").click()
    expect(page.locator("#text mark").first).to_have_text("landlord keeps")
    page.get_by_role("button", name="Remove “landlord keeps” from contract").click()
    press(page, "Escape")
    page.locator("#save").click()
    expect(page.locator(".spans li")).to_have_count(0)
    assert "contract" not in marked_words(ENGLISH)


@pytest.mark.parametrize("text", [ENGLISH, ARABIC], ids=["en", "ar"])
def test_words_are_marked_by_keys_alone(open_page: Open, text: str) -> None:
    page = open_marked_study(open_page, text)
    press(page, "KeyQ", "Digit4", "KeyY")
    onward = "ArrowLeft" if text == ARABIC else "ArrowRight"
    words = text.split()
    press(page, onward, f"Shift+{onward}")
    expect(page.locator("[data-span-now]")).to_have_text(f"{words[1]} {words[2]}")
    press(page, "Enter")
    expect(page.locator(".spans li")).to_have_count(1)
    press(page, "ArrowDown", "Enter", "Escape")
    expect(page.locator(".spans li")).to_have_count(2)
    page.locator("#save").click()
    page.wait_for_url("**/seats/**")
    expect(page.locator(".spans li")).to_have_count(0)
    expect(page.locator("#saved-words")).to_contain_text("Saved ")
    assert marked_words(text) == {"housing": [f"{words[1]} {words[2]}", text.split("\n\n")[1].split()[0]]}


def test_words_are_marked_by_touch_on_a_phone(open_page: Open) -> None:
    study = make_marked_study()
    page = open_page(make_participant(study), viewport={"width": PHONE, "height": 844}, has_touch=True)
    begin(page, study)
    page.locator("[name=label-0][value='4']").check(force=True)
    page.locator("#text").scroll_into_view_if_needed()
    page.evaluate(SELECT, ["deposit", "May"])
    expect(page.locator("#span-bar")).to_be_in_viewport(ratio=1)
    page.locator("#span-bar").get_by_role("button", name="housing").tap()
    expect(page.locator(".spans li")).to_have_count(1)
    page.locator("#save").tap()
    expect(page.locator("#saved-words")).to_contain_text("Saved ")
    assert marked_words(ENGLISH) == {"housing": ["deposit 💰 since May"]}


def test_marks_survive_a_reload_and_go_with_their_label(open_page: Open) -> None:
    page = open_marked_study(open_page)
    press(page, "KeyQ", "Digit4")
    page.evaluate(SELECT, ["landlord", "keeps"])
    page.locator("#span-bar").get_by_role("button", name="housing").click()
    page.reload()
    expect(page.locator("#text mark")).to_have_text("landlord keeps")
    page.locator("[name=label-0][value='']").check(force=True)
    expect(page.locator("#text mark")).to_have_count(0)
    page.locator("[name=label-1][value='3']").check(force=True)
    page.locator("#save").click()
    expect(page.locator("#saved-words")).to_contain_text("Saved ")
    assert Annotation.objects.get().spans is None


def test_without_javascript_the_page_works_and_keeps_marks_of_a_revision(open_page: Open) -> None:
    study = make_marked_study()
    page = open_page(make_participant(study), java_script_enabled=False)
    begin(page, study)
    expect(page.locator(".spans")).not_to_be_visible()
    page.locator("[name=label-0][value='5']").check(force=True)
    page.get_by_role("button", name="Save and next").click()
    expect(page.locator(".progress-meters")).to_contain_text("1 of 3")


@EVERY_LOOK
def test_a_page_with_marks_is_without_barriers(open_page: Open, visit: Visit) -> None:
    study = make_marked_study()
    page = open_page(make_participant(study), locale=visit.locale)
    begin(page, study)
    press(page, "KeyQ", "Digit4")
    page.evaluate(SELECT, ["landlord", "keeps"])
    page.locator("#span-bar button").click()
    page.evaluate(SELECT, ["He", "locks"])
    expect(page.locator("#span-bar")).to_be_visible()
    assert faults(page, visit) == []
