"""The colours of figures, light and dark: those that pages have too, which a test holds equal, and hues of their own.

Okabe and Ito's hues, darkened until their labels read at 4.5:1.
"""

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
    fig_2: str
    fig_3: str
    fig_quiet: str
    fig_band: str
    heat_1: str
    heat_2: str
    heat_3: str
    heat_4: str
    heat_5: str
    on_heat_low: str
    on_heat_high: str

    @property
    def heats(self) -> tuple[str, ...]:
        """From little to much."""
        return (self.heat_1, self.heat_2, self.heat_3, self.heat_4, self.heat_5)


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        sheet="#fffefb",
        ink="#1d1b17",
        ink_2="#565147",
        rule="#dfd8c9",
        edge="#878071",
        fig_1="#17508f",
        fig_2="#ab4700",
        fig_3="#00755a",
        fig_quiet="#8b8374",
        fig_band="#ece6d8",
        heat_1="#e3eaf2",
        heat_2="#c3d3e6",
        heat_3="#93b0d1",
        heat_4="#3f6fa6",
        heat_5="#17508f",
        on_heat_low="#1d1b17",
        on_heat_high="#ffffff",
    ),
    "dark": Palette(
        sheet="#1b1a17",
        ink="#ece7db",
        ink_2="#b3ab9b",
        rule="#3a362f",
        edge="#8b8374",
        fig_1="#93bdee",
        fig_2="#f0a35e",
        fig_3="#5ecfae",
        fig_quiet="#7b7468",
        fig_band="#2c2923",
        heat_1="#232b35",
        heat_2="#2c3f54",
        heat_3="#3c5f86",
        heat_4="#6593c6",
        heat_5="#93bdee",
        on_heat_low="#ece7db",
        on_heat_high="#0d2138",
    ),
}
