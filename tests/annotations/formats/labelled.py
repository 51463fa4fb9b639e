"""Labelled files, written and read."""

import json
from pathlib import Path

from annotations.formats.records import AnnotationRecord, ReadLabelled
from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import RowError
from hlv.core.tabular.mapping import Mapping, Options
from tests.core.tabular.parsing import parse_labelled


def read(
    kind: str,
    folder: Path,
    content: object,
    *,
    name: str = "x.csv",
    maps: tuple[str, ...] = (),
    options: Options | None = None,
    format_name: str | None = None,
) -> list[ReadLabelled]:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    mapping = Mapping.parse(maps)
    return list(
        parse_labelled(kind, [open_rows(path)], mapping=mapping, options=options, format_name=format_name)
    )


def all_annotations(rows: list[ReadLabelled]) -> list[AnnotationRecord]:
    assert not [row for row in rows if not isinstance(row, AnnotationRecord)], rows
    return [row for row in rows if isinstance(row, AnnotationRecord)]


def answers(rows: list[ReadLabelled]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(row.item_key, row.annotator, row.labels) for row in all_annotations(rows)]


def one_error(rows: list[ReadLabelled]) -> RowError:
    (error,) = [row for row in rows if isinstance(row, RowError)]
    return error


MULTILABEL = Options(task="multilabel")
