"""The paper's files: JSONL with a line per annotation, and inputs with a list of options."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from functools import partial

from annotations.formats.items import (
    AnnotationRecord,
    ItemRecord,
    item_reader,
    make_answer,
    make_item,
    once_per_key,
    record_reader,
)
from annotations.formats.label_tables import checked_time, read_flags
from annotations.formats.labels import read_certainties, read_labels
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, cell_text, json_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Mapping, Options
from hlv.core.tabular.table_formats import Format, Part, has_columns, raw_cells, read_records, refuse_missing

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
    return "input/" + hashlib.sha256(json_text(_object(row, "input")).encode()).hexdigest()[:16]


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


# Where the list of options says which text an input is of, as ours does.
TEXT_COLUMNS = ("item", "item_id", "textId")


def is_options_list(source: RowSource) -> bool:
    return has_columns(source, "id", "optionA", "optionB") and not has_columns(source, "text")


def is_inputs(source: RowSource) -> bool:
    return has_columns(source, "id", "text", "optionA", "optionB")


OPTIONS_LIST = Part("metadata.csv", "the list of options, with columns id, optionA, optionB", is_options_list)
INPUTS = Part("input.jsonl", "the inputs, JSON lines with id, text, optionA, optionB", is_inputs)


def first_option(inputs: Sequence[RowSource]) -> dict[str, str]:
    """For each input the first one with the same text, whose id is the text's."""
    first: dict[bytes, str] = {}
    found: dict[str, str] = {}
    for source in inputs:
        for row in source:
            if not isinstance(row, RowError):
                text = hashlib.sha256(row.cells.get("text", "").encode()).digest()
                found[row.cells["id"]] = first.setdefault(text, row.cells["id"])
    return found


def text_key(listed: Row | None, input_id: str, firsts: MappingOf[str, str]) -> str:
    """The key of an input's text: as the files give it, else the first input with this text."""
    named = [] if listed is None else [listed.cells[name] for name in TEXT_COLUMNS if listed.cells.get(name)]
    return named[0] if named else firsts.get(input_id, input_id)


PARTS = (INPUTS, replace(OPTIONS_LIST, is_needed=False))


def parse_inputs(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[ItemRecord | RowError]:
    """Each text once, under the id that judgments and outputs of the same files name it by.

    Raises
    ------
    FormatError
        The inputs are not among the files.
    """
    refuse_missing(PARTS, sources)
    inputs = [source for source in sources if is_inputs(source)]
    return once_per_key(_all_items(inputs, [source for source in sources if is_options_list(source)]))


def _all_items(inputs: Sequence[RowSource], lists: Sequence[RowSource]) -> Iterator[ItemRecord | RowError]:
    listed: dict[str, Row] = {}
    for row in (row for source in lists for row in source):
        if isinstance(row, RowError):
            yield row
        else:
            listed[row.cells["id"]] = row
    firsts = first_option(inputs)
    for source in inputs:
        read = partial(_paper_inputs_item, listed=listed, firsts=firsts, source=source.name)
        yield from read_records(source, read, source=source.name)


def _paper_inputs_item(
    row: Row, *, listed: MappingOf[str, Row], firsts: MappingOf[str, str], source: str
) -> Iterable[ItemRecord]:
    input_id = row.cells["id"]
    key = text_key(listed.get(input_id), input_id, firsts)
    yield make_item(
        key, [("text", row.value("text"))], lang="", metadata={}, row=row, source=source, column="text"
    )


def _paper_inputs_sniff(source: RowSource, mapping: Mapping) -> bool:
    """Options that are lists: a table of questions with answers A and B has words there, and items in its rows."""
    if mapping.entries:
        return False
    if is_options_list(source):
        return True
    return is_inputs(source) and all(isinstance(row.value("optionA"), list) for row in source.head(3))


INPUTS_FORMAT = Format("paper-inputs", "The paper's inputs", _paper_inputs_sniff, parse_inputs, parts=PARTS)
