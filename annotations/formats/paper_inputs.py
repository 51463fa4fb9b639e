"""The texts of the paper's inputs: `input.jsonl`, one line for each text with two options, and its list of options."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from annotations.formats.items import make_item, once_per_key
from annotations.formats.records import ItemRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.errors import RowError
from hlv.core.tabular.mapping import Mapping as ColumnMapping
from hlv.core.tabular.mapping import Options
from hlv.core.tabular.table_formats import Format, Part, has_columns, read_records, refuse_missing

# Where the list of options says which text an input is of, as ours does.
TEXT_COLUMNS = ("item", "item_id", "textId")


def is_options_list(source: RowSource) -> bool:
    return has_columns(source, "id", "optionA", "optionB") and not has_columns(source, "text")


def is_inputs(source: RowSource) -> bool:
    return has_columns(source, "id", "text", "optionA", "optionB")


OPTIONS_LIST = Part("metadata.csv", "the list of options, with columns id, optionA, optionB", is_options_list)
INPUTS = Part("input.jsonl", "the inputs, JSON lines with id, text, optionA, optionB", is_inputs)


def first_option(inputs: Sequence[RowSource]) -> dict[str, str]:
    """Of each input the first that has the same text: it stands for the text."""
    first: dict[bytes, str] = {}
    found: dict[str, str] = {}
    for source in inputs:
        for row in source:
            if not isinstance(row, RowError):
                text = hashlib.sha256(row.cells.get("text", "").encode()).digest()
                found[row.cells["id"]] = first.setdefault(text, row.cells["id"])
    return found


def text_key(listed: Row | None, input_id: str, firsts: Mapping[str, str]) -> str:
    """An input is a text with two options; where the files say which text, what is said of a text stands together."""
    named = [] if listed is None else [listed.cells[name] for name in TEXT_COLUMNS if listed.cells.get(name)]
    return named[0] if named else firsts.get(input_id, input_id)


PARTS = (INPUTS, replace(OPTIONS_LIST, is_needed=False))


def parse_items(
    sources: Sequence[RowSource], mapping: ColumnMapping, options: Options
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
        read = partial(_item, listed=listed, firsts=firsts, source=source.name)
        yield from read_records(source, read, source=source.name)


def _item(
    row: Row, *, listed: Mapping[str, Row], firsts: Mapping[str, str], source: str
) -> Iterable[ItemRecord]:
    input_id = row.cells["id"]
    key = text_key(listed.get(input_id), input_id, firsts)
    yield make_item(
        key, [("text", row.value("text"))], lang="", metadata={}, row=row, source=source, column="text"
    )


def _sniff(source: RowSource, mapping: ColumnMapping) -> bool:
    """Options that are lists: a table of questions with answers A and B has words there, and items in its rows."""
    if mapping.entries:
        return False
    if is_options_list(source):
        return True
    return is_inputs(source) and all(isinstance(row.value("optionA"), list) for row in source.head(3))


ITEMS = Format("paper-inputs", "The paper's inputs", _sniff, parse_items, parts=PARTS)
