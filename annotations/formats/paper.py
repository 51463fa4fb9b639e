"""The paper's annotations: JSONL with a line per annotation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from annotations.formats.items import (
    AnnotationRecord,
    ItemRecord,
    item_reader,
    make_answer,
    make_item,
    record_reader,
)
from annotations.formats.label_tables import checked_time, read_flags
from annotations.formats.labels import read_certainties, read_labels
from annotations.formats.paper_inputs import digest_key
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, cell_text
from hlv.core.tabular.errors import CellError
from hlv.core.tabular.mapping import CertaintyRange, Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, raw_cells

_ITEM_NAMES = ("item", "item_id", "id", "uid", "inputId", "input_id")
_ANNOTATOR_NAMES = ("annotator", "annotator_id", "annotatorId")
_TIME_NAMES = ("submitted_at", "timestamp")
_ANSWER_NAMES = frozenset({*_ITEM_NAMES, *_ANNOTATOR_NAMES, *_TIME_NAMES, "group", "flags", "lang"})


def _object(row: Row, column: str) -> dict[str, Json]:
    value = row.value(column)
    if not isinstance(value, dict):
        raise CellError(f"the {column} is no object.", column)
    return value


def _metadata(row: Row) -> dict[str, Json]:
    return {} if row.value("metadata") is None else _object(row, "metadata")


def _first(members: dict[str, Json], names: Sequence[str]) -> str:
    return next((cell_text(members[name]) for name in names if members.get(name) is not None), "")


def item_key(row: Row) -> str:
    """The id that the metadata name; without one, a digest of the input."""
    named = _first(_metadata(row), _ITEM_NAMES)
    if named:
        return named
    return digest_key(_object(row, "input"))


def _item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    yield make_item(
        item_key(row),
        list(_object(row, "input").items()),
        lang=_first(_metadata(row), ("lang",)),
        metadata={},
        row=row,
        source=source.name,
        column="input",
    )


def _annotation(row: Row, source: RowSource, options: Options) -> Iterable[AnnotationRecord]:
    """`class` or `verdict` is one label; `classes` are a set, with `confidences` beside it or by label."""
    metadata = _metadata(row)
    annotator = _first(metadata, _ANNOTATOR_NAMES)
    if not annotator.strip():
        raise CellError("the metadata name no annotator.", "metadata")
    key = item_key(row)
    labels, certainties = _answer(_object(row, "output"), options)
    yield make_answer(
        key,
        annotator,
        labels,
        row=row,
        source=source.name,
        certainties=certainties,
        flags=_flags(metadata.get("flags")),
        submitted_at=checked_time(_first(metadata, _TIME_NAMES), ("metadata",)),
        group=_first(metadata, ("group",)),
        metadata={name: cell_text(value) for name, value in metadata.items() if name not in _ANSWER_NAMES},
        cells=("row", *raw_cells(row)),
    )


def _answer(output: dict[str, Json], options: Options) -> tuple[tuple[str, ...], dict[str, float] | None]:
    scale = options.certainty_range or CertaintyRange()
    if "classes" in output:
        classes = output["classes"]
        if not isinstance(classes, list):
            raise CellError("the classes are no list.", "output")
        labels = read_labels(classes, options=options, column="output")
        if len(labels) != len(classes):
            raise CellError("a class stands twice in the list.", "output")
        return labels, read_certainties(output.get("confidences"), labels, scale=scale, column="output")
    one = output.get("class", output.get("verdict"))
    if one is None or isinstance(one, list | dict) or not cell_text(one).strip():
        raise CellError("the output has no class, classes or verdict.", "output")
    labels = (cell_text(one),)
    return labels, read_certainties(output.get("confidence"), labels, scale=scale, column="output")


def _flags(value: Json) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(dict.fromkeys(cell_text(member) for member in value))
    return read_flags(cell_text(value))


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    if not has_columns(source, "input", "output"):
        return False
    return all(isinstance(row.value("input"), dict) for row in source.head(3))


ITEMS = Format("paper", "The paper's JSONL", _sniff, item_reader(_item))
ANNOTATIONS = Format("paper", "The paper's JSONL", _sniff, record_reader(_annotation))
