"""Tables written to a folder, and what is read of them."""

from pathlib import Path

from hlv.core.tabular import (
    Row,
    RowSource,
)
from hlv.core.tabular.errors import RowError


def write(folder: Path, name: str, content: str | bytes, *, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows_of(source: RowSource) -> list[Row]:
    rows = list(source)
    assert not [row for row in rows if isinstance(row, RowError)]
    return [row for row in rows if isinstance(row, Row)]


def errors_of(source: RowSource) -> list[RowError]:
    return [row for row in source if isinstance(row, RowError)]
