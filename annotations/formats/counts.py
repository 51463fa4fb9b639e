"""Label counts: how many unnamed people gave each label to an item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from functools import partial

from annotations.formats.items import ITEM
from annotations.formats.records import CountRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import DECODER, Json, RepeatedKeyError, cell_text
from hlv.core.tabular.errors import CellError, FormatError, RowError
from hlv.core.tabular.mapping import Columns, Field, Mapping, Options
from hlv.core.tabular.table_formats import Format, read_records

COUNTS_FIELD = Field("counts", ("counts", "label_counts", "label_counter"))
FIELDS = (
    ITEM,
    COUNTS_FIELD,
    Field("count", has_members=True),
    Field("text", has_members=True),
    Field("lang"),
    Field("metadata", has_members=True),
)


def parse_counts(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[CountRecord | RowError]:
    """Counts from one object per item (`counts`), or from one column per label (`count.yes=nYes`).

    Without either, the columns named like the study's labels are read. Labels that are left out count 0.
    """
    for source in sources:
        columns = mapping.bind(source.columns, FIELDS, name=source.name)
        by_label = columns.members("count") or {
            label: label for label in options.labels if label in source.columns
        }
        if not by_label and "counts" not in columns:
            raise FormatError(
                f"{source.name} has no counts: map an object with counts=COLUMN, or each label with count.LABEL=COLUMN."
            )
        read = partial(_counts, columns=columns, by_label=by_label, source=source.name)
        yield from read_records(source, read, source=source.name)


def _counts(row: Row, *, columns: Columns, by_label: dict[str, str], source: str) -> Iterable[CountRecord]:
    item_key = columns.required_text(row, "item")
    if by_label:
        counts = {label: read_count(row.cells.get(column, ""), column) for label, column in by_label.items()}
    else:
        counts = read_counts(columns.value(row, "counts"), columns.of("counts")[0])
    yield make_counts(item_key, counts, row=row, source=source)


def make_counts(item_key: str, counts: MappingOf[str, int], *, row: Row, source: str) -> CountRecord:
    """A count record; raises `CellError` where nobody gave any label."""
    if sum(counts.values()) == 0:
        raise CellError("nobody gave any label: leave the item out.")
    cells = tuple(part for label, count in sorted(counts.items()) for part in (label, str(count)))
    return CountRecord(item_key, counts, source, row.number, ("item", item_key, *cells))


def read_counts(value: Json, column: str) -> dict[str, int]:
    """An object of counts, of JSON or written as JSON in a cell."""
    if isinstance(value, str):
        try:
            value = DECODER.decode(value.strip())
        except (json.JSONDecodeError, RepeatedKeyError):
            raise CellError('the counts are no JSON object such as {"yes": 3, "no": 2}.', column) from None
    if not isinstance(value, dict):
        raise CellError('the counts are no JSON object such as {"yes": 3, "no": 2}.', column)
    return {label: read_count(cell_text(member), column) for label, member in value.items()}


def read_count(text: str, column: str) -> int:
    """A whole number from 0 on; blank is 0, and 3.0 is 3."""
    stripped = text.strip()
    whole, _, fraction = stripped.partition(".")
    if not stripped:
        return 0
    if not (whole.isascii() and whole.isdecimal()) or fraction.strip("0"):
        raise CellError(f"the count “{text}” is no whole number from 0 on.", column)
    return int(whole)


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    if "counts" in mapping.fields or any(field.startswith("count.") for field in mapping.fields):
        return True
    return "label" not in mapping.fields and COUNTS_FIELD.usual_column(source.columns) is not None


COUNTS = Format("label-counts", "Counts of labels, no annotators", _sniff, parse_counts, FIELDS)
