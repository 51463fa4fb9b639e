"""Files and folders that only their owner reads."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def close_file_to_others(file: Path) -> None:
    """A database or a key that an older version, or a copy, left readable to other people of this machine."""
    if file.is_file() and file.stat().st_uid == os.getuid() and file.stat().st_mode & 0o077:
        file.chmod(0o600)


def close_folder_to_others(folder: Path) -> None:
    """A folder that was there before, such as a mounted one; never one that all share, such as /tmp."""
    if not folder.is_dir():
        return
    found = folder.stat()
    if found.st_uid == os.getuid() and found.st_mode & 0o077 and not found.st_mode & stat.S_ISVTX:
        folder.chmod(0o700)


def write_whole(path: Path, text: str) -> None:
    """All of it or nothing, and never over what another process wrote at this moment."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
