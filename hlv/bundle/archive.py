"""A bundle as one zip: the same files give the same bytes, whenever and by whomever it is packed."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

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
