"""How a page is looked at: every two of width, direction and theme meet, in two visits of two looks each."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Page

# The fixture `open_page`: a fresh page of a person.
Open = Callable[..., Page]

WIDE, PHONE, NARROWEST, HEIGHT = 1280, 390, 360, 800

Look = tuple[int, Literal["light", "dark"]]


class Visit(NamedTuple):
    """A page in one language, and the looks it is seen in without being loaded again."""

    locale: str
    looks: tuple[Look, ...]


FROM_THE_LEFT = Visit("en", ((WIDE, "light"), (PHONE, "dark")))
FROM_THE_RIGHT = Visit("ar", ((WIDE, "dark"), (PHONE, "light")))
# The visit from the right takes as long again; Arabic journeys run with the others.
EVERY_LOOK = pytest.mark.parametrize(
    "visit",
    [pytest.param(FROM_THE_LEFT, id="en"), pytest.param(FROM_THE_RIGHT, id="ar", marks=pytest.mark.slow)],
)


def in_language(locale: str, sentence: str) -> str:
    """What pages of this language have in place of the English sentence."""
    with translation.override(locale):
        return gettext(sentence)


@cache
def _axe() -> str:
    return Axe().axe_script


def barriers(page: Page) -> list[str]:
    """What axe finds on the page as it stands, best practice included, with the first place of each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(
        "axe.run({resultTypes: ['violations']}).then(({violations}) => "
        "violations.map(({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 200)}`))"
    )
    return found


def wait_for(page: Page, expression: str, *, seconds: float = 15) -> None:
    """Until it is true. Playwright's own waiting asks again within the page, where its policy refuses such words."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} seconds: {expression}")
        page.wait_for_timeout(50)


def runs_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def out_of_sight(page: Page) -> list[str]:
    """Which page of a study this is, and what can be done with a row, are seen without pulling anything sideways."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.tabs [aria-current], .has-actions tbody tr > :last-child')].filter((one) => {"
        "const {left, right} = one.getBoundingClientRect(); return left < -1 || right > innerWidth + 1; })"
        ".map((one) => one.textContent.trim().slice(0, 60))"
    )
    return found


def faults(page: Page, visit: Visit, *, unfold: str = "") -> list[str]:
    """Barriers of an open page, and where it runs sideways, in each look; `unfold` names what is opened before."""
    if unfold:
        page.locator(unfold).evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    found = []
    for width, scheme in visit.looks:
        # A colour on its way from one theme to the other is not what a reader sees.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if width == PHONE:
            page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
            found += [f"{page.url} at {NARROWEST}: runs sideways"] if runs_sideways(page) else []
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += [f"{page.url} at {width}, {scheme}: {one}" for one in barriers(page)]
        found += [f"{page.url} at {width}: runs sideways"] if runs_sideways(page) else []
        found += [f"{page.url} at {width}: out of sight: {one}" for one in out_of_sight(page)]
    return found
