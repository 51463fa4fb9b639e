"""Digests of files, and keys that make an import safe to run twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Of a whole file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def row_key(kind: str, source: str, cells: Sequence[str], occurrence: int) -> str:
    """The idempotency key of one record: the same file read again gives the same keys.

    Every part is preceded by its length, so that no two lists of cells run into one.
    """
    digest = hashlib.sha256()
    for part in (kind, source, *cells, str(occurrence)):
        encoded = part.encode()
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return digest.hexdigest()


class Occurrences:
    """How often identical cells came before: true repeats in a file keep their own keys."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def next(self, kind: str, source: str, cells: Sequence[str]) -> int:
        """0 for the first time, 1 for the second ..."""
        digest = bytes.fromhex(row_key(kind, source, cells, 0))[:12]
        occurrence = self._seen[digest]
        self._seen[digest] = occurrence + 1
        return occurrence

    def key(self, kind: str, source: str, cells: Sequence[str]) -> str:
        """The key of the next record with these cells."""
        return row_key(kind, source, cells, self.next(kind, source, cells))
