"""A lawyer's hour in a real browser: thirty texts by keyboard alone, and the rows beside what was pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotations.models import Annotation, Assignment, Study, User
from annotations.services.studies import publish_guideline
from tests.journeys.lawyers import ARABIC, arrive, begin, wait_for_texts_ahead
from tests.journeys.looks import barriers, in_language, runs_sideways
from tests.making import make_items, make_participant, make_study

N_TEXTS = 30
SKIPPED, OFFLINE, ELSEWHERE, REVISED = 6, range(11, 16), 17, 20


@dataclass
class Said:
    """What an answer must be, by what was pressed."""

    chosen: dict[str, float] = field(default_factory=dict)
    rejected: dict[str, float] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    reason: str = ""


# One after another: what is pressed, and what it means.
WAYS: tuple[tuple[tuple[str, ...], Said], ...] = (
    (("KeyQ", "Digit4"), Said({"housing": 0.8})),
    (("KeyW", "Digit2", "KeyE", "Digit0"), Said({"contract": 0.4}, {"family": 1.0})),
    (("KeyT",), Said()),
    (("KeyE", "Shift+Digit3", "KeyQ", "Digit5"), Said({"housing": 1.0}, {"family": 0.6})),
    (("KeyG", "KeyN", "para. 2", "Escape"), Said(flags=frozenset({"facts_insufficient"}), reason="para. 2")),
    (("KeyQ", "Digit1", "KeyU", "KeyW", "Digit3", "KeyB"), Said({"contract": 0.6}, flags=frozenset({"guideline_unclear"}))),
)  # fmt: skip
SECOND_THOUGHT = (("KeyE", "Digit2"), Said({"family": 0.4}))


def make_hour() -> tuple[Study, User]:
    study = make_study(name="Areas of law", answers_wanted=1)
    make_items(study, N_TEXTS, text="The landlord of Quince Lane keeps my deposit.\n\nMay he do so?")
    for item in study.items.filter(position__in=range(1, N_TEXTS, 2)):
        item.texts.update(text=ARABIC)
    publish_guideline(study, text="# Read\n\nAll of it.")
    lawyer = make_participant(study).user
    assert lawyer is not None
    return study, lawyer


def give(page: Page, keys: tuple[str, ...]) -> None:
    for key in keys:
        if " " in key:
            page.keyboard.type(key)
        else:
            page.keyboard.press(key)


def stored(position: int) -> Said:
    row = Annotation.objects.get(item__position=position, replaced_by__isnull=True)
    given = {(label.label.key, label.chosen): label.certainty for label in row.labels.select_related("label")}
    return Said(
        {key: certainty or 0 for (key, chosen), certainty in given.items() if chosen},
        {key: certainty or 0 for (key, chosen), certainty in given.items() if not chosen},
        frozenset(flag for flag in ("facts_insufficient", "guideline_unclear") if getattr(row, flag)),
        row.reason,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("locale", "scheme", "width"), [("en", "light", 1280), ("ar", "dark", 390)])
def test_an_hour_by_keyboard_alone_is_stored_as_it_was_pressed(
    open_browser: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    locale: str,
    scheme: str,
    width: int,
) -> None:
    study, lawyer = make_hour()
    page = open_browser(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 844})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, lawyer)
    begin(page, study)
    expected: dict[int, Any] = {}
    for position in range(N_TEXTS):
        keys, said = WAYS[position % len(WAYS)]
        expected[position] = said
        expect(page.locator(".text-head p")).to_contain_text(str(position + 1))
        if position == 0:
            look_around(page, locale)
        if position == OFFLINE[0]:
            wait_for_texts_ahead(page, len(OFFLINE))
            page.context.set_offline(True)
        if position == ELSEWHERE:
            keys = in_a_second_tab(page, keys)
        if position == REVISED:
            revise_the_last(page)
            expected[position - 1] = SECOND_THOUGHT[1]
        before = page.url
        give(page, ("KeyK", "Digit1") if position == SKIPPED else (*keys, "Enter"))
        if position in OFFLINE:
            page.wait_for_url(lambda url, before=before: url != before)  # type: ignore[misc]
            waiting = position - OFFLINE[0] + 1
            unsaved = in_language(locale, "1 not yet saved" if waiting == 1 else "{n} not yet saved")
            expect(page.locator("#saved")).to_contain_text(unsaved.replace("{n}", str(waiting)))
            if position == OFFLINE[-1]:
                page.context.set_offline(False)
                expect(page.locator("#saved")).to_contain_text(in_language(locale, "Saved"))
        else:
            arrive(page, from_=before)
    expect(page.get_by_role("heading", level=1)).to_have_text(in_language(locale, "You are done"))
    skip = Annotation.objects.get(item__position=SKIPPED)
    assert (skip.skipped, skip.reason) == (True, "conflict")
    del expected[SKIPPED]
    assert {position: stored(position) for position in expected} == expected
    assert Annotation.objects.count() == N_TEXTS + 1, "thirty answers and one second thought"
    assert not Annotation.objects.filter(active_ms__isnull=True).exists()
    assert not Annotation.objects.exclude(guideline__version=1).exists()
    assert not Assignment.objects.filter(shown_at__isnull=True).exists()
    # What a cut network logs by itself, and the answer to a text that was answered in the other tab.
    unasked = [one for one in complaints if "ERR_INTERNET_DISCONNECTED" not in one and "409" not in one]
    assert unasked == []


def look_around(page: Page, locale: str) -> None:
    """The guideline and the keys are one key away; no page of them has barriers."""
    assert barriers(page) == []
    for key, name in (("KeyH", "Guideline"), ("?", "Keys")):
        page.keyboard.press(key)
        expect(page.get_by_role("dialog", name=in_language(locale, name))).to_be_visible()
        if name == "Guideline":
            expect(page.get_by_role("dialog")).to_contain_text("All of it.")
        assert barriers(page) == []
        assert not runs_sideways(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name=in_language(locale, "Label descriptions")).click()
    expect(page.get_by_role("heading", name=in_language(locale, "Labels"), exact=True)).to_be_in_viewport()
    page.keyboard.press("Escape")


def in_a_second_tab(page: Page, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The same text comes there; what is said there stands, and the first tab hears of it."""
    second = page.context.new_page()
    second.goto(page.url)
    second.goto(page.locator("a.masthead-place").get_attribute("href") + "annotate/")  # type: ignore[operator]
    assert second.url == page.url
    before = second.url
    give(second, (*keys, "Enter"))
    arrive(second, from_=before)
    second.close()
    return ("KeyE", "Digit1")


def revise_the_last(page: Page) -> None:
    here = page.url
    last = None
    # Back through one's own texts, and forward again.
    for key in ("Backspace", "Backspace", "Shift+Backspace"):
        at = page.url
        page.keyboard.press(key)
        page.wait_for_url(lambda url, at=at: url != at)  # type: ignore[misc]
        last = last or page.url
    assert page.url == last
    before = page.url
    # Cleared first: what stood there was this label with its certainty.
    give(page, ("KeyW", "KeyW", *SECOND_THOUGHT[0], "Enter"))
    arrive(page, from_=before)
    page.wait_for_url(here)
