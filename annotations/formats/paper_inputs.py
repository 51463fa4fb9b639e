"""The inputs of the paper: `input.jsonl`, a text with two options in each line, and `metadata.csv`, their list.

A text is an item. Its key is the id that a file names, or else a digest of the text, so that the files which are
imported together do not change it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from annotations.formats.items import ItemRecord, make_item, once_per_key
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, json_text
from hlv.core.tabular.errors import CellError, FormatError, RowError
from hlv.core.tabular.mapping import Mapping, Options
from hlv.core.tabular.table_formats import Format, Part, has_columns, read_records, refuse_missing

# Columns of our own list of options that name the text.
TEXT_COLUMNS = ("item", "item_id", "textId")
# The method whose outputs are the human distribution, in lists with the columns method and trueHLV.
HUMAN = "human"


DIGEST_PREFIX = "input/"


def digest_key(members: MappingOf[str, Json]) -> str:
    """The key of an input that no file names: a digest of its texts."""
    return DIGEST_PREFIX + hashlib.sha256(json_text(dict(members)).encode()).hexdigest()[:16]


def digest_of_texts(texts: Sequence[tuple[str, str]]) -> str:
    """The key that the paper's files give to an item with these texts; one text alone may have any name."""
    return digest_key({"text": texts[0][1]} if len(texts) == 1 else dict(texts))


def _lists_methods(source: RowSource) -> bool:
    return has_columns(source, "id", "optionA", "optionB")


def _lists_method_and_human(source: RowSource) -> bool:
    return has_columns(source, "id", "method", "trueHLV")


def is_options_list(source: RowSource) -> bool:
    return (_lists_methods(source) or _lists_method_and_human(source)) and not has_columns(source, "text")


def is_inputs(source: RowSource) -> bool:
    return has_columns(source, "id", "text", "optionA", "optionB")


OPTIONS_LIST = Part(
    "metadata.csv",
    "the list of options, with columns id, optionA, optionB or id, method, trueHLV",
    is_options_list,
)
INPUTS = Part("input.jsonl", "the inputs, JSON lines with id, text, optionA, optionB", is_inputs)


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a file."""

    source: str
    row: int


@dataclass(frozen=True, slots=True)
class ListedInput(Place):
    """An input as the list of options names it; `item` is blank where the list names no text."""

    option_a: str
    option_b: str
    item: str


@dataclass(frozen=True, slots=True)
class InputText(Place):
    """The key of the text of an input; blank where the text is."""

    key: str


@dataclass(slots=True)
class PaperInputs:
    """The inputs of some files by id; `errors` are the rows that cannot be read or contradict another."""

    listed: dict[str, ListedInput]
    texts: dict[str, InputText]
    errors: list[RowError]

    @classmethod
    def read(cls, lists: Sequence[RowSource], inputs: Sequence[RowSource]) -> Self:
        found = cls({}, {}, [])
        for source in lists:
            found._read(source, partial(found._list, source=source))
        for source in inputs:
            found._read(source, partial(found._add_text, source=source.name))
        return found

    def key(self, input_id: str) -> str:
        """The item of an input. Raises `CellError` where the files name neither an id nor the text."""
        listed, text = self.listed.get(input_id), self.texts.get(input_id)
        if listed is not None and listed.item:
            return listed.item
        if text is None or not text.key:
            raise CellError(f"the text of the input “{input_id}” is missing: add it to input.jsonl.", "id")
        return text.key

    def options(self, input_id: str, column: str) -> ListedInput:
        """What the list says of an input. Raises `CellError` where it does not list it."""
        listed = self.listed.get(input_id)
        if listed is None:
            raise CellError(f"the input “{input_id}” is not in the list of options.", column)
        return listed

    def refuse_unnamed_texts(self, inputs: Sequence[RowSource], brought: Sequence[RowSource]) -> None:
        """Raise `FormatError` where neither `input.jsonl` nor a column of the list names the texts."""
        if inputs or not self.listed or any(one.item for one in self.listed.values()):
            return
        names = ", ".join(source.name for source in brought)
        raise FormatError(
            f"{INPUTS.usual_name} ({INPUTS.holds}) is missing: import it together with {names}, or add a column "
            "item to the list of options. A text is an item, whatever the number of its inputs."
        )

    def _read(self, source: RowSource, read: Callable[[Row], None]) -> None:
        for row in source:
            if isinstance(row, RowError):
                self.errors.append(row)
                continue
            try:
                read(row)
            except CellError as error:
                self.errors.append(RowError(row.number, error.column, error.sentence, source.name))

    def _list(self, row: Row, *, source: RowSource) -> None:
        input_id = _id(row)
        item = next((row.cells[name] for name in TEXT_COLUMNS if row.cells.get(name)), "")
        listed = ListedInput(source.name, row.number, *_options(row, source), item)
        if (first := self.listed.setdefault(input_id, listed)) is not listed:
            raise CellError(
                f"the input “{input_id}” is listed here and {place_words(first, source.name)}.", "id"
            )

    def _add_text(self, row: Row, *, source: str) -> None:
        input_id = _id(row)
        words = row.cells.get("text", "")
        text = InputText(source, row.number, digest_key({"text": words}) if words.strip() else "")
        first = self.texts.setdefault(input_id, text)
        if first.key != text.key:
            raise CellError(
                f"the input “{input_id}” has another text here than {place_words(first, source)}: "
                "number the inputs of several files through, or import each file by itself.",
                "id",
            )


def place_words(place: Place, source: str) -> str:
    """Where another row is, for a sentence about a row of `source`."""
    return f"in row {place.row}" if place.source == source else f"in {place.source}, row {place.row}"


def _id(row: Row) -> str:
    input_id = row.cells.get("id", "")
    if not input_id.strip():
        raise CellError("the id of the input is missing.", "id")
    return input_id


def _options(row: Row, source: RowSource) -> tuple[str, str]:
    """The methods of options A and B."""
    if _lists_methods(source):
        return row.cells.get("optionA", ""), row.cells.get("optionB", "")
    side, method = row.cells.get("trueHLV", ""), row.cells.get("method", "")
    if side not in {"A", "B"}:
        raise CellError(f"“{side}” is no option: write A or B for the human distribution.", "trueHLV")
    return (HUMAN, method) if side == "A" else (method, HUMAN)


PARTS = (INPUTS, replace(OPTIONS_LIST, is_needed=False))


def parse_items(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[ItemRecord | RowError]:
    """Each text once, under the key that judgments and outputs name it by.

    Raises
    ------
    FormatError
        The inputs are not among the files.
    """
    refuse_missing(PARTS, sources)
    inputs = [source for source in sources if is_inputs(source)]
    found = PaperInputs.read([source for source in sources if is_options_list(source)], inputs)
    yield from found.errors
    yield from once_per_key(_all_items(inputs, found))


def good_rows(source: RowSource) -> Iterator[Row]:
    """Rows that can be read; `PaperInputs` has the errors of the others."""
    return (row for row in source if not isinstance(row, RowError))


def _all_items(inputs: Sequence[RowSource], found: PaperInputs) -> Iterator[ItemRecord | RowError]:
    for source in inputs:
        read = partial(_item, found=found, source=source.name)
        yield from read_records(good_rows(source), read, source=source.name)


def _item(row: Row, *, found: PaperInputs, source: str) -> Iterable[ItemRecord]:
    text = found.texts.get(row.cells.get("id", ""))
    # Another row of the same id adds nothing, or has an error already.
    if text is None or (text.source, text.row) != (source, row.number):
        return
    yield make_item(
        found.key(row.cells["id"]),
        [("text", row.value("text") if row.values else row.cells.get("text"))],
        lang="",
        metadata={},
        row=row,
        source=source,
        column="text",
    )


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    """Options that are lists: a table of questions with answers A and B has words there, and items in its rows."""
    if mapping.entries:
        return False
    if is_options_list(source):
        return True
    return is_inputs(source) and all(isinstance(row.value("optionA"), list) for row in source.head(3))


ITEMS = Format("paper-inputs", "The paper's inputs", _sniff, parse_items, parts=PARTS)
