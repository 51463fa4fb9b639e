"""Options and reports of imports: shared by labels, outputs, judgments and scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from hlv.core.rendering.numbers import counted
from hlv.core.tabular import RowSource
from hlv.core.tabular.errors import MAX_ROW_ERRORS, FormatError, RowError, cut_quotes, sorted_by_row
from hlv.core.tabular.mapping import CertaintyRange, Mapping

CHUNK_ROWS = 1000


class Duplicates(StrEnum):
    """What becomes of two rows of one annotator or judge for one input."""

    ERROR = "error"
    FIRST = "first"
    LAST = "last"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Options of any import.

    Attributes
    ----------
    names
        Method names of the file, where the study spells them otherwise: {name in the file: name in the study}.
    """

    format_name: str | None = None
    mapping: Mapping = field(default_factory=Mapping)
    duplicates: Duplicates = Duplicates.ERROR
    strict: bool = False
    dry_run: bool = False
    certainty_range: CertaintyRange | None = None
    dataset: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    names: MappingOf[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """What decides how a file is understood: the same file with the same options gives the same rows."""
        given: dict[str, object] = {
            "format": self.format_name,
            "map": [f"{','.join(entry.fields)}={entry.target}" for entry in self.mapping.entries],
            "duplicates": str(self.duplicates),
            "certainty_range": f"{self.certainty_range.low:g}:{self.certainty_range.high:g}"
            if self.certainty_range
            else None,
            "dataset": self.dataset,
            "names": dict(self.names),
        }
        return {key: value for key, value in given.items() if value}


class ImportRefusedError(ValueError):
    """Nothing was imported; the sentence says why, and `errors` which rows are at fault."""

    def __init__(self, sentence: str, errors: Iterable[RowError] = ()) -> None:
        self.sentence = cut_quotes(sentence)
        super().__init__(self.sentence)
        self.errors = sorted_by_row(errors)


def refuse_unreadable(sources: Iterable[RowSource]) -> None:
    """Raise `ImportRefusedError` for a file none of whose first rows can be read, before its columns are asked for."""
    for source in sources:
        first = None if source.head(1) else next(iter(source), None)
        if isinstance(first, RowError):
            raise ImportRefusedError(f"Nothing was imported: {first}", [first])


class Placed(Protocol):
    """A record with its file and row."""

    @property
    def source(self) -> str: ...
    @property
    def row(self) -> int: ...


SourcedRecord = TypeVar("SourcedRecord", bound=Placed)


@dataclass(slots=True)
class Intake:
    """What was read, added, known already and wrong, as an import goes along.

    `rows` and `added` count by file; `created` counts what an import made besides its rows.
    """

    rows: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    n_known: int = 0
    n_left_out: int = 0
    # What a person calls the rows, where that is not the kind of the import.
    unit: str = ""
    notes: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, record: Placed, sentence: str, *, column: str | None = None) -> None:
        """Keep an error of one row; the import goes on, to find the others, and stores nothing."""
        self._keep(RowError(record.row, column, sentence, record.source))

    def records(self, rows: Iterable[SourcedRecord | RowError]) -> Iterator[SourcedRecord]:
        """The good rows; faulty ones are kept as errors.

        Raises
        ------
        ImportRefusedError
            The file cannot be read on, or too many rows are faulty.
        """
        try:
            for row in rows:
                self.rows[row.source] += 1
                if isinstance(row, RowError):
                    self._keep(row)
                else:
                    yield row
        except FormatError as error:
            known = {id(kept) for kept in self.errors}
            self.errors.extend(found for found in error.errors if id(found) not in known)
            raise ImportRefusedError(error.sentence, self.errors) from error

    def chunks(self, rows: Iterable[SourcedRecord | RowError]) -> Iterator[list[SourcedRecord]]:
        """The good rows, a thousand at a time: memory stays flat and statements stay few."""
        chunk: list[SourcedRecord] = []
        for record in self.records(rows):
            chunk.append(record)
            if len(chunk) == CHUNK_ROWS:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def made(self, what: str, n: int) -> None:
        """Count what an import made besides its rows."""
        if n:
            self.created[what] += n

    def check(self) -> None:
        """Raise `ImportRefusedError` where any row was refused."""
        if self.errors:
            first = self.errors[0]
            others = len(self.errors) - 1
            more = f" {others} more {'row is' if others == 1 else 'rows are'} at fault." if others else ""
            raise ImportRefusedError(f"Nothing was imported: {first}{more}", self.errors)

    @property
    def n_rows(self) -> int:
        return self.rows.total()

    @property
    def n_added(self) -> int:
        return self.added.total()

    def _keep(self, error: RowError) -> None:
        self.errors.append(error)
        if len(self.errors) >= MAX_ROW_ERRORS:
            raise ImportRefusedError(
                f"Nothing was imported: {self.errors[0]} Reading stopped after {MAX_ROW_ERRORS} faulty rows: so "
                "many often mean a wrong column mapping or format.",
                self.errors,
            )


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do in a dry run."""

    kind: str
    unit: str
    n_rows: int
    n_added: int
    n_known: int
    n_left_out: int
    created: dict[str, int]
    notes: tuple[str, ...]
    imports: tuple[str, ...]
    reinstated: int = 0
    dry_run: bool = False

    def as_json(self) -> dict[str, object]:
        return {
            "kind": str(self.kind),
            "n_rows": self.n_rows,
            "n_added": self.n_added,
            "n_known": self.n_known,
            "n_left_out": self.n_left_out,
            "created": self.created,
            "notes": list(self.notes),
            "imports": list(self.imports),
            "reinstated": self.reinstated,
            "dry_run": self.dry_run,
        }

    @property
    def sentence(self) -> str:
        """For a person."""
        would = "would be " if self.dry_run else ""
        if self.n_added == 0:
            back = ", and the import that had been withdrawn stands again" if self.reinstated else ""
            known = "the one record is" if self.n_rows == 1 else f"all {counted(self.n_rows, 'records')} are"
            return f"Nothing new: {known} known already{back}."
        parts = [f"{counted(self.n_added, self.unit)} {would}added from {counted(self.n_rows, 'records')}"]
        if self.n_known:
            parts.append(f"{self.n_known} known already")
        if self.n_left_out:
            parts.append(f"{self.n_left_out} left out by the rule for duplicates")
        parts.extend(f"{counted(n, what)} {would}created" for what, n in sorted(self.created.items()))
        return "; ".join(parts) + "."
