"""What runs in the process that reads an upload: no Django, no database, no secrets, and limits of its own.

`sandbox` starts it. It reads one request from its input, answers on its output, and ends; it ends at once when its
input closes, because whoever asked is gone then.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final, Literal, TypedDict

from hlv.core.tabular import RowSource, preview
from hlv.core.tabular.errors import MAX_ROW_ERRORS, FormatError, RowError
from hlv.importing.file_sets import PathAndName, open_files, order_of_files
from metaeval.formats.arrays import MAGIC, ListSource, list_source

ROWS_SHOWN: Final = 8
COLUMNS_SHOWN: Final = 24
# A choice among more columns is no help.
COLUMNS_NAMED: Final = 200
CHARACTERS_OF_A_CELL: Final = 2_000
# Of the limit, what the interpreter and its libraries take as files that are mapped, which no limit counts.
_MAPPED_BYTES: Final = 20_000_000
_SECONDS_BETWEEN_LOOKS: Final = 0.05
_SECONDS_UNTIL_KILLED: Final = 2
Limit = Literal["memory", "time", "rows"]


class FileToRead(TypedDict):
    """A file and what it is called; one that is not looked at is too large to be shown."""

    path: str
    name: str
    is_looked_at: bool


class Limits(TypedDict):
    """What reading may take."""

    memory_bytes: int
    cpu_seconds: int


class Request(TypedDict):
    """What is asked: to look at the first rows, or to check that all of them can be read; 0 rows means any number."""

    what: Literal["look", "check"]
    kind: str
    options: dict[str, Any]
    files: list[FileToRead]
    limits: Limits
    most_rows: int


class SeenError(TypedDict):
    """A row that cannot be read."""

    row: int
    column: str | None
    sentence: str
    source: str


class SeenTable(TypedDict):
    """The beginning of a table; long cells are cut."""

    what: Literal["table"]
    kind: str
    encoding: str
    delimiter: str | None
    columns: list[str]
    n_columns: int
    rows: list[tuple[int, list[str]]]
    errors: list[SeenError]
    n_rows: int
    all_counted: bool


class SeenNames(TypedDict):
    """The beginning of a list of names."""

    what: Literal["names"]
    noun: str
    names: list[str]
    n_names: int


class SeenFault(TypedDict):
    """Why a file cannot be read."""

    what: Literal["fault"]
    sentence: str


Seen = SeenTable | SeenNames | SeenFault


class Look(TypedDict):
    """What each file begins with, None where it is not shown, and in which order they belong together."""

    seen: list[Seen | None]
    order: list[int]
    order_fault: str


class Usage(TypedDict):
    """What reading took."""

    cpu_seconds: float
    peak_bytes: int


class Answer(TypedDict, total=False):
    """One of what was asked for, the limit that was met, and the place of a fault in the program."""

    look: Look
    limit: Limit
    fault: str
    used: Usage


class _OutOfTimeError(BaseException):
    """Of the system, not of the file: whoever handles faults on the way does not see it."""


class _TooManyRowsError(Exception):
    """More than may be imported at once."""


def main(request: Request) -> None:
    """Answer one request within its limits."""
    _limit(request["limits"])
    # openpyxl loads it where it is there: a third of its time and memory, for nothing that is read here.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    threading.Thread(target=_watch, args=(request["limits"]["memory_bytes"],), daemon=True).start()
    sys.excepthook = _tell_fault
    _say(_answer(request))


def _tell_fault(kind: type[BaseException], fault: BaseException, where: TracebackType | None) -> None:
    """A fault of the program, to whoever asked, without what the file holds."""
    place = traceback.extract_tb(where)[-1]
    _say({"fault": f"{kind.__name__} in {Path(place.filename).name}, line {place.lineno}"})


def _answer(request: Request) -> Answer:
    try:
        if request["what"] == "look":
            return {"look": _look(request)}
        _check(request)
    except MemoryError:
        return {"limit": "memory"}
    except _OutOfTimeError:
        return {"limit": "time"}
    except _TooManyRowsError:
        return {"limit": "rows"}
    return {}


def _limit(limits: Limits) -> None:
    # Pages come first.
    os.nice(5)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    # Where a system does not keep to it, the thread beside does.
    _lower(resource.RLIMIT_DATA, limits["memory_bytes"] - _MAPPED_BYTES)
    signal.signal(signal.SIGXCPU, _out_of_time)
    cpu_seconds = limits["cpu_seconds"]
    _lower(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + _SECONDS_UNTIL_KILLED)


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
        closed, _, _ = select.select([0], [], [], _SECONDS_BETWEEN_LOOKS)
        if closed and not os.read(0, 1):
            os._exit(1)
        if _peak_bytes() > memory_bytes:
            _say({"limit": "memory"})


def _say(answer: Answer) -> None:
    answer["used"] = _used()
    with os.fdopen(1, "wb", closefd=False) as stream:
        stream.write(json.dumps(answer).encode())
    # Nothing is left to be done, and to take a large heap apart would take long.
    os._exit(0)


def _used() -> Usage:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_seconds": used.ru_utime + used.ru_stime, "peak_bytes": _peak_bytes()}


def _peak_bytes() -> int:
    if sys.platform == "linux":
        # What `getrusage` says begins with the memory of the process that started this one.
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _look(request: Request) -> Look:
    files, kind, options = request["files"], request["kind"], request["options"]
    order, order_fault = list(range(len(files))), ""
    if len(files) > 1 or files[0]["is_looked_at"]:
        try:
            order = order_of_files(kind, options, [_named(file) for file in files])
        except FormatError as fault:
            order_fault = fault.sentence
    seen = [
        _seen(file, kind, options, is_first=place == order[0]) if file["is_looked_at"] else None
        for place, file in enumerate(files)
    ]
    return {"seen": seen, "order": order, "order_fault": order_fault}


def _named(file: FileToRead) -> PathAndName:
    return Path(file["path"]), file["name"]


def _seen(file: FileToRead, kind: str, options: Mapping[str, Any], *, is_first: bool) -> Seen | None:
    path, name = _named(file)
    try:
        if kind == "outputs":
            with path.open("rb") as stream:
                if stream.read(len(MAGIC)) == MAGIC:
                    return None
            if not is_first and (names := list_source(path, name)) is not None:
                return _seen_names(names)
        return _seen_table(path, name, options)
    except FormatError as fault:
        return {"what": "fault", "sentence": fault.sentence}


def _seen_table(path: Path, name: str, options: Mapping[str, Any]) -> SeenTable:
    table = preview(
        path, n=ROWS_SHOWN, encoding=options.get("encoding"), delimiter=options.get("delimiter"), name=name
    )
    shown = table.columns[:COLUMNS_SHOWN]
    return {
        "what": "table",
        "kind": str(table.kind),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "columns": list(table.columns[:COLUMNS_NAMED]),
        "n_columns": len(table.columns),
        "rows": [
            (row.number, [row.cells.get(column, "")[:CHARACTERS_OF_A_CELL] for column in shown])
            for row in table.rows
        ],
        "errors": [_seen_error(error) for error in table.errors],
        "n_rows": table.n_rows,
        "all_counted": table.all_counted,
    }


def _seen_error(error: RowError) -> SeenError:
    return {"row": error.row, "column": error.column, "sentence": error.sentence, "source": error.source}


def _seen_names(source: ListSource) -> SeenNames:
    names = source.names
    first = [name[:CHARACTERS_OF_A_CELL] for name in names[:ROWS_SHOWN]]
    return {"what": "names", "noun": source.noun, "names": first, "n_names": len(names)}


def _check(request: Request) -> None:
    """Read every row, as the import will; what it finds wrong in them is for the import to say."""
    files = [_named(file) for file in request["files"]]
    try:
        sources: Sequence[object] = open_files(request["kind"], request["options"], files)
        for source in sources:
            if isinstance(source, RowSource):
                _count(source, request["most_rows"])
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
