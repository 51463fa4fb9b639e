"""How a page is looked at: every two of width, direction and theme meet, in half the visits of all eight."""

from __future__ import annotations

import pytest

EVERY_LOOK = pytest.mark.parametrize(
    ("width", "locale", "scheme"),
    [(1280, "en", "light"), (1280, "ar", "dark"), (360, "en", "dark"), (360, "ar", "light")],
)
