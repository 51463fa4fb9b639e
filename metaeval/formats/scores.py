"""Scores of metrics: wide (a row for each method) or long (a row for each score)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import list_parts
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
    """Scores of the metrics' columns: `metric=A+B`, `metric.NAME=COLUMN`, or all that have numbers and are not mapped.

    Rows that end early have blanks at their end, as spreadsheets write them.
    """
    for source in sources:
        columns = mapping.bind(source.columns, WIDE_FIELDS, name=source.name)
        metrics = _metrics(columns, source, options)
        read = partial(
            _scores_of_method, columns=columns, metrics=metrics, options=options, source=source.name
        )
        yield from read_records(source.rows(short_rows_are_blank=True), read, source=source.name)


def _metrics(columns: Columns, source: RowSource, options: Options) -> dict[str, str]:
    """{metric: column}."""
    mapped = {column: column for column in columns.of("metric")} | columns.members("metric")
    if mapped:
        return mapped
    free = free_columns(columns, source, options)
    texts = columns_of_text(source.rows(short_rows_are_blank=True), free)
    found = {column: column for column in free if column not in texts}
    if not found:
        raise FormatError(f"{source.name} has no columns of metrics: map them with metric=COLUMN+COLUMN.")
    return found


def free_columns(columns: Columns, source: RowSource, options: Options) -> list[str]:
    """Columns that no field has and nobody ignores. Raises `FormatError` for an ignored one that is missing."""
    options.check_ignored(source.columns, name=source.name)
    taken = columns.used() | options.ignored
    return [column for column in source.columns if column not in taken]


def columns_of_text(rows: Iterable[Row | RowError], columns: Iterable[str]) -> list[str]:
    """Columns with words and without a single number: remarks, links, licences. A blank one is none of them."""
    undecided = dict.fromkeys(columns)
    with_words: set[str] = set()
    for row in rows:
        if not undecided:
            break
        if isinstance(row, RowError):
            continue
        for column in tuple(undecided):
            is_score = _is_score(row.cells.get(column, ""), column)
            if is_score:
                del undecided[column]
            elif is_score is not None:
                with_words.add(column)
    return [column for column in undecided if column in with_words]


def _is_score(cell: str, column: str) -> bool | None:
    """Whether a cell has a number; None where it is blank."""
    try:
        return True if any(value is not None for value in read_scores(cell, column)) else None
    except CellError:
        return False


def _ignored_by_wide(
    source: RowSource, mapping: Mapping, options: Options, rows: Iterable[Row | RowError]
) -> list[str]:
    columns = mapping.bind(source.columns, WIDE_FIELDS, name=source.name)
    free = free_columns(columns, source, options)
    if columns.of("metric") or columns.members("metric"):
        return free
    texts = columns_of_text(rows, free)
    return [column for column in source.columns if column in options.ignored or column in texts]


def _ignored_by_long(
    source: RowSource, mapping: Mapping, options: Options, rows: Iterable[Row | RowError]
) -> list[str]:
    used = mapping.bind(source.columns, LONG_FIELDS, name=source.name).used()
    return [column for column in source.columns if column not in used]


def _scores_of_method(
    row: Row, *, columns: Columns, metrics: dict[str, str], options: Options, source: str
) -> Iterable[ScoreRecord]:
    method = options.method_name(columns.required_text(row, "method"))
    item_key = columns.text_of_all(row, "item")
    values = {
        metric: _values(row.cells.get(column, ""), column, item_key) for metric, column in metrics.items()
    }
    for metric, found in values.items():
        for text, value in found:
            yield ScoreRecord(
                method=method,
                item_key=item_key,
                metric=metric,
                value=value,
                higher_is_better=options.directions.of(metric),
                source=source,
                row=row.number,
                cells=(method, item_key or "", metric, text),
            )


def _values(cell: str, column: str, item_key: str | None) -> list[tuple[str, float | None]]:
    """The scores in a cell, each as it is written and as a number; a text has one."""
    parts = list_parts(cell)
    if parts is None:
        return [(cell, read_score(cell, column))]
    if item_key is not None and len(parts) > 1:
        raise CellError(
            f"the cell lists {len(parts)} scores of one text: give one, or a row for each run under another metric.",
            column,
        )
    return [(part, read_score(part, column)) for part in parts or [""]]


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
    higher_is_better = _direction(row, columns, options.directions.of(metric))
    for text, value in _values(columns.text(row, "value") or "", columns.of("value")[0], item_key):
        yield ScoreRecord(
            method=method,
            item_key=item_key,
            metric=metric,
            value=value,
            higher_is_better=higher_is_better,
            source=source,
            row=row.number,
            cells=(method, item_key or "", metric, text),
        )


def _direction(row: Row, columns: Columns, said: bool | None) -> bool | None:
    word = columns.text(row, "direction")
    if word is None or not word.strip():
        return said
    direction = read_direction(word)
    if direction is None:
        raise CellError(f"“{word}” is no direction: write up or down.", columns.of("direction")[0])
    return direction


def read_scores(cell: str, column: str) -> list[float | None]:
    """The numbers of a cell, which may be a list. Raises `CellError` where one is none."""
    parts = list_parts(cell)
    return [read_score(part, column) for part in ([cell] if parts is None else parts)]


def read_score(text: str, column: str) -> float | None:
    """A finite number; None where it is missing."""
    stripped = text.strip()
    if stripped.casefold() in _MISSING:
        return None
    try:
        value = float(stripped)
    except ValueError:
        raise CellError(
            f"the score “{text}” is no number: correct it, or ignore the column (--ignore-columns, in the browser "
            "columns to ignore).",
            column,
        ) from None
    if not math.isfinite(value) or "_" in stripped:
        raise CellError(f"the score “{text}” is no finite number.", column)
    return value


def _sniff_long(source: RowSource, mapping: Mapping) -> bool:
    if "value" in mapping.fields:
        return True
    has_value = VALUE.usual_column(source.columns) is not None
    return has_value and ("metric" in mapping.fields or METRIC.usual_column(source.columns) is not None)


LONG = Format("long", "Scores, one per row", _sniff_long, parse_long, LONG_FIELDS, ignored=_ignored_by_long)
WIDE = Format(
    "wide",
    "Scores, a row for each method",
    lambda *_: True,
    parse_wide,
    WIDE_FIELDS,
    ignored=_ignored_by_wide,
)
