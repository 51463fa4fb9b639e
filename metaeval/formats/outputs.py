"""Outputs of methods in tables: a distribution as an object or over columns, or a text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from functools import partial

from hlv.core.rendering.numbers import counted
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import DECODER, Json, RepeatedKeyError, cell_text, list_parts
from hlv.core.tabular.errors import CellError, FormatError, RowError
from hlv.core.tabular.mapping import Columns, Field, Mapping
from hlv.core.tabular.table_formats import Format, read_records
from metaeval.formats.arrays import OutputSource
from metaeval.formats.evaluation_options import Options, wrong_sum
from metaeval.formats.records import OutputRecord

ITEM = Field("item", ("item", "item_id", "id", "uid", "input_id", "inputid", "prompt"), required=True)
METHOD = Field("method", ("method", "model", "system"))
RUN = Field("run", ("run", "seed"))
BASE_MODEL = Field("base_model", ("base_model", "base", "group"))
DISTRIBUTION = Field("distribution", ("distribution", "probabilities", "dist"), has_members=True)
TEXT = Field("text", ("text", "output", "response"))
FIELDS = (ITEM, METHOD, RUN, BASE_MODEL, DISTRIBUTION, TEXT)
FIRST_RUN = "1"

Content = tuple["dict[str, float] | None", "str | None"]


Reader = Callable[[Columns, RowSource, Options], Callable[[Row], Content]]


def _outputs(
    sources: Sequence[OutputSource], mapping: Mapping, options: Options, *, reader: Reader
) -> Iterator[OutputRecord | RowError]:
    for source in sources:
        if not isinstance(source, RowSource):
            raise FormatError(f"{source.name} is an array: bring tables and arrays in imports of their own.")
        columns = mapping.bind(source.columns, FIELDS, name=source.name)
        if "method" not in columns and options.method is None:
            raise FormatError(
                f"{source.name} names no method: map a column with method=COLUMN, or name the method."
            )
        read = partial(
            _output, columns=columns, content=reader(columns, source, options), options=options, source=source
        )
        yield from read_records(source, read, source=source.name)


def _output(
    row: Row, *, columns: Columns, content: Callable[[Row], Content], options: Options, source: RowSource
) -> Iterable[OutputRecord]:
    item_key = columns.required_text(row, "item")
    spelled = columns.required_text(row, "method") if "method" in columns else options.method or ""
    method = options.method_name(spelled)
    run = columns.text(row, "run") or options.run or FIRST_RUN
    distribution, text = content(row)
    shares = (
        ()
        if distribution is None
        else tuple(f"{label}={share!r}" for label, share in sorted(distribution.items()))
    )
    yield OutputRecord(
        item_key=item_key,
        method=method,
        run=run,
        distribution=distribution,
        text=text,
        base_model=columns.text(row, "base_model") or options.base_models.of_file(source.name),
        source=source.name,
        row=row.number,
        cells=(item_key, method, run, *shares, *(() if text is None else (text,))),
    )


def _object_reader(columns: Columns, source: RowSource, options: Options) -> Callable[[Row], Content]:
    """`distribution` as a JSON object of shares by label, or a list of shares in the order of the study's labels."""
    if "distribution" not in columns:
        raise FormatError(f"{source.name} has no distributions: map an object with distribution=COLUMN.")
    column = columns.of("distribution")[0]

    def read(row: Row) -> Content:
        return read_distribution(
            _shares(columns.value(row, "distribution"), options.labels, column),
            options=options,
            column=column,
        ), None

    return read


def _wide_reader(columns: Columns, source: RowSource, options: Options) -> Callable[[Row], Content]:
    """One column per label: `distribution.LABEL=COLUMN`, or the columns named like the study's labels."""
    by_label = columns.members("distribution") or {
        one: one for one in options.labels if one in source.columns
    }
    if not by_label:
        raise FormatError(f"{source.name} has no columns of labels: map each with distribution.LABEL=COLUMN.")
    first = next(iter(by_label.values()))

    def read(row: Row) -> Content:
        cells: dict[str, Json] = {label: row.cells.get(column) for label, column in by_label.items()}
        return read_distribution(cells, options=options, column=first), None

    return read


def _text_reader(columns: Columns, source: RowSource, options: Options) -> Callable[[Row], Content]:
    """`text` as it is."""
    if "text" not in columns:
        raise FormatError(f"{source.name} has no texts: map them with text=COLUMN.")

    def read(row: Row) -> Content:
        text = columns.text(row, "text")
        if text is None:
            raise CellError(
                "the text is missing; an empty answer is written as an empty text.", columns.of("text")[0]
            )
        return None, text

    return read


def _shares(value: Json, labels: Sequence[str], column: str) -> dict[str, Json]:
    """Shares by label, from an object or a list."""
    if isinstance(value, str):
        parts = list_parts(value)
        try:
            value = DECODER.decode(value.strip()) if parts is None else list[Json](parts)
        except (json.JSONDecodeError, RepeatedKeyError):
            value = None
    if isinstance(value, list) and value:
        if len(value) != len(labels):
            raise CellError(
                f"the list has {counted(len(value), 'shares')} and the study has {counted(len(labels), 'labels')}: "
                'give one for each label in their order, or an object such as {"yes": 0.7, "no": 0.3}.',
                column,
            )
        return dict(zip(labels, value, strict=True))
    if not isinstance(value, dict) or not value:
        raise CellError('the distribution is no JSON object such as {"yes": 0.7, "no": 0.3}.', column)
    return value


def read_distribution(shares: MappingOf[str, Json], *, options: Options, column: str) -> dict[str, float]:
    """Shares in [0, 1] by label; in tasks with one label they must sum to 1."""
    distribution: dict[str, float] = {}
    for label, value in shares.items():
        text = cell_text(value)
        try:
            share = float(text)
        except ValueError:
            raise CellError(f"the share “{text}” of “{label}” is no number.", column) from None
        if not 0 <= share <= 1:
            raise CellError(f"the share “{text}” of “{label}” is outside 0 to 1.", column)
        distribution[label] = share
    wrong = wrong_sum(math.fsum(distribution.values()), options)
    if wrong is not None:
        raise CellError(wrong, column)
    return distribution


def _ignored(
    source: OutputSource, mapping: Mapping, options: Options, _rows: Iterable[Row | RowError]
) -> list[str]:
    if not isinstance(source, RowSource):
        return []
    used = mapping.bind(source.columns, FIELDS, name=source.name).used()
    return [column for column in source.columns if column not in used]


def _ignored_by_wide(
    source: OutputSource, mapping: Mapping, options: Options, rows: Iterable[Row | RowError]
) -> list[str]:
    return [column for column in _ignored(source, mapping, options, rows) if column not in options.labels]


def lists_shares(source: RowSource, mapping: Mapping) -> bool:
    """Whether shares are lists, which name no labels."""
    columns = mapping.bind(source.columns, FIELDS, name=source.name)
    return any(
        isinstance(value := columns.value(row, "distribution"), list)
        or (isinstance(value, str) and list_parts(value) is not None)
        for row in source.head()
    )


def _sniff_distribution(source: OutputSource, mapping: Mapping) -> bool:
    if not isinstance(source, RowSource):
        return False
    return "distribution" in mapping.fields or (
        DISTRIBUTION.usual_column(source.columns) is not None and "text" not in mapping.fields
    )


def _sniff_text(source: OutputSource, mapping: Mapping) -> bool:
    if not isinstance(source, RowSource) or any(field.startswith("distribution") for field in mapping.fields):
        return False
    return "text" in mapping.fields or TEXT.usual_column(source.columns) is not None


DISTRIBUTIONS = Format(
    "distributions",
    "A distribution for each item",
    _sniff_distribution,
    partial(_outputs, reader=_object_reader),
    FIELDS,
    ignored=_ignored,
)
WIDE = Format(
    "wide",
    "A column for each label",
    lambda source, _mapping: isinstance(source, RowSource),
    partial(_outputs, reader=_wide_reader),
    FIELDS,
    ignored=_ignored_by_wide,
)
TEXTS = Format(
    "texts",
    "A text for each item",
    _sniff_text,
    partial(_outputs, reader=_text_reader),
    FIELDS,
    ignored=_ignored,
)


SHORTEST_IDENTIFYING_NAME = 3
_VERSION = re.compile(r"[\W_]*\d.*", re.DOTALL)


def names_itself(text: str, *, method: str, base_model: str) -> bool:
    """Whether the text has the method's or the base model's name in it, or the family's: “Llama” of “llama-2-7b”.

    Whole words only, in any case; names of fewer than three characters tell nothing.
    """
    return any(_has_word(text, name) for name in _identifying_names(method, base_model))


def _identifying_names(*names: str) -> set[str]:
    found = set()
    for name in names:
        folded = name.casefold().strip()
        family = _VERSION.sub("", folded)
        found |= {one for one in (folded, family) if len(one) >= SHORTEST_IDENTIFYING_NAME}
    return found


def _has_word(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text.casefold()) is not None
