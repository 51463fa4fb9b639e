"""The folder of a bundle, and its checksums."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final, TextIO
from zoneinfo import ZoneInfo

from django.utils import timezone

from annotations.models import Study
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.writing import CellValue, csv_text, file_sha256

CHECKSUMS = "SHA256SUMS"
README = "README.txt"


@dataclass
class Bundle:
    """A folder being filled; empty tables leave no file."""

    folder: Path
    described: dict[str, str] = field(default_factory=dict)
    has_base_models: bool = False

    def write(self, name: str, pieces: Iterable[str] | bytes, *, about: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(pieces, bytes):
            with self.open(name, about=about) as stream:
                stream.writelines(pieces)
            return
        if pieces:
            path.write_bytes(pieces)
            self.described[name] = about

    @contextmanager
    def open(self, name: str, *, about: str) -> Iterator[TextIO]:
        """A file to write piece by piece; an empty one goes with the block."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        if path.stat().st_size == 0:
            path.unlink()
            return
        self.described[name] = about

    def discard(self, name: str) -> None:
        """Take a file away again."""
        (self.folder / name).unlink()
        del self.described[name]

    def table(
        self, name: str, header: Sequence[str], rows: Iterator[Sequence[CellValue]], *, about: str
    ) -> None:
        """A CSV table; without any row no file."""
        first = next(rows, None)
        if first is not None:
            self.write(name, csv_text(header, chain([first], rows)), about=about)

    def free_name(self, folder: str, stem: str, suffix: str) -> str:
        """Names that differ only in signs must not overwrite one another."""
        taken, number = f"{folder}/{stem}.{suffix}", 1
        while taken in self.described:
            number += 1
            taken = f"{folder}/{stem}~{number}.{suffix}"
        return taken

    def checksums(self) -> str:
        """Lines as `sha256sum --check` reads them."""
        return "".join(
            f"{file_sha256(self.folder / name)}  {name}\n" for name in sorted([*self.described, README])
        )


def file_name(name: str) -> str:
    """Letters and digits of any script; anything else becomes a hyphen."""
    return re.sub(r"\W+", "-", name).strip("-")[:80] or "unnamed"


# The earliest that a zip can say; the files tell their own time.
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_UNIX: Final = 3
_LEVEL: Final = 6
_CHUNK: Final = 1 << 20


def pack(
    folder: Path,
    names: Sequence[str],
    target: Path,
    *,
    within: str,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> str:
    """Write the files of a folder under one name within the zip; its SHA-256."""
    ordered = sorted(names)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for done, name in enumerate(ordered, start=1):
            entry = zipfile.ZipInfo(f"{within}/{name}", date_time=_ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE
            entry.create_system = _UNIX
            path = folder / name
            # The size decides how it is written, where nothing of it is known before.
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as stream:
                shutil.copyfileobj(source, stream, _CHUNK)
            progress(done, len(ordered))
    with target.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
