"""Scores of metrics: wide (a row for each method) or long (a row for each score)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.errors import CellError, FormatError, RowError
from hlv.core.tabular.mapping import Columns, Field, Mapping
from hlv.core.tabular.table_formats import Format, read_records
from metaeval.formats.evaluation_options import Options, read_direction
from metaeval.formats.records import ScoreRecord

METHOD = Field("method", ("method", "model", "system", "key", "name"), required=True)
METRIC = Field("metric", ("metric", "measure", "cat"), required=True)
VALUE = Field("value", ("value", "val", "score"), required=True)
ITEM = Field("item", ("item", "item_id"))
DIRECTION = Field("direction", ("direction", "higher_is_better"))
LONG_FIELDS = (METHOD, ITEM, METRIC, VALUE, DIRECTION)
WIDE_FIELDS = (METHOD, ITEM, Field("metric", has_members=True))
_MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "–", "—"})


def parse_wide(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[ScoreRecord | RowError]:
    """One score per cell of the metrics' columns: `metric=A+B`, `metric.NAME=COLUMN`, or all that are not mapped.

    Rows that end early have blanks at their end, as spreadsheets write them.
    """
    for source in sources:
        columns = mapping.bind(source.columns, WIDE_FIELDS, name=source.name)
        metrics = _metrics(columns, source)
        read = partial(
            _scores_of_method, columns=columns, metrics=metrics, options=options, source=source.name
        )
        yield from read_records(source.rows(short_rows_are_blank=True), read, source=source.name)


def _metrics(columns: Columns, source: RowSource) -> dict[str, str]:
    mapped = {column: column for column in columns.of("metric")} | columns.members("metric")
    found = mapped or {column: column for column in source.columns if column not in columns.used()}
    if not found:
        raise FormatError(f"{source.name} has no columns of metrics: map them with metric=COLUMN+COLUMN.")
    return found


def _scores_of_method(
    row: Row, *, columns: Columns, metrics: dict[str, str], options: Options, source: str
) -> Iterable[ScoreRecord]:
    method = options.method_name(columns.required_text(row, "method"))
    item_key = columns.text_of_all(row, "item")
    values = {metric: read_score(row.cells.get(column, ""), column) for metric, column in metrics.items()}
    for metric, value in values.items():
        yield ScoreRecord(
            method=method,
            item_key=item_key,
            metric=metric,
            value=value,
            higher_is_better=options.directions.of(metric),
            source=source,
            row=row.number,
            cells=(method, item_key or "", metric, row.cells.get(metrics[metric], "")),
        )


def parse_long(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[ScoreRecord | RowError]:
    """One score per row. Without an item, rows of one method and metric are scores of unnamed outputs."""
    for source in sources:
        columns = mapping.bind(source.columns, LONG_FIELDS, name=source.name)
        read = partial(_score, columns=columns, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def _score(row: Row, *, columns: Columns, options: Options, source: str) -> Iterable[ScoreRecord]:
    method = options.method_name(columns.required_text(row, "method"))
    metric = columns.required_text(row, "metric")
    item_key = columns.text_of_all(row, "item")
    value = columns.text(row, "value") or ""
    yield ScoreRecord(
        method=method,
        item_key=item_key,
        metric=metric,
        value=read_score(value, columns.of("value")[0]),
        higher_is_better=_direction(row, columns, options.directions.of(metric)),
        source=source,
        row=row.number,
        cells=(method, item_key or "", metric, value),
    )


def _direction(row: Row, columns: Columns, said: bool | None) -> bool | None:
    word = columns.text(row, "direction")
    if word is None or not word.strip():
        return said
    direction = read_direction(word)
    if direction is None:
        raise CellError(f"“{word}” is no direction: write up or down.", columns.of("direction")[0])
    return direction


def read_score(text: str, column: str) -> float | None:
    """A finite number; None where it is missing."""
    stripped = text.strip()
    if stripped.casefold() in _MISSING:
        return None
    try:
        value = float(stripped)
    except ValueError:
        raise CellError(f"the score “{text}” is no number.", column) from None
    if not math.isfinite(value) or "_" in stripped:
        raise CellError(f"the score “{text}” is no finite number.", column)
    return value


def _sniff_long(source: RowSource, mapping: Mapping) -> bool:
    if "value" in mapping.fields:
        return True
    has_value = VALUE.usual_column(source.columns) is not None
    return has_value and ("metric" in mapping.fields or METRIC.usual_column(source.columns) is not None)


LONG = Format("long", "Scores, one per row", _sniff_long, parse_long, LONG_FIELDS)
WIDE = Format("wide", "Scores, a row for each method", lambda *_: True, parse_wide, WIDE_FIELDS)
