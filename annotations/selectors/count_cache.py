"""Counts over very many rows, remembered for a while by this process.

A page of progress must not cost more the larger a study is. So a count over thousands of texts is made anew only
after a thousand times as long as it took; over fewer it is made each time, and is exact.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

MANY = 2_000
# Counting takes a thousandth of the time at most, and no number is older than this.
PATIENCE, LONGEST_SECONDS = 1_000, 600

Found = TypeVar("Found")


def cached_count(key: str, count: Callable[[], Found], *, size: Callable[[Found], int]) -> Found:
    """What was counted lately, or is counted now; `size` says over how many texts."""
    known: Found | None = cache.get(key)
    if known is not None:
        return known
    begun = time.monotonic()
    found = count()
    if size(found) > MANY:
        cache.set(key, found, min(LONGEST_SECONDS, PATIENCE * (time.monotonic() - begun)))
    return found
