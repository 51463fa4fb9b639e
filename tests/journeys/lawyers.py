"""What a lawyer does at the desk, in a browser."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from annotations.models import Annotation, Study, User
from tests.journeys.looks import wait_for
from tests.making import make_items, make_participant, make_study

ARABIC = "انتقلت إلى شقة مفروشة (ref. AG-2291) بعقد إيجار.\n\nهل يحق لهم إخراجنا؟"
SECRET = "The landlord of Quince Lane keeps my deposit."


def make_lawyer(**fields: Any) -> tuple[Study, User]:
    study = make_study(name="Areas of law", **fields)
    make_items(study, 3, text=SECRET)
    lawyer = make_participant(study).user
    assert lawyer is not None
    return study, lawyer


def begin(page: Page, study: Study) -> None:
    page.goto(f"/studies/{study.uuid}/annotate/")
    page.wait_for_url("**/seats/**")


def wait_for_texts_ahead(page: Page, n_texts: int) -> None:
    """Until the page can go on that far without a network."""
    wait_for(page, f"Number(document.body.dataset.prefetched) >= {n_texts}")


def press(page: Page, *codes: str) -> None:
    for code in codes:
        page.keyboard.press(code)


def arrive(page: Page, *, from_: str) -> None:
    """The next text is there at once; what was given is stored a moment later."""
    page.wait_for_url(lambda url: url != from_)
    expect(
        page.locator("#saved-words").filter(has_text=re.compile("Saving|not yet|جارٍ|لم تُحفظ"))
    ).to_have_count(0)


def save_and_wait(page: Page) -> None:
    before = page.url
    page.keyboard.press("Enter")
    arrive(page, from_=before)


def answers_of(annotation: Annotation) -> dict[str, tuple[bool, float | None]]:
    return {row.label.key: (row.chosen, row.certainty) for row in annotation.labels.select_related("label")}
