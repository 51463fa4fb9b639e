"""Which judgments are of one judge, input and pair, and so must not both count unless a rule says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from hlv.core.rendering.numbers import counted
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.errors import RowError
from metaeval.formats.records import JudgmentRecord
from metaeval.models import AutomaticJudge, Campaign, Judgment
from metaeval.selectors.judgments import current_judgments

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


LISTED = 5


class Conflicts:
    """Counts repeats of one judge, input and pair whose sides are changed and whose winners differ."""

    def __init__(self) -> None:
        # The winner of each seat, and the row that named it; ties and “cannot judge” contradict nothing.
        self._winners: dict[JudgmentCell, tuple[str, str]] = {}
        self._first: list[str] = []
        self._n = 0

    def see(self, record: JudgmentRecord, seat: JudgmentCell) -> None:
        winner = {"left": record.left, "right": record.right}.get(str(record.verdict))
        # Where a file says that later rows revise earlier ones, they contradict nothing.
        if winner is None or record.revisable:
            return
        place = f"{record.source}, row {record.row}"
        judge, item, left, right = seat
        changed = self._winners.get((judge, item, right, left))
        self._winners.setdefault(seat, (winner, place))
        if changed is None or changed[0] == winner:
            return
        self._n += 1
        if len(self._first) < LISTED:
            self._first.append(f"{changed[1]} and {place}")

    def remark(self) -> str | None:
        """In words, with the first rows; None where nobody contradicts themselves."""
        if not self._n:
            return None
        listed = "; ".join(self._first) + ("; …" if self._n > len(self._first) else "")
        return (
            f"Sides changed, another winner: {counted(self._n, 'pairs')} of judgments of one judge on one input and "
            f"the same two methods ({listed}). Both count: they show how consistent a judge is."
        )


def current_judgments_by_cell(
    campaign: Campaign, *, automatic: AutomaticJudge | None, comparisons: Collection[int]
) -> dict[tuple[JudgmentCell, int], CurrentJudgments]:
    """(seat, which of its repeats) to the judgment; those given in the program itself are nobody's repeats."""
    found: dict[tuple[JudgmentCell, int], CurrentJudgments] = {}
    of_its_chain = Judgment.objects.filter(root=Coalesce(OuterRef("root"), OuterRef("pk"))).order_by("-pk")
    rows = (
        current_judgments(campaign, automatic_judge=automatic)
        .filter(comparison__in=comparisons, comparison__item__isnull=False, exposure__isnull=True)
        .order_by("pk")
        .values_list(
            Coalesce("root", "pk"),
            Coalesce(Subquery(of_its_chain.values("pk")[:1]), "pk"),
            "participant__source",
            "participant__source_occurrence",
            "comparison__item__key",
            "comparison__low__name",
            "comparison__high__name",
            "low_is_left",
            "submitted_at",
            "import_batch__source",
        )
    )
    for root, tip, judge, occurrence, item, low, high, low_is_left, submitted_at, file in rows:
        if judge is None and automatic is None:
            continue
        left, right = (low, high) if low_is_left else (high, low)
        place = ((judge or "", item, left, right), occurrence or 0)
        # A program's repeats have no numbered sources: each is one more.
        while automatic is not None and place in found:
            place = (place[0], place[1] + 1)
        found[place] = CurrentJudgments(root, tip, submitted_at, file or "this study")
    return found


class WinnerCodes:
    """0, 1 and 2 as they come; a file that has 0 and 1 alone may number the outputs from 0."""

    def __init__(self) -> None:
        self._first: dict[str, JudgmentRecord] = {}

    def see(self, record: JudgmentRecord) -> None:
        if record.winner_code:
            self._first.setdefault(record.winner_code, record)

    def ambiguous(self) -> tuple[JudgmentRecord, str] | None:
        if set(self._first) != {"0", "1"}:
            return None
        return self._first["0"], (
            f"the winners in “{self._first['0'].criterion}” are only 0 and 1, which may be the first and the second "
            "output, or, as 0, 1 and 2 are read here, a tie and the left one: write left, right and tie instead."
        )

    def remark(self) -> str | None:
        if not self._first:
            return None
        return "Winners given as numbers were read so: 0 is a tie, 1 the left output, 2 the right one."
