"""The moment of which a bundle speaks, as a person writes it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from annotations.models import Study
from hlv.core.tabular.times import read_time


class ExportRefusedError(ValueError):
    """Nothing was written; the sentence says why."""


def parse_as_of(text: str | None, study: Study) -> dt.datetime:
    """In the study's own zone where none is named; now where nothing is said.

    Raises
    ------
    ExportRefusedError
        It is no time, or one to come.
    """
    now = timezone.now()
    if not text:
        return now
    try:
        moment = dt.datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(study.time_zone))
    except ValueError:
        try:
            moment = read_time(text)
        except ValueError as error:
            raise ExportRefusedError(f"{text!r} is no time: write it like 2026-03-01T14:20.") from error
    if moment > now:
        raise ExportRefusedError(f"{text} lies in the future: what will be answered until then is not known.")
    return moment
