"""Files that people bring are read in a process of their own, which may take only so much memory and time.

What a file holds is not known before it is read, and a small one may hold what takes gigabytes or minutes. So the
process that answers pages never reads one: it starts `sandboxed_reader`, which does, and is told what was seen or
which limit was met. That process inherits nothing but where the files lie: no setting, no secret, no connection.
"""

from __future__ import annotations

import logging
import math
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

import hlv
from hlv.core.tabular.errors import FormatError
from hlv.importing.file_sets import PathAndName, ReadingChoices
from hlv.importing.sandboxed_reader import Answer, FileToRead, Limit, Limits, Previews, Request

logger = logging.getLogger(__name__)

# Reading keeps one processor busy, and its seconds are what is limited; the clock is for a machine that has none to give.
WALL_SECONDS_PER_CPU_SECOND: Final = 15
SECONDS_WAITED_FOR_A_PLACE: Final = 2.0
SECONDS_UNTIL_TRIED_AGAIN: Final = 5
MEGABYTE: Final = 1_000_000
# What a reader answers is small; more is no answer.
_MOST_BYTES_OF_AN_ANSWER: Final = 16 * MEGABYTE
_SECONDS_BETWEEN_REPORTS: Final = 0.5
# Files of less than this are taken up in a moment, whatever text they hold.
_CHECKED_FROM_BYTES: Final = 40_000
_BYTES_PER_IMPORT_LIMIT: Final = 200 * MEGABYTE
# Zip, which workbooks are, and Parquet: their size says nothing of their content.
_PACKED: Final = (b"PK", b"PA")
# Arenas and pools of memory would count against the limit before they are used.
_OF_READERS: Final = {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
_SOURCE: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.buffer.readline()); "
    "from hlv.importing.sandboxed_reader import main; main(sys.stdin.buffer.readline())"
)
_INHERITED: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")

OnWait = Callable[[], None]


class ReaderBusyError(Exception):
    """As many files are being read as may be at once; later there is a place."""


class _Places:
    """How many files are read at once in this process, one for each person, and few who wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: set[Hashable] = set()
        self._n_waiting = 0

    @contextmanager
    def take(self, person: Hashable) -> Iterator[None]:
        """Raises `ReaderBusyError` where there is no place soon."""
        with self._changed:
            if not self._is_free_for(person):
                self._wait_for(person)
            self._taken.add(person)
        try:
            yield
        finally:
            with self._changed:
                self._taken.discard(person)
                self._changed.notify_all()

    def _is_free_for(self, person: Hashable) -> bool:
        return person not in self._taken and len(self._taken) < settings.PREVIEWS_AT_ONCE

    def _wait_for(self, person: Hashable) -> None:
        # Whoever waits keeps a thread from answering others.
        if self._n_waiting >= settings.PREVIEWS_AT_ONCE:
            raise ReaderBusyError
        self._n_waiting += 1
        try:
            if not self._changed.wait_for(lambda: self._is_free_for(person), SECONDS_WAITED_FOR_A_PLACE):
                raise ReaderBusyError
        finally:
            self._n_waiting -= 1


_places = _Places()


def read_previews(
    files: Sequence[FileToRead], *, kind: str, choices: ReadingChoices, person: Hashable
) -> Previews:
    """The first rows of files, for a page.

    Raises
    ------
    FormatError
        They take more memory or time than a page may spend on them.
    ReaderBusyError
        Others' files are being read.
    """
    limits = Limits(settings.PREVIEW_MEMORY_MB * MEGABYTE, settings.PREVIEW_SECONDS)
    with _places.take(person):
        answer = _answer(Request("preview", kind, choices, list(files), limits))
    if answer.previews is None:
        raise RuntimeError("A reader answered a request for previews without any.")
    return answer.previews


def check(
    files: Sequence[PathAndName],
    *,
    kind: str,
    choices: ReadingChoices,
    most_rows: int = 0,
    on_wait: OnWait = lambda: None,
) -> None:
    """Read files to their end, to know that an import can: whoever imports would otherwise be killed by them.

    What is wrong with rows is left to the import. `on_wait` is called twice a second; what it raises ends the check.

    Raises
    ------
    FormatError
        They take more memory or time, or have more rows, than an import may.
    """
    there = [path for path, _name in files if path.is_file()]
    n_bytes = sum(path.stat().st_size for path in there)
    if n_bytes < _CHECKED_FROM_BYTES and not any(_is_packed(path) for path in there):
        return
    # A command may be given files of any size.
    cpu_seconds = settings.IMPORT_SECONDS * max(1, math.ceil(n_bytes / _BYTES_PER_IMPORT_LIMIT))
    limits = Limits(settings.IMPORT_MEMORY_MB * MEGABYTE, cpu_seconds)
    to_read = [FileToRead(str(path.absolute()), name) for path, name in files]
    _answer(Request("check", kind, choices, to_read, limits, most_rows), on_wait)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) in _PACKED


def _answer(request: Request, on_wait: OnWait = lambda: None) -> Answer:
    """Raises `FormatError` where there is none."""
    answer = _run(request, on_wait)
    if answer.usage is not None:
        logger.info(
            "a reader took %.2f s and %.0f MB",
            answer.usage.cpu_seconds,
            answer.usage.peak_bytes / MEGABYTE,
            extra=msgspec.structs.asdict(answer.usage),
        )
    names = ", ".join(file.name for file in request.files)
    if answer.fault:
        logger.error("a file could not be read: %s", answer.fault)
        raise FormatError(
            _("%(names)s: a fault in the program ended the reading. The log of the server has its place.")
            % {"names": names}
        )
    if answer.limit is not None:
        raise FormatError(_refusal(answer.limit, names, request))
    return answer


def _refusal(limit: Limit, names: str, request: Request) -> str:
    if limit == "rows":
        sentence = _("%(names)s: more than %(n)s rows. Split the file, or have it imported with hlv import.")
        n = request.most_rows
    elif limit == "memory":
        sentence = _(
            "%(names)s: reading takes more memory than the limit of %(n)s MB. Save it as CSV or JSONL, or split it."
        )
        n = request.limits.memory_bytes // MEGABYTE
    else:
        sentence = _(
            "%(names)s: reading takes longer than the limit of %(n)s s. Save it as CSV or JSONL, or split it."
        )
        n = request.limits.cpu_seconds
    return sentence % {"names": names, "n": f"{n:,}"}


def _run(request: Request, on_wait: OnWait) -> Answer:
    reader = subprocess.Popen(  # noqa: S603  our own interpreter and program
        # Nothing of the user's: no PYTHON* variable, no folder of theirs on the path, no start-up file.
        [sys.executable, "-I", "-S", "-X", "utf8", "-W", "ignore", "-c", _SOURCE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={name: os.environ[name] for name in _INHERITED if name in os.environ} | _OF_READERS,
    )
    try:
        return _exchange(reader, request, on_wait)
    finally:
        reader.kill()
        for pipe in (reader.stdin, reader.stdout):
            if pipe is not None:
                # It may hold what was not taken any more.
                _close(pipe)
        reader.wait()


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return


def _exchange(reader: subprocess.Popen[bytes], request: Request, on_wait: OnWait) -> Answer:
    wall_seconds = request.limits.cpu_seconds * WALL_SECONDS_PER_CPU_SECOND
    deadline = time.monotonic() + wall_seconds
    if reader.stdin is None or reader.stdout is None:
        raise RuntimeError("The pipes of a reader are always asked for.")
    try:
        reader.stdin.write(msgspec.json.encode(_search_path()) + b"\n" + msgspec.json.encode(request) + b"\n")
        reader.stdin.flush()
    except BrokenPipeError:
        return _death(reader)
    received = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(reader.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(min(left, _SECONDS_BETWEEN_REPORTS)):
                on_wait()
                continue
            piece = os.read(reader.stdout.fileno(), 1 << 16)
            received += piece
            if not piece:
                return _parsed(received) or _death(reader)
            if len(received) > _MOST_BYTES_OF_AN_ANSWER:
                return Answer(fault="an answer without end")
    return Answer(limit="time")


def _parsed(received: bytearray) -> Answer | None:
    try:
        return msgspec.json.decode(received, type=Answer)
    except msgspec.DecodeError:
        return None


def _death(reader: subprocess.Popen[bytes]) -> Answer:
    """What a reader without an answer died of."""
    code = reader.wait()
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        # The system ends at once what does not heed its limit of time.
        return Answer(limit="time")
    if code < 0:
        return Answer(limit="memory")
    return Answer(fault=f"a reader ended with code {code}")


def _search_path() -> list[str]:
    """Where this process finds its modules, without folders that depend on where somebody stands."""
    root = str(Path(hlv.__file__).resolve().parents[1])
    return [root, *(place for place in sys.path if Path(place).is_absolute())]
