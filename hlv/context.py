"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hlv import __version__

SIZES = ("1", "2", "3")


def site(request: HttpRequest) -> dict[str, Any]:
    size = request.COOKIES.get("reading-size", "1")
    return {
        "version": __version__,
        "reading_size": size if size in SIZES else "1",
        "languages": [code for code, _name in settings.LANGUAGES],
    }
