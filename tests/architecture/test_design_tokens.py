"""The colours of pages: written once for each theme, and readable on every ground."""

from __future__ import annotations

import re

import pytest

from hlv.core.figures.palette import PALETTES, THEMES, Theme
from tests.conftest import CHECKOUT

COLOUR = re.compile(r"#[0-9a-f]{6}\b")
HOLDS_COLOURS = ("tokens.css", "dark.css")
GROUNDS = ("sheet", "paper", "wash")
TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *((colour, ground, TEXT) for colour in ("ink", "ink-2", "accent", "notice") for ground in GROUNDS),
    *((colour, "sheet", EDGE) for colour in ("edge", "fig-1")),
    ("edge", "paper", EDGE),
    ("on-accent", "accent", TEXT),
    ("accent", "accent-wash", TEXT),
]
PAIRS_OF_FIGURES = [
    *((colour, "sheet", TEXT) for colour in ("ink", "ink_2")),
    *((colour, "sheet", EDGE) for colour in ("edge", "fig_1", "fig_2", "fig_3", "fig_quiet")),
    *(("on_heat_low", ground, TEXT) for ground in ("heat_1", "heat_2", "heat_3")),
    *(("on_heat_high", ground, TEXT) for ground in ("heat_4", "heat_5")),
]


def tokens(theme: Theme) -> dict[str, str]:
    """The colours of a theme, as tokens.css names them."""
    sheet = "tokens.css" if theme == "light" else "dark.css"
    style = (CHECKOUT / "static" / "css" / sheet).read_text(encoding="utf-8")
    written = re.findall(r"--([\w-]+)\s*:\s*(#\w+);", style)
    assert len(written) > 10, "the stylesheet is written otherwise than this test reads it"
    return dict(written)


def luminance(colour: str) -> float:
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_colour_is_chosen_for_both_themes() -> None:
    assert tokens("light").keys() == tokens("dark").keys()


@pytest.mark.parametrize("theme", THEMES)
def test_words_and_edges_are_seen_on_every_ground(theme: Theme) -> None:
    colours = tokens(theme)
    faint = {
        f"{one} on {ground}": round(contrast(colours[one], colours[ground]), 2)
        for one, ground, least in PAIRS
        if contrast(colours[one], colours[ground]) < least
    }
    assert faint == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_and_marks_of_figures_are_seen_on_their_ground(theme: Theme) -> None:
    palette = PALETTES[theme]
    faint = {
        f"{one} on {ground}": round(contrast(getattr(palette, one), getattr(palette, ground)), 2)
        for one, ground, least in PAIRS_OF_FIGURES
        if contrast(getattr(palette, one), getattr(palette, ground)) < least
    }
    assert faint == {}


def test_every_colour_of_the_pages_is_used_by_some_rule() -> None:
    styles = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "static").rglob("*.css"))
    assert [name for name in tokens("light") if f"var(--{name})" not in styles] == []


def test_no_rule_holds_a_colour_of_its_own() -> None:
    styles = {path.name: path.read_text(encoding="utf-8") for path in (CHECKOUT / "static").rglob("*.css")}
    assert "base.css" in styles
    assert [
        name for name, style in styles.items() if name not in HOLDS_COLOURS and COLOUR.search(style)
    ] == []
