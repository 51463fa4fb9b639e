"""The files of a drawn figure, and which of them a page shows where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

SVG, PNG, PDF = "image/svg+xml", "image/png", "application/pdf"
# What a kept SVG is also given as.
ON_DEMAND = {"png": PNG, "pdf": PDF}
# Ends the name of what is drawn for narrow screens.
SLIM = "-slim"


@dataclass(frozen=True)
class FigureFile:
    """One drawn file of a figure, by what a page asks for."""

    uuid: UUID
    name: str
    theme: str
    media_type: str


@dataclass(frozen=True)
class Picture:
    """The addresses of one figure: drawn wide and slim, light and dark, and as files."""

    light: UUID
    dark: UUID
    slim_light: UUID
    slim_dark: UUID
    # The words, the address, and what is asked of it.
    files: list[tuple[str, UUID, str]]


def picture(files: Sequence[FigureFile], name: str) -> Picture | None:
    found = {(file.name, file.theme, file.media_type): file.uuid for file in files}
    light = found.get((name, "light", SVG))
    if light is None:
        return None
    dark = found.get((name, "dark", SVG), light)
    ways = [
        # Drawn from the SVG when somebody asks, where nobody is likely to: see `ON_DEMAND`.
        (
            words,
            found.get((name, "light", kind), light),
            "" if (name, "light", kind) in found else f"&as={asked}",
        )
        for words, kind, asked in (("SVG", SVG, "svg"), ("PNG", PNG, "png"), ("PDF", PDF, "pdf"))
    ]
    return Picture(
        light=light,
        dark=dark,
        slim_light=found.get((name + SLIM, "light", SVG), light),
        slim_dark=found.get((name + SLIM, "dark", SVG), dark),
        files=ways,
    )
