"""What every page's frame needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hlv import __version__

SIZES = ("1", "2", "3")


@cache
def languages() -> list[str]:
    """The language that pages are written in, and those that a catalogue translates them into."""
    return [
        code
        for code, _name in settings.LANGUAGES
        if code == settings.LANGUAGE_CODE
        or any(
            (Path(place) / code / "LC_MESSAGES" / "django.mo").is_file() for place in settings.LOCALE_PATHS
        )
    ]


def site(request: HttpRequest) -> dict[str, Any]:
    size = request.COOKIES.get("reading-size", "1")
    return {
        "version": __version__,
        "reading_size": size if size in SIZES else "1",
        "languages": languages(),
    }
