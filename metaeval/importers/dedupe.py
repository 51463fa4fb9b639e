"""Which judgments are of one judge, input and pair, and so must not both count unless a rule says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from hlv.core.tabular.errors import RowError
from hlv.core.tabular.times import read_time
from metaeval.formats.records import JudgmentRecord

_EPOCH = dt.datetime.fromtimestamp(0, tz=dt.UTC)

# One judge, one input, one pair with its sides: rows that agree in these collide. A pair shown again with
# its sides changed is a repeat on purpose, and both count.
JudgmentCell = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class CurrentJudgments:
    """A stored judgment that counts, and the ends of its chain of revisions.

    What revises it goes after `tip`, which may be withdrawn: each judgment is replaced by one at most.
    """

    root: int
    tip: int
    submitted_at: dt.datetime
    file: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A judgment that will be stored; `seat` is None where rows cannot collide."""

    record: JudgmentRecord
    row_key: str
    seat: JudgmentCell | None
    occurrence: int = 0
    replaces: CurrentJudgments | None = None


def judgment_cell(record: JudgmentRecord, *, automatic: bool) -> JudgmentCell | None:
    """None where the file names no judge or no input; one program judges a whole file."""
    judge = "" if automatic else record.judge
    if judge is None or record.item_key is None:
        return None
    return judge, record.item_key, record.left, record.right


def last_judgments(rows: Iterable[JudgmentRecord | RowError], *, automatic: bool) -> frozenset[int]:
    """Places, from 0, of judgments that nothing in the file comes after: by time, else by order."""
    newest: dict[JudgmentCell, tuple[dt.datetime, int]] = {}
    places: set[int] = set()
    judgments = (row for row in rows if not isinstance(row, RowError))
    for place, row in enumerate(judgments):
        seat = judgment_cell(row, automatic=automatic)
        if seat is None:
            places.add(place)
            continue
        standing = (read_time(row.submitted_at) if row.submitted_at else _EPOCH, place)
        newest[seat] = max(newest.get(seat, standing), standing)
    return frozenset(places | {place for _, place in newest.values()})


def by_time(rows: Iterable[JudgmentRecord | RowError]) -> list[JudgmentRecord | RowError]:
    """Oldest first, so that each revision finds what it revises stored before it."""

    def time(row: JudgmentRecord | RowError) -> dt.datetime:
        if isinstance(row, RowError) or not row.submitted_at:
            return _EPOCH
        return read_time(row.submitted_at)

    return sorted(rows, key=time)
