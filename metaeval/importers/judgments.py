"""Verdicts of judges, known or not, and of programs that judge."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.db.models import Max

from annotations.batches import Batches, Sources
from annotations.formats.errors import RowError
from annotations.formats.intake import Duplicates, Tally
from annotations.formats.times import read_time
from annotations.models import Item, Participant, Study
from annotations.selectors.keys import StudyItems
from metaeval.formats.records import JudgmentRecord
from metaeval.importers.comparisons import CampaignComparisons
from metaeval.importers.methods import StudyMethods
from metaeval.models import AutomaticJudge, Campaign, Judgment
from metaeval.selectors.judgments import standing_judgments

LONGEST_KEY = 500
_EPOCH = dt.datetime.fromtimestamp(0, tz=dt.UTC)

# One judge, one input, one pair with its sides: rows that agree in these collide. A pair shown again with
# its sides changed is a repeat on purpose, and both count.
Seat = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    pk: int
    submitted_at: dt.datetime
    file: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A judgment that will be stored; `seat` is None where rows cannot collide."""

    record: JudgmentRecord
    row_key: str
    seat: Seat | None
    occurrence: int = 0
    replaces: int | None = None


class JudgmentsTaker:
    """Takes judgment records into one campaign.

    Parameters
    ----------
    automatic
        The program that judged; the file's judges are then not read.
    strict
        Refuse items and methods that the study does not have, rather than make them.
    winners
        With `Duplicates.LAST`: places in the file, from 0, of the judgments that stand (`last_judgments`).
    """

    def __init__(
        self,
        study: Study,
        campaign: Campaign,
        batches: Batches,
        tally: Tally,
        *,
        group: str,
        automatic: AutomaticJudge | None,
        strict: bool,
        duplicates: Duplicates,
        winners: frozenset[int] | None = None,
    ) -> None:
        self._study = study
        self._campaign = campaign
        self._batches = batches
        self._tally = tally
        self._group = group
        self._automatic = automatic
        self._strict = strict
        self._duplicates = duplicates
        self._winners = winners
        self._items = StudyItems(study)
        self._methods = StudyMethods(study)
        self._sources = Sources(study, Participant.Role.JUDGE)
        self._comparisons = CampaignComparisons(campaign)
        self._has_older = Judgment.objects.filter(comparison__campaign=campaign).exists()
        last = study.items.aggregate(last=Max("position"))["last"]
        self._next_position = 0 if last is None else last + 1
        self._first_row: dict[Seat, tuple[str, int]] = {}
        self._n_more: Counter[Seat] = Counter()
        # The newest judgment of each seat that may be revised, by its key of this import.
        self._tips: dict[Seat, Standing] = {}
        self._n_revisions = 0
        self._n_read = 0

    def take(
        self,
        rows: Iterable[JudgmentRecord | RowError],
        *,
        after_chunk: Callable[[int], None] = lambda n: None,
    ) -> None:
        for chunk in self._tally.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._tally.n_rows)
        if self._n_revisions:
            self._tally.notes.append(
                f"{self._n_revisions} judgments are revisions; the later one stands, both are kept."
            )

    def _take_chunk(self, records: list[JudgmentRecord]) -> None:
        keys = [self._batches.key(record.source, record.cells) for record in records]
        known = self._batches.known(Judgment, keys)
        existing = self._existing(records) if self._has_older else {}
        placed: list[Placed] = []
        for record, row_key in zip(records, keys, strict=True):
            place = self._n_read
            self._n_read += 1
            if self._winners is not None and place not in self._winners and not record.revisable:
                self._tally.n_left_out += 1
                continue
            wrong = self._wrong(record)
            if wrong is not None:
                self._tally.refuse(record, wrong)
                continue
            seat = self._seat(record)
            if row_key in known:
                self._tally.n_known += 1
                if seat is not None:
                    self._seen_before(record, seat)
                continue
            found = self._decide(Placed(record, row_key, seat), existing)
            if found is not None:
                placed.append(found)
        if not self._tally.errors:
            self._store(placed)

    def _wrong(self, record: JudgmentRecord) -> str | None:
        for name in (record.left, record.right):
            wrong = self._methods.wrong(name, base_model=self._group)
            if wrong is None and self._strict and self._methods.find(name, base_model=self._group) is None:
                wrong = self._methods.unknown(name)
            if wrong is not None:
                return wrong
        if record.item_key is not None:
            if len(record.item_key) > LONGEST_KEY:
                return f"the item's id has more than {LONGEST_KEY} characters."
            if self._strict and self._items.get(record.item_key) is None:
                return self._items.unknown(record.item_key)
        if record.judge is not None and len(record.judge) > LONGEST_KEY:
            return f"the judge's name has more than {LONGEST_KEY} characters."
        return None

    def _seat(self, record: JudgmentRecord) -> Seat | None:
        judge = "" if self._automatic else record.judge
        if judge is None or record.item_key is None:
            return None
        return judge, record.item_key, record.left, record.right

    def _decide(self, placed: Placed, existing: dict[tuple[Seat, int], Standing]) -> Placed | None:
        """Where a judgment goes that was not known: by the rule for duplicates."""
        record, seat = placed.record, placed.seat
        if seat is None:
            return placed
        earlier = self._seen_before(record, seat)
        if record.revisable:
            return self._revision(placed, existing.get((seat, 0)))
        occurrence = 0
        if earlier is not None:
            if self._duplicates is Duplicates.FIRST:
                self._tally.n_left_out += 1
                return None
            if self._duplicates is not Duplicates.ALL:
                self._tally.refuse(record, self._twice(record, earlier))
                return None
            occurrence = self._n_more[seat]
        there = existing.get((seat, occurrence))
        while there is not None and self._duplicates is Duplicates.ALL:
            occurrence += 1
            there = existing.get((seat, occurrence))
        if there is None or self._duplicates is Duplicates.LAST:
            return replace(placed, occurrence=occurrence, replaces=there.pk if there else None)
        if self._duplicates is Duplicates.FIRST:
            self._tally.n_left_out += 1
        else:
            self._tally.refuse(
                record,
                f"{self._who(record)} judged “{record.left}” against “{record.right}” on “{record.item_key}” "
                f"already, in {there.file}: say --duplicates first to keep that judgment, or last to replace it.",
            )
        return None

    def _revision(self, placed: Placed, there: Standing | None) -> Placed | None:
        """A file that says so itself: the later row of a judge for an input revises the earlier."""
        if placed.seat is None:
            return placed
        if there is not None and there.submitted_at > self._time(placed.record):
            self._tally.n_left_out += 1
            return None
        return replace(placed, replaces=there.pk if there else None)

    def _who(self, record: JudgmentRecord) -> str:
        return f"“{self._automatic.name if self._automatic else record.judge}”"

    def _twice(self, record: JudgmentRecord, earlier: tuple[str, int]) -> str:
        file, row = earlier
        where = f"in row {row}" if file == record.source else f"in {file}, row {row}"
        return (
            f"{self._who(record)} judges “{record.left}” against “{record.right}” on “{record.item_key}” here and "
            f"{where}: say --duplicates first, last or all."
        )

    def _seen_before(self, record: JudgmentRecord, seat: Seat) -> tuple[str, int] | None:
        here = (record.source, record.row)
        if seat not in self._first_row:
            self._first_row[seat] = here
            return None
        self._n_more[seat] += 1
        return self._first_row[seat]

    def _existing(self, records: list[JudgmentRecord]) -> dict[tuple[Seat, int], Standing]:
        """Judgments that stand from earlier imports, for the comparisons of these records."""
        comparisons = {
            pk
            for record in records
            if (pk := self._comparisons.get(self._item(record), *self._pair(record))) is not None
        }
        found: dict[tuple[Seat, int], Standing] = {}
        rows = (
            standing_judgments(self._campaign, automatic_judge=self._automatic)
            .filter(comparison__in=comparisons, comparison__item__isnull=False, exposure__isnull=True)
            .order_by("pk")
            .values_list(
                "pk",
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
        for pk, judge, occurrence, item, low, high, low_is_left, submitted_at, file in rows:
            if judge is None and self._automatic is None:
                continue
            left, right = (low, high) if low_is_left else (high, low)
            place = ((judge or "", item, left, right), occurrence or 0)
            # A program's repeats have no numbered sources: each is one more.
            while self._automatic is not None and place in found:
                place = (place[0], place[1] + 1)
            found[place] = Standing(pk, submitted_at, file or "this study")
        return found

    def _item(self, record: JudgmentRecord) -> int | None:
        found = self._items.get(record.item_key) if record.item_key is not None else None
        return found[0] if found else None

    def _pair(self, record: JudgmentRecord) -> tuple[int, int]:
        """The keys of left and right; 0 for a method that is not there yet."""
        left = self._methods.find(record.left, base_model=self._group)
        right = self._methods.find(record.right, base_model=self._group)
        return left or 0, right or 0

    def _time(self, record: JudgmentRecord) -> dt.datetime:
        # A file that gives no time: the time of the import, which exports know to leave out.
        if record.submitted_at:
            return read_time(record.submitted_at)
        return self._batches.of(record.source).created_at

    def _store(self, placed: list[Placed]) -> None:
        names = [(self._group, name) for one in placed for name in (one.record.left, one.record.right)]
        self._tally.made("methods", self._methods.ensure(names))
        self._tally.made("items", self._ensure_items([one.record for one in placed]))
        if self._automatic is None:
            self._tally.made(
                "judges",
                self._sources.ensure(
                    (one.record.judge, one.occurrence, "") for one in placed if one.record.judge is not None
                ),
            )
        self._comparisons.ensure((self._item(one.record), *self._pair(one.record)) for one in placed)
        # A revision needs the key of what it revises: revisions within a chunk come one after the other.
        waiting: list[Placed] = []
        in_hand: set[Seat] = set()
        for one in placed:
            if one.record.revisable and one.seat in in_hand:
                self._write(waiting)
                waiting, in_hand = [], set()
            waiting.append(one)
            if one.seat is not None:
                in_hand.add(one.seat)
        self._write(waiting)

    def _write(self, placed: list[Placed]) -> None:
        rows = Judgment.objects.bulk_create(self._judgment(one) for one in placed)
        for one, row in zip(placed, rows, strict=True):
            self._tally.added[one.record.source] += 1
            if one.record.revisable and one.seat is not None:
                self._tips[one.seat] = Standing(row.pk, row.submitted_at, one.record.source)
                self._n_revisions += row.replaces_id is not None

    def _judgment(self, placed: Placed) -> Judgment:
        record = placed.record
        left, right = self._pair(record)
        replaces = placed.replaces
        if record.revisable and placed.seat in self._tips:
            replaces = self._tips[placed.seat].pk
        participant = None
        if self._automatic is None and record.judge is not None:
            participant = self._sources.pk(record.judge, placed.occurrence)
        return Judgment(
            comparison_id=self._comparisons.pk(self._item(record), left, right),
            participant_id=participant,
            automatic_judge=self._automatic,
            verdict=str(record.verdict),
            low_is_left=left < right,
            confidence=record.confidence,
            replaces_id=replaces,
            submitted_at=self._time(record),
            import_batch=self._batches.of(record.source),
            row_key=placed.row_key,
            metadata=dict(record.metadata),
        )

    def _ensure_items(self, records: list[JudgmentRecord]) -> int:
        """Items that the study lacks, without texts until an import of items brings them."""
        missing = dict.fromkeys(
            record.item_key
            for record in records
            if record.item_key is not None and self._items.get(record.item_key) is None
        )
        made = Item.objects.bulk_create(
            Item(study=self._study, key=key, position=self._next_position + place)
            for place, key in enumerate(missing)
            if key is not None
        )
        self._next_position += len(made)
        for item in made:
            self._items.add(item.key, item.pk)
        return len(made)


def last_judgments(rows: Iterable[JudgmentRecord | RowError], *, automatic: bool) -> frozenset[int]:
    """Places, from 0, of judgments that nothing in the file comes after: by time, else by order."""
    newest: dict[Seat, tuple[dt.datetime, int]] = {}
    places: set[int] = set()
    judgments = (row for row in rows if not isinstance(row, RowError))
    for place, row in enumerate(judgments):
        judge = "" if automatic else row.judge
        if judge is None or row.item_key is None:
            places.add(place)
            continue
        seat = (judge, row.item_key, row.left, row.right)
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
