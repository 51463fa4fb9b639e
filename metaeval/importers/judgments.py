"""Verdicts of judges, known or not, and of programs that judge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from annotations.formats.import_options import Duplicates, Intake
from annotations.import_ledger import ImportLedger, Sources
from annotations.models import Participant, Study
from hlv.core.rendering.numbers import counted
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.errors import FirstPlaces, RowError
from metaeval.formats.paper import PAPER
from metaeval.formats.records import JudgmentRecord
from metaeval.importers.resolve import LONGEST_KEY, JudgmentResolver
from metaeval.models import AutomaticJudge, Campaign, Judgment
from metaeval.selectors.judgments import current_judgments

_EPOCH = dt.datetime.fromtimestamp(0, tz=dt.UTC)

# Judge, input, base model, left and right method: rows that agree in these collide. A pair shown again with
# its sides changed is a repeat on purpose, and both count.
JudgmentCell = tuple[str, str, str, str, str]
# The same of a stored judgment: the methods by their keys.
StoredCell = tuple[str, str, int, int]


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
    """A judgment that will be stored; `cell` is None where rows cannot collide."""

    record: JudgmentRecord
    row_key: str
    cell: JudgmentCell | None
    occurrence: int = 0
    replaces: CurrentJudgments | None = None


def judgment_cell(record: JudgmentRecord, *, automatic: bool) -> JudgmentCell | None:
    """None where the file names no judge or no input; one program judges a whole file."""
    judge = "" if automatic else record.judge
    if judge is None or record.item_key is None:
        return None
    return judge, _input(record), record.base_model, record.left, record.right


def _input(record: JudgmentRecord) -> str:
    return record.input_id or record.item_key or ""


def last_judgments(rows: Iterable[JudgmentRecord | RowError], *, automatic: bool) -> frozenset[int]:
    """Places, from 0, of judgments that nothing in the file comes after: by time, else by order."""
    newest: dict[JudgmentCell, tuple[dt.datetime, int]] = {}
    places: set[int] = set()
    judgments = (row for row in rows if not isinstance(row, RowError))
    for place, row in enumerate(judgments):
        cell = judgment_cell(row, automatic=automatic)
        if cell is None:
            places.add(place)
            continue
        newest_of_cell = (read_time(row.submitted_at) if row.submitted_at else _EPOCH, place)
        newest[cell] = max(newest.get(cell, newest_of_cell), newest_of_cell)
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
        # The winner of each cell, and the row that named it; ties and “cannot judge” contradict nothing.
        self._winners: dict[JudgmentCell, tuple[str, str]] = {}
        self._first: list[str] = []
        self._n = 0

    def add(self, record: JudgmentRecord, cell: JudgmentCell) -> None:
        winner = {"left": record.left, "right": record.right}.get(str(record.verdict))
        # Where a file says that later rows revise earlier ones, they contradict nothing.
        if winner is None or record.revisable:
            return
        place = f"{record.source}, row {record.row}"
        judge, shown, base_model, left, right = cell
        changed = self._winners.get((judge, shown, base_model, right, left))
        self._winners.setdefault(cell, (winner, place))
        if changed is None or changed[0] == winner:
            return
        self._n += 1
        if len(self._first) < LISTED:
            self._first.append(f"{changed[1]} and {place}")

    def note(self) -> str | None:
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
) -> dict[tuple[StoredCell, int], CurrentJudgments]:
    """(cell, which of its repeats) to the judgment; those given in the program itself are nobody's repeats."""
    found: dict[tuple[StoredCell, int], CurrentJudgments] = {}
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
            "comparison__low",
            "comparison__high",
            "low_is_left",
            "submitted_at",
            "import_batch__source",
            "import_batch__format",
            "metadata",
        )
    )
    for root, tip, judge, occurrence, item, low, high, low_is_left, submitted_at, file, read_as, more in rows:
        if judge is None and automatic is None:
            continue
        left, right = (low, high) if low_is_left else (high, low)
        shown = more.get("input_id") if read_as == PAPER else None
        place = ((judge or "", shown or item, left, right), occurrence or 0)
        # A program's repeats have no numbered sources: each is one more.
        while automatic is not None and place in found:
            place = (place[0], place[1] + 1)
        found[place] = CurrentJudgments(root, tip, submitted_at, file or "this study")
    return found


class WinnerCodes:
    """0, 1 and 2 as they come; a file that has 0 and 1 alone may number the outputs from 0."""

    def __init__(self) -> None:
        self._first: dict[str, JudgmentRecord] = {}

    def add(self, record: JudgmentRecord) -> None:
        if record.winner_code:
            self._first.setdefault(record.winner_code, record)

    def ambiguous(self) -> tuple[JudgmentRecord, str] | None:
        if sorted(self._first) != ["0", "1"]:
            return None
        first = min(self._first.items())[1]
        return first, (
            f"the winners in “{first.criterion}” are only 0 and 1, which may be the first and the second "
            "output, or, as 0, 1 and 2 are read here, a tie and the left one: write left, right and tie instead."
        )

    def note(self) -> str | None:
        if not self._first:
            return None
        return "Winners given as numbers were read so: 0 is a tie, 1 the left output, 2 the right one."


class JudgmentImporter:
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
        batches: ImportLedger,
        intake: Intake,
        *,
        automatic: AutomaticJudge | None,
        strict: bool,
        duplicates: Duplicates,
        winners: frozenset[int] | None = None,
    ) -> None:
        self._campaign = campaign
        self._batches = batches
        self._intake = intake
        self._automatic = automatic
        self._duplicates = duplicates
        self._winners = winners
        self._resolver = JudgmentResolver(study, campaign, strict=strict)
        self._sources = Sources(study, Participant.Role.JUDGE)
        self._has_older = Judgment.objects.filter(comparison__campaign=campaign).exists()
        self._seen: FirstPlaces[JudgmentCell] = FirstPlaces()
        # The newest judgment of each cell that may be revised, by its key of this import.
        self._tips: dict[JudgmentCell, CurrentJudgments] = {}
        self._n_revisions = 0
        self._conflicts = Conflicts()
        self._codes = WinnerCodes()
        self._n_read = 0

    def take(
        self,
        rows: Iterable[JudgmentRecord | RowError],
        *,
        after_chunk: Callable[[int], None] = lambda n: None,
    ) -> None:
        for chunk in self._intake.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._intake.n_rows)
        self._sources.shuffle()
        if ambiguous := self._codes.ambiguous():
            self._intake.refuse(*ambiguous)
        self._intake.notes += [
            note for note in (self._codes.note(), self._conflicts.note()) if note is not None
        ]
        if self._n_revisions:
            are = "is a revision" if self._n_revisions == 1 else "are revisions"
            self._intake.notes.append(
                f"{counted(self._n_revisions, 'judgments')} {are}; the later one stands, both are kept."
            )

    def _take_chunk(self, records: list[JudgmentRecord]) -> None:
        keys = [self._batches.key(record.source, record.cells) for record in records]
        known = self._batches.known(Judgment, keys)
        existing = self._existing(records) if self._has_older else {}
        placed: list[Placed] = []
        for record, row_key in zip(records, keys, strict=True):
            place = self._n_read
            self._n_read += 1
            self._codes.add(record)
            if self._winners is not None and place not in self._winners and not record.revisable:
                self._intake.n_left_out += 1
                continue
            wrong = self._wrong(record)
            if wrong is not None:
                self._intake.refuse(record, wrong)
                continue
            cell = judgment_cell(record, automatic=self._automatic is not None)
            if row_key in known:
                self._intake.n_known += 1
                if cell is not None and self._seen.earlier_place(cell, record) is None:
                    self._conflicts.add(record, cell)
                continue
            found = self._decide(Placed(record, row_key, cell), existing)
            if found is not None:
                placed.append(found)
                # A second source of the same name may be another person.
                if cell is not None and not found.occurrence:
                    self._conflicts.add(record, cell)
        if not self._intake.errors:
            self._store(placed)

    def _wrong(self, record: JudgmentRecord) -> str | None:
        if record.judge is not None and len(record.judge) > LONGEST_KEY:
            return f"the judge's name has more than {LONGEST_KEY} characters."
        return self._resolver.wrong(record)

    def _decide(
        self, placed: Placed, existing: dict[tuple[StoredCell, int], CurrentJudgments]
    ) -> Placed | None:
        """Where a judgment goes that was not known: by the rule for duplicates."""
        record, cell = placed.record, placed.cell
        if cell is None:
            return placed
        earlier = self._seen.earlier_place(cell, record)
        stored = (cell[0], _input(record), *self._resolver.pair(record))
        if record.revisable:
            return self._revision(placed, existing.get((stored, 0)))
        occurrence = 0
        if earlier is not None:
            if self._duplicates is Duplicates.FIRST:
                self._intake.n_left_out += 1
                return None
            if self._duplicates is not Duplicates.ALL:
                self._intake.refuse(record, self._twice(record, earlier))
                return None
            occurrence = self._seen.n_more(cell)
        there = existing.get((stored, occurrence))
        while there is not None and self._duplicates is Duplicates.ALL:
            occurrence += 1
            there = existing.get((stored, occurrence))
        if there is None or self._duplicates is Duplicates.LAST:
            return replace(placed, occurrence=occurrence, replaces=there)
        if self._duplicates is Duplicates.FIRST:
            self._intake.n_left_out += 1
        else:
            self._intake.refuse(
                record,
                f"{self._who(record)} judged “{record.left}” against “{record.right}” on “{record.item_key}” "
                f"already, in {there.file}: say --duplicates first to keep that judgment, or last to replace it.",
            )
        return None

    def _revision(self, placed: Placed, there: CurrentJudgments | None) -> Placed | None:
        """A file that says so itself: the later row of a judge for an input revises the earlier."""
        if placed.cell is None:
            return placed
        if there is not None and there.submitted_at > self._time(placed.record):
            self._intake.n_left_out += 1
            return None
        return replace(placed, replaces=there)

    def _who(self, record: JudgmentRecord) -> str:
        return f"“{self._automatic.name if self._automatic else record.judge}”"

    def _twice(self, record: JudgmentRecord, earlier: str) -> str:
        return (
            f"{self._who(record)} judges “{record.left}” against “{record.right}” on “{record.item_key}” here and "
            f"{earlier}: say --duplicates first, last or all."
        )

    def _existing(self, records: list[JudgmentRecord]) -> dict[tuple[StoredCell, int], CurrentJudgments]:
        """Judgments that stand from earlier imports, for the comparisons of these records."""
        comparisons = {pk for record in records if (pk := self._resolver.find(record)) is not None}
        return current_judgments_by_cell(self._campaign, automatic=self._automatic, comparisons=comparisons)

    def _time(self, record: JudgmentRecord) -> dt.datetime:
        # A file that gives no time: the time of the import, which exports know to leave out.
        if record.submitted_at:
            return read_time(record.submitted_at)
        return self._batches.of(record.source).created_at

    def _store(self, placed: list[Placed]) -> None:
        self._resolver.ensure([one.record for one in placed], self._intake)
        if self._automatic is None:
            self._intake.made(
                "judges",
                self._sources.ensure(
                    (one.record.judge, one.occurrence, "") for one in placed if one.record.judge is not None
                ),
            )
        # A revision needs the key of what it revises: revisions within a chunk come one after the other.
        waiting: list[Placed] = []
        pending: set[JudgmentCell] = set()
        for one in placed:
            if one.record.revisable and one.cell in pending:
                self._write(waiting)
                waiting, pending = [], set()
            waiting.append(one)
            if one.cell is not None:
                pending.add(one.cell)
        self._write(waiting)

    def _write(self, placed: list[Placed]) -> None:
        rows = Judgment.objects.bulk_create(self._judgment(one) for one in placed)
        for one, row in zip(placed, rows, strict=True):
            self._intake.added[one.record.source] += 1
            if one.record.revisable and one.cell is not None:
                self._tips[one.cell] = CurrentJudgments(
                    row.root_id or row.pk, row.pk, row.submitted_at, one.record.source
                )
                self._n_revisions += row.replaces_id is not None

    def _judgment(self, placed: Placed) -> Judgment:
        record = placed.record
        left, right = self._resolver.pair(record)
        replaces = placed.replaces
        if record.revisable and placed.cell in self._tips:
            replaces = self._tips[placed.cell]
        participant = None
        if self._automatic is None and record.judge is not None:
            participant = self._sources.pk(record.judge, placed.occurrence)
        return Judgment(
            comparison_id=self._resolver.comparison(record),
            participant_id=participant,
            automatic_judge=self._automatic,
            verdict=str(record.verdict),
            low_is_left=left < right,
            confidence=record.confidence,
            replaces_id=replaces.tip if replaces else None,
            root_id=replaces.root if replaces else None,
            submitted_at=self._time(record),
            import_batch=self._batches.of(record.source),
            row_key=placed.row_key,
            metadata=dict(record.metadata),
        )
