"""The folder of a bundle, and its checksums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hlv.core.tabular.fingerprints import file_sha256
from hlv.core.tabular.writing import csv_text

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
        if isinstance(pieces, bytes):
            path.write_bytes(pieces)
        else:
            with path.open("w", encoding="utf-8", newline="") as stream:
                stream.writelines(pieces)
        if path.stat().st_size == 0:
            path.unlink()
            return
        self.described[name] = about

    def table(self, name: str, header: Iterable[str], rows: Iterator[Any], *, about: str) -> None:
        """A CSV table; without any row no file."""
        first = next(rows, None)
        if first is not None:
            self.write(name, csv_text(list(header), _with_first(first, rows)), about=about)

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


def _with_first(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
