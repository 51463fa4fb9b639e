"""Items with their texts, and the records that all readers of labelled data give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Protocol, TypeAlias, TypeVar

from annotations.formats.spans import Span
from hlv.core.tabular import KEY_COLUMN, Row, RowSource
from hlv.core.tabular.cells import Json, cell_text
from hlv.core.tabular.errors import CellError, FormatError, RowError
from hlv.core.tabular.mapping import Columns, Field, Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, raw_cells, read_records

Cells: TypeAlias = "tuple[str, ...]"
Made = TypeVar("Made")
Made_co = TypeVar("Made_co", covariant=True)


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One item: its key, its texts in order by name, and whatever else the file says of it."""

    key: str
    texts: tuple[tuple[str, str], ...]
    lang: str
    metadata: MappingOf[str, str]
    source: str
    row: int
    cells: Cells = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class AnnotationRecord:
    """One answer of one source annotator; no labels mean the empty set, which is an answer.

    `certainties` are in [0, 1] and may also name labels that were not chosen; None where the file has none.
    `submitted_at` is as in the file: `formats.times.read_time` has read it once.
    """

    item_key: str
    annotator: str
    labels: tuple[str, ...]
    certainties: MappingOf[str, float] | None
    flags: tuple[str, ...]
    submitted_at: str
    group: str
    metadata: MappingOf[str, str]
    source: str
    row: int
    cells: Cells = field(repr=False)
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class CountRecord:
    """How many unnamed people gave each label to one item."""

    item_key: str
    counts: MappingOf[str, int]
    source: str
    row: int
    cells: Cells = field(repr=False)


LabelledRecord: TypeAlias = ItemRecord | AnnotationRecord | CountRecord
ReadLabelled: TypeAlias = LabelledRecord | RowError


ITEM = Field(
    "item",
    ("item", "item_id", "itemid", "id", "uid", "input_id", "inputid", "key", KEY_COLUMN, "idx", "prompt"),
    required=True,
)
TEXT = Field("text", ("text",), has_members=True)
LANGUAGE = Field("lang", ("lang", "language"))
METADATA = Field("metadata", (), has_members=True)
FIELDS = (ITEM, TEXT, LANGUAGE, METADATA)
# The fields of answers, so that one set of --map serves both imports of the same file.
ANSWER_ONLY = tuple(
    Field(name, has_members=name == "count")
    for name in (
        "annotator",
        "label",
        "certainty",
        "submitted_at",
        "group",
        "flags",
        "area",
        "counts",
        "count",
    )
)

# Names of texts in the data sets of the field, in the order in which they are read.
USUAL_TEXTS = (
    *("premise", "hypothesis", "sentence1", "sentence2", "question1", "question2"),
    *("context", "statement", "post", "response", "reply", "question", "answer", "passage"),
    *("instruction", "input", "sentence", "comment", "tweet", "body", "content", "document"),
)
# Our own exports name each of several texts so.
MEMBER = "text."
_N_LOOKED_AHEAD = 2000


def parse_items(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[ItemRecord | RowError]:
    """Items of any table; a file with a row per answer yields each item once.

    Columns that are not mapped become metadata, unless items repeat in the file: then they describe answers.
    """
    return items_with_answers(ANSWER_ONLY, sources, mapping)


def items_with_answers(
    answer_fields: tuple[Field, ...], sources: Sequence[RowSource], mapping: Mapping
) -> Iterator[ItemRecord | RowError]:
    """Items of a table in which the columns of these fields describe answers."""
    return once_per_key(_all_items(answer_fields, sources, mapping))


def _all_items(
    answer_fields: tuple[Field, ...], sources: Sequence[RowSource], mapping: Mapping
) -> Iterator[ItemRecord | RowError]:
    for source in sources:
        columns = mapping.bind(source.columns, FIELDS + answer_fields, name=source.name)
        texts = text_columns(columns, source)
        metadata = _metadata_columns(columns, texts, source)
        read = partial(_item, columns=columns, texts=texts, metadata=metadata, source=source.name)
        yield from read_records(source, read, source=source.name)


def text_columns(columns: Columns, source: RowSource) -> dict[str, str]:
    """Text names and their columns, in order. Raises `FormatError` where the file has no text."""
    members = columns.members("text")
    mapped = columns.of("text")
    named = {column.removeprefix(MEMBER): column for column in source.columns if column.startswith(MEMBER)}
    if mapped == ("text",):
        return {"text": "text", **named, **members}
    if len(mapped) == 1:
        return {"text": mapped[0], **members}
    if mapped or members:
        return {**{column: column for column in mapped}, **members}
    found = named or {column: column for column in usual_texts(source.columns)}
    if not found:
        raise FormatError(
            f"{source.name} has no column of texts: map one with text=COLUMN, or several with text=COLUMN+COLUMN."
        )
    return found


def usual_texts(columns: Iterable[str]) -> list[str]:
    """The columns that are taken for texts where none is mapped and none is called “text”."""
    usual = {column.strip().casefold(): column for column in columns}
    return [usual[name] for name in USUAL_TEXTS if name in usual]


def _metadata_columns(columns: Columns, texts: dict[str, str], source: RowSource) -> dict[str, str]:
    mapped = {column: column for column in columns.of("metadata")} | columns.members("metadata")
    if mapped or _repeats_items(columns, source):
        return mapped
    used = columns.used() | set(texts.values())
    return {column: column for column in source.columns if column not in used}


def _repeats_items(columns: Columns, source: RowSource) -> bool:
    seen: set[str | None] = set()
    for row in islice(source, _N_LOOKED_AHEAD):
        if isinstance(row, Row):
            key = columns.text(row, "item")
            if key in seen:
                return True
            seen.add(key)
    return False


def _item(
    row: Row, *, columns: Columns, texts: dict[str, str], metadata: dict[str, str], source: str
) -> Iterable[ItemRecord]:
    key = columns.required_text(row, "item")
    yield make_item(
        key,
        [(name, row.value(column)) for name, column in texts.items()],
        lang=columns.text(row, "lang") or "",
        metadata={name: row.cells[column] for name, column in metadata.items() if row.cells.get(column)},
        row=row,
        source=source,
        column=next(iter(texts.values())),
    )


def make_item(
    key: str,
    texts: Sequence[tuple[str, Json]],
    *,
    lang: str,
    metadata: dict[str, str],
    row: Row,
    source: str,
    column: str,
) -> ItemRecord:
    """An item whose texts may be objects of texts. Raises `CellError` where all of them are blank.

    An object that is empty says that there is no text, as of items that only judgments name.
    """
    flat: list[tuple[str, str]] = []
    for name, value in texts:
        if isinstance(value, dict):
            flat.extend((part, cell_text(member)) for part, member in value.items() if member is not None)
        elif value is not None:
            flat.append((name, cell_text(value)))
    says_none = bool(texts) and all(value == {} for _, value in texts)
    if not says_none and not any(text.strip() for _, text in flat):
        raise CellError("the item has no text.", column)
    return ItemRecord(key, tuple(flat), lang, metadata, source, row.number, (key, *raw_cells(row)))


def once_per_key(items: Iterable[ItemRecord | RowError]) -> Iterator[ItemRecord | RowError]:
    """Each item once; the same key with other texts is an error that names both rows.

    Remembers two numbers per item, not its texts.
    """
    seen: dict[int, tuple[int, int]] = {}
    for item in items:
        if isinstance(item, RowError):
            yield item
            continue
        content = hash((item.texts, item.lang))
        first = seen.setdefault(hash(item.key), (content, item.row))
        if first == (content, item.row):
            yield item
        elif first[0] != content:
            yield RowError(
                item.row,
                None,
                f"the item “{item.key}” has other texts here than in row {first[1]}: "
                "give each item its own id, for instance by joining columns (item=a+b).",
                item.source,
            )


class ReadRow(Protocol[Made_co]):
    """Reads the records of one row; raises `CellError` where it cannot."""

    def __call__(self, row: Row, source: RowSource, options: Options) -> Iterable[Made_co]: ...


Parse: TypeAlias = "Callable[[Sequence[RowSource], Mapping, Options], Iterator[Made | RowError]]"


def record_reader(read: ReadRow[Made]) -> Parse[Made]:
    """The records of a format whose columns have fixed names."""

    def parse(sources: Sequence[RowSource], mapping: Mapping, options: Options) -> Iterator[Made | RowError]:
        for source in sources:
            one = partial(read, source=source, options=options)
            yield from read_records(source, one, source=source.name)

    return parse


def item_reader(read: ReadRow[ItemRecord]) -> Parse[ItemRecord]:
    """The same for items, each once."""
    parse = record_reader(read)
    return lambda sources, mapping, options: once_per_key(parse(sources, mapping, options))


def make_answer(
    key: str,
    annotator: str,
    labels: tuple[str, ...],
    *,
    row: Row,
    source: str,
    certainties: MappingOf[str, float] | None = None,
    flags: tuple[str, ...] = (),
    submitted_at: str = "",
    group: str = "",
    metadata: MappingOf[str, str] | None = None,
    cells: Cells = (),
    spans: tuple[Span, ...] = (),
) -> AnnotationRecord:
    """An answer; `cells` are what else identifies its row."""
    return AnnotationRecord(
        item_key=key,
        annotator=annotator,
        labels=labels,
        certainties=certainties,
        flags=flags,
        submitted_at=submitted_at,
        group=group,
        metadata=metadata or {},
        source=source,
        row=row.number,
        cells=("item", key, "annotator", annotator, "labels", *labels, *cells),
        spans=spans,
    )


def with_columns(*columns: str) -> Callable[[RowSource, Mapping], bool]:
    """A format that is recognised by its columns; without any, it takes every file."""
    return lambda source, mapping: has_columns(source, *columns)


def required_cell(row: Row, *columns: str) -> str:
    """The first of these cells that is not blank. Raises `CellError` where all are."""
    found = next((row.cells[column] for column in columns if row.cells.get(column, "").strip()), "")
    if not found:
        raise CellError(f"the {columns[0]} is missing: every row needs one.", columns[0])
    return found


def members_of(value: Json) -> dict[str, Json]:
    """An object, or an empty one where the value is none."""
    return value if isinstance(value, dict) else {}


def listed(value: Json) -> list[Json]:
    """A list, or an empty one where the value is none."""
    return value if isinstance(value, list) else []


ITEMS = Format("items", "Items, one per row", with_columns(), parse_items, FIELDS)
