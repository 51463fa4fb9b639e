"""What runs in the process that reads an upload: no Django, no database, no secrets, and limits of its own.

`sandbox` starts it. It reads one request from its input, answers on its output, and ends; it ends at once when its
input closes, because whoever asked is gone then.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Literal

import msgspec

from hlv.core.tabular import Row, RowSource, TableKind, open_rows
from hlv.core.tabular.errors import MAX_ROW_ERRORS, FormatError, RowError
from hlv.importing.file_sets import (
    PathAndName,
    ReadingChoices,
    ignored_columns,
    open_files,
    order_of_files,
)
from metaeval.formats.arrays import MAGIC, ListSource, list_source

ROWS_SHOWN: Final = 8
COLUMNS_SHOWN: Final = 24
# A choice among more columns is no help.
COLUMNS_NAMED: Final = 200
CHARACTERS_OF_A_CELL: Final = 2_000
# A person who looks at a file waits for this.
_COUNTED_ROWS: Final = 10_000
_COUNTED_CELLS: Final = 2_000_000
# Of the limit, what the interpreter and its libraries take as files that are mapped, which no limit counts.
_MAPPED_BYTES: Final = 20_000_000
_SECONDS_BETWEEN_CHECKS: Final = 0.05
_SECONDS_UNTIL_KILLED: Final = 2
Limit = Literal["memory", "time", "rows"]


class FileToRead(msgspec.Struct, frozen=True):
    """A file and its name; a large one has no preview."""

    path: str
    name: str
    has_preview: bool = False

    @property
    def place(self) -> PathAndName:
        return Path(self.path), self.name


class Limits(msgspec.Struct, frozen=True):
    """What reading may take."""

    memory_bytes: int
    cpu_seconds: int


class Request(msgspec.Struct, frozen=True):
    """A preview of the first rows, or a check that all can be read; 0 rows means any number."""

    task: Literal["preview", "check"]
    kind: str
    choices: ReadingChoices
    files: list[FileToRead]
    limits: Limits
    most_rows: int = 0


class PreviewedTable(msgspec.Struct, frozen=True, tag="table"):
    """The first rows of a table; long cells are cut."""

    kind: TableKind
    encoding: str
    delimiter: str | None
    columns: list[str]
    n_columns: int
    rows: list[tuple[int, list[str]]]
    errors: list[RowError]
    # With faulty rows; without `all_counted` there are more.
    n_rows: int
    all_counted: bool
    # By the first rows: columns of a table of scores without numbers.
    ignored: list[str] = []


class PreviewedNames(msgspec.Struct, frozen=True, tag="names"):
    """The first names of a list."""

    noun: str
    names: list[str]
    n_names: int


class UnreadableFile(msgspec.Struct, frozen=True, tag="unreadable"):
    """Why a file cannot be read."""

    sentence: str


FilePreview = PreviewedTable | PreviewedNames | UnreadableFile


class Previews(msgspec.Struct, frozen=True):
    """A preview of each file, or None, and the order of the files."""

    files: list[FilePreview | None]
    order: list[int]
    order_fault: str = ""


class Usage(msgspec.Struct, frozen=True):
    """What reading took."""

    cpu_seconds: float
    peak_bytes: int


class Answer(msgspec.Struct):
    """The previews, or the limit that was exceeded, or the place of a fault in the program."""

    previews: Previews | None = None
    limit: Limit | None = None
    fault: str = ""
    usage: Usage | None = None


class _OutOfTimeError(BaseException):
    """Of the system, not of the file: whoever handles faults on the way does not see it."""


class _TooManyRowsError(Exception):
    """More than may be imported at once."""


def main(message: bytes) -> None:
    """Answer one request within its limits."""
    request = msgspec.json.decode(message, type=Request)
    _set_limits(request.limits)
    # openpyxl loads it where it is there: a third of its time and memory, for nothing that is read here.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    threading.Thread(target=_watch, args=(request.limits.memory_bytes,), daemon=True).start()
    sys.excepthook = _report_fault
    _send(_answer(request))


def _report_fault(kind: type[BaseException], _fault: BaseException, where: TracebackType | None) -> None:
    """The place of a fault of the program, without the content of the file."""
    if issubclass(kind, MemoryError):
        # Also where the answer to one lacked memory again.
        _send(Answer(limit="memory"))
        return
    place = traceback.extract_tb(where)[-1]
    _send(Answer(fault=f"{kind.__name__} in {Path(place.filename).name}, line {place.lineno}"))


def _answer(request: Request) -> Answer:
    try:
        if request.task == "preview":
            return Answer(previews=_previews(request))
        _check(request)
    except MemoryError:
        return Answer(limit="memory")
    except _OutOfTimeError:
        return Answer(limit="time")
    except _TooManyRowsError:
        return Answer(limit="rows")
    return Answer()


def _set_limits(limits: Limits) -> None:
    # Pages come first.
    os.nice(5)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    # Where a system ignores this limit, the thread of `_watch` keeps it.
    _lower(resource.RLIMIT_DATA, limits.memory_bytes - _MAPPED_BYTES)
    signal.signal(signal.SIGXCPU, _out_of_time)
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + _SECONDS_UNTIL_KILLED)


def _lower(what: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, or leave the one there is where the system has a lower one."""
    _, highest = resource.getrlimit(what)
    hard = soft if hard is None else hard
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    resource.setrlimit(what, (soft, hard))


def _out_of_time(number: int, frame: FrameType | None) -> None:
    raise _OutOfTimeError


def _watch(memory_bytes: int) -> None:
    """End when nobody waits for an answer any more, or too much memory is taken."""
    while True:
        closed, _, _ = select.select([0], [], [], _SECONDS_BETWEEN_CHECKS)
        if closed and not os.read(0, 1):
            os._exit(1)
        if _peak_bytes() > memory_bytes:
            _send(Answer(limit="memory"))


def _send(answer: Answer) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer.usage = Usage(used.ru_utime + used.ru_stime, _peak_bytes())
    with os.fdopen(1, "wb", closefd=False) as stream:
        stream.write(msgspec.json.encode(answer))
    # Freeing a large heap would take long.
    os._exit(0)


def _peak_bytes() -> int:
    if sys.platform == "linux":
        # What `getrusage` says begins with the memory of the process that started this one.
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _previews(request: Request) -> Previews:
    files = request.files
    order, order_fault = list(range(len(files))), ""
    if len(files) > 1 or files[0].has_preview:
        try:
            order = order_of_files(request.kind, request.choices, [file.place for file in files])
        except FormatError as fault:
            order_fault = fault.sentence
    previews = [
        _preview(file, request, is_first=number == order[0]) if file.has_preview else None
        for number, file in enumerate(files)
    ]
    return Previews(previews, order, order_fault)


def _preview(file: FileToRead, request: Request, *, is_first: bool) -> FilePreview | None:
    path, name = file.place
    try:
        if request.kind == "outputs":
            with path.open("rb") as stream:
                if stream.read(len(MAGIC)) == MAGIC:
                    return None
            if not is_first and (names := list_source(path, name)) is not None:
                return _previewed_names(names)
        return previewed_table(path, name, request.choices, kind=request.kind)
    except FormatError as fault:
        return UnreadableFile(fault.sentence)


def previewed_table(path: Path, name: str, choices: ReadingChoices, *, kind: str = "") -> PreviewedTable:
    """The first rows with what was detected. Raises `FormatError` where the file is no table."""
    encoding, delimiter = choices.encoding or None, choices.delimiter or None
    table = open_rows(path, encoding=encoding, delimiter=delimiter, name=name)
    columns, rows = table.columns, iter(table)
    first = list(islice(rows, ROWS_SHOWN))
    n_more, all_counted = _number(rows, up_to=min(_COUNTED_ROWS, _COUNTED_CELLS // max(1, len(columns))))
    return PreviewedTable(
        kind=table.kind,
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=list(columns[:COLUMNS_NAMED]),
        n_columns=len(columns),
        rows=[
            (
                row.number,
                [row.cells.get(column, "")[:CHARACTERS_OF_A_CELL] for column in columns[:COLUMNS_SHOWN]],
            )
            for row in first
            if isinstance(row, Row)
        ],
        errors=[row for row in first if isinstance(row, RowError)],
        n_rows=len(first) + n_more,
        all_counted=all_counted,
        ignored=ignored_columns(kind, choices, table)[:COLUMNS_NAMED],
    )


def _number(rows: Iterator[Row | RowError], *, up_to: int) -> tuple[int, bool]:
    """How many are left, and whether that is all of them: a long or broken file is not read to its end."""
    n = 0
    try:
        for _row in rows:
            if n == up_to:
                return n, False
            n += 1
    except FormatError:
        return n, False
    return n, True


def _previewed_names(source: ListSource) -> PreviewedNames:
    first = [name[:CHARACTERS_OF_A_CELL] for name in source.names[:ROWS_SHOWN]]
    return PreviewedNames(source.noun, first, len(source.names))


def _check(request: Request) -> None:
    """Read every row, as the import will; the import reports what is wrong in them."""
    try:
        sources = open_files(request.kind, request.choices, [file.place for file in request.files])
        for source in sources:
            if isinstance(source, RowSource):
                _count(source, request.most_rows)
    except FormatError:
        return


def _count(source: RowSource, most_rows: int) -> None:
    n_errors = 0
    for number, row in enumerate(source, start=1):
        if most_rows and number > most_rows:
            raise _TooManyRowsError
        n_errors += isinstance(row, RowError)
        if n_errors >= MAX_ROW_ERRORS:
            # Here the import stops, too.
            return
