"""Label counts: how many unnamed people gave each label to an item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from functools import partial
from itertools import groupby

from annotations.formats.items import ITEM, CountRecord
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


LABEL = Field("label", ("label",), required=True)
N_CHOSEN = Field("n_chosen", ("n_chosen",), required=True)
N_ANNOTATORS = Field("n_annotators", ("n_annotators",))
ROW_FIELDS = (ITEM, LABEL, N_CHOSEN, N_ANNOTATORS)


def parse_count_rows(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[CountRecord | RowError]:
    """One record for each run of rows of one item; labels that are left out count 0."""
    for source in sources:
        columns = mapping.bind(source.columns, ROW_FIELDS, name=source.name)
        for _, run in groupby(source, key=lambda row: _item_or_place(row, columns)):
            yield from _of_item(list(run), columns, source=source.name)


def _item_or_place(row: Row | RowError, columns: Columns) -> str | int | None:
    return row.row if isinstance(row, RowError) else columns.text(row, "item")


def _of_item(
    rows: list[Row | RowError], columns: Columns, *, source: str
) -> Iterator[CountRecord | RowError]:
    """All rows of an item or, where one is at fault, what is wrong with it."""
    errors: list[RowError] = []
    read: list[Row] = []
    counts: dict[str, int] = {}
    for row in rows:
        if isinstance(row, RowError):
            errors.append(row)
            continue
        try:
            _count(row, columns, counts)
        except CellError as error:
            errors.append(RowError(row.number, error.column, error.sentence, source))
        read.append(row)
    if errors:
        yield from errors
        return
    try:
        _check_sum(read, columns, sum(counts.values()))
        yield make_counts(columns.required_text(read[0], "item"), counts, row=read[0], source=source)
    except CellError as error:
        yield RowError(read[0].number, error.column, error.sentence, source)


def _count(row: Row, columns: Columns, counts: dict[str, int]) -> None:
    label = columns.required_text(row, "label")
    if label in counts:
        raise CellError(f"the label “{label}” comes twice for this item.", columns.of("label")[0])
    counts[label] = read_count(columns.required_text(row, "n_chosen"), columns.of("n_chosen")[0])


def _check_sum(rows: list[Row], columns: Columns, total: int) -> None:
    """A missing row would change shares, and show in nothing but the sum."""
    for row in rows:
        said = columns.text(row, "n_annotators")
        if said is not None and said.strip() and read_count(said, columns.of("n_annotators")[0]) != total:
            raise CellError(
                f"{said} people answered, but the counts of this item's rows add up to {total}: "
                "the rows of an item stand together, one for each label.",
                columns.of("n_annotators")[0],
            )


def _count_rows_sniff(source: RowSource, mapping: Mapping) -> bool:
    return N_CHOSEN.usual_column(source.columns) is not None or "n_chosen" in mapping.fields


COUNT_ROWS = Format(
    "label-count-rows",
    "Counts of labels, one per row, no annotators",
    _count_rows_sniff,
    parse_count_rows,
    ROW_FIELDS,
)
