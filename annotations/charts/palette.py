"""The colours of figures, light and dark: the tokens of the pages, which a test holds equal to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

# Drawn with the face that the drawing program brings, so that a server without fonts draws the same;
# Arabic letters come from a package of ours.
DRAWN_FONT = "Liberation Sans, Noto Sans Arabic"
DRAWN_ARABIC_FONT = "Noto Sans Arabic, Liberation Sans"
# A reader's browser takes the face of the page instead.
SHOWN_FONT = (
    "-apple-system, 'Segoe UI', Roboto, Inter, 'Noto Sans', 'Liberation Sans', 'Noto Sans Arabic', sans-serif"
)


@dataclass(frozen=True)
class Palette:
    sheet: str
    ink: str
    ink_2: str
    rule: str
    edge: str
    fig_1: str
    fig_quiet: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        sheet="#fffefb",
        ink="#1d1b17",
        ink_2="#565147",
        rule="#dfd8c9",
        edge="#878071",
        fig_1="#17508f",
        fig_quiet="#8b8374",
    ),
    "dark": Palette(
        sheet="#1b1a17",
        ink="#ece7db",
        ink_2="#b3ab9b",
        rule="#3a362f",
        edge="#8b8374",
        fig_1="#93bdee",
        fig_quiet="#7b7468",
    ),
}
