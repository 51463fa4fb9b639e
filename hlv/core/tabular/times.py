"""Times as files write them."""

from __future__ import annotations

import datetime as dt
import re

_EPOCH = re.compile(r"\d{9,13}(\.\d+)?")
_MILLISECONDS_FROM = 10**11


def read_time(text: str) -> dt.datetime:
    """A time with zone from ISO 8601 (UTC where no zone is named) or from epoch seconds or milliseconds.

    Raises
    ------
    ValueError
        The text is neither.
    """
    text = text.strip()
    if _EPOCH.fullmatch(text):
        number = float(text)
        seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
        return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    time = dt.datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=dt.UTC)
