"""Small files as people bring them, and what a database holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_rows(path: Path, *rows: Sequence[str]) -> Path:
    """A CSV of cells that need no quotes."""
    return write_text(path, "".join(",".join(row) + "\n" for row in rows))


def write_jsonl(path: Path, values: Iterable[Any]) -> Path:
    return write_text(path, "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values))


def rows_of_all_tables() -> dict[str, int]:
    """How many rows every table has: the same before and after means that nothing was written."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }
