"""Label counts with a row for each item and label, as `hlv export` writes label-counts.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from annotations.formats.counts import make_counts, read_count
from annotations.formats.items import ITEM
from annotations.formats.records import CountRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import Columns, Field, Mapping, Options
from hlv.core.tabular.table_formats import Format

LABEL = Field("label", ("label",), required=True)
N_CHOSEN = Field("n_chosen", ("n_chosen",), required=True)
N_ANNOTATORS = Field("n_annotators", ("n_annotators",))
FIELDS = (ITEM, LABEL, N_CHOSEN, N_ANNOTATORS)


def parse_count_rows(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[CountRecord | RowError]:
    """One record for each run of rows of one item; labels that are left out count 0."""
    for source in sources:
        columns = mapping.bind(source.columns, FIELDS, name=source.name)
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


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    return N_CHOSEN.usual_column(source.columns) is not None or "n_chosen" in mapping.fields


COUNT_ROWS = Format(
    "label-count-rows", "Counts of labels, one per row, no annotators", _sniff, parse_count_rows, FIELDS
)
