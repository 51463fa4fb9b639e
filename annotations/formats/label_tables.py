"""Tables of labels: long (a row for each answer), wide (a column for each annotator), and by area of law."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from annotations.formats.items import ITEM, USUAL_TEXTS, AnnotationRecord, make_answer, with_columns
from annotations.formats.labels import is_not_assigned, read_certainties, read_labels
from annotations.formats.spans import Span, read_spans
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.errors import CellError, FormatError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Columns, Field, Mapping, Options
from hlv.core.tabular.table_formats import Format, raw_cells, read_records

ANNOTATOR = Field(
    "annotator",
    (
        "annotator",
        "annotator_id",
        "annotatorid",
        "worker",
        "worker_id",
        "workerid",
        "coder",
        "rater",
        "participant",
    ),
    required=True,
)
LABEL = Field(
    "label",
    ("label", "labels", "annotation", "annotations", "class", "classes", "category", "answer", "judgment"),
    required=True,
)
CERTAINTY = Field("certainty", ("certainty", "certainties", "confidence"))
SUBMITTED_AT = Field("submitted_at", ("submitted_at", "timestamp", "created_at", "annotated_at"))
GROUP = Field("group", ("group", "annotator_group"))
FLAGS = Field("flags", ("flags",))
SPANS = Field("spans", ("spans",))
FIELDS = (
    ITEM,
    ANNOTATOR,
    LABEL,
    CERTAINTY,
    SUBMITTED_AT,
    GROUP,
    FLAGS,
    SPANS,
    Field("metadata", has_members=True),
)
# The columns of item files, so that one set of --map serves both imports of the same file.
ITEM_ONLY = (Field("text", has_members=True), Field("lang"))


def parse_long(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """One annotation per row; in multilabel studies a blank label cell is the empty set."""
    for source in sources:
        columns = mapping.bind(source.columns, FIELDS + ITEM_ONLY, name=source.name)
        read = partial(_annotation, columns=columns, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def _annotation(row: Row, *, columns: Columns, options: Options, source: str) -> Iterable[AnnotationRecord]:
    item_key = columns.required_text(row, "item")
    annotator = columns.required_text(row, "annotator")
    flags = read_flags(columns.text(row, "flags") or "")
    label_column = columns.of("label")[0]
    label_value = columns.value(row, "label")
    # "Guideline unclear" needs no label.
    flag_alone = bool(flags) and (label_value is None or label_value == "")
    labels = () if flag_alone else read_labels(label_value, options=options, column=label_column)
    certainties = None
    if "certainty" in columns:
        certainties = read_certainties(
            columns.value(row, "certainty"),
            labels,
            scale=options.certainty_range or CertaintyRange(),
            column=columns.of("certainty")[0],
        )
    yield make_answer(
        item_key,
        annotator,
        labels,
        row=row,
        source=source,
        certainties=certainties,
        flags=flags,
        submitted_at=checked_time(columns.text(row, "submitted_at") or "", columns.of("submitted_at")),
        group=columns.text(row, "group") or "",
        metadata=_metadata(row, columns),
        cells=("row", *raw_cells(row)),
        spans=_spans(row, columns),
    )


def _spans(row: Row, columns: Columns) -> tuple[Span, ...]:
    text = columns.text(row, "spans") or ""
    if not text.strip():
        return ()
    try:
        return read_spans(json.loads(text))
    except (ValueError, RecursionError):
        raise CellError(
            "the spans are not a list of objects with label, text, start and end, as a bundle has them.",
            columns.of("spans")[0],
        ) from None


def _metadata(row: Row, columns: Columns) -> dict[str, str]:
    named = {column: column for column in columns.of("metadata")} | columns.members("metadata")
    return {name: row.cells[column] for name, column in named.items() if row.cells.get(column)}


def read_flags(text: str) -> tuple[str, ...]:
    """Answers beside labels, such as “guideline unclear”, separated by commas."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def checked_time(text: str, columns: Sequence[str]) -> str:
    """The text of a time, once it has been read. Raises `CellError` where it is none."""
    if not text.strip():
        return ""
    try:
        read_time(text)
    except (ValueError, OverflowError, OSError):
        raise CellError(
            f"“{text}” is no time: write it like 2026-03-01T14:20:00+01:00, or leave the field out.",
            columns[0] if columns else "submitted_at",
        ) from None
    return text


LONG = Format("long", "Labels, a row for each item and annotator", with_columns(), parse_long, FIELDS)


WIDE_FIELDS = (
    ITEM,
    Field("annotator"),
    Field("text", ("text",), has_members=True),
    Field("lang", ("lang", "language")),
    Field("metadata", has_members=True),
)


def parse_wide(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """One annotation per filled cell of the annotators' columns: `annotator=A+B+C`, or all that are not mapped.

    Blank, -1 (unless the study has such a label) and [0,0,0] mean that the annotator did not get the item;
    [] is the empty set.
    """
    for source in sources:
        columns = mapping.bind(source.columns, WIDE_FIELDS, name=source.name)
        annotators = _annotators(columns, source)
        read = partial(
            _annotations, columns=columns, annotators=annotators, options=options, source=source.name
        )
        yield from read_records(source, read, source=source.name)


def _annotators(columns: Columns, source: RowSource) -> tuple[str, ...]:
    mapped = columns.of("annotator")
    if mapped:
        return mapped
    used = columns.used()
    found = tuple(
        column for column in source.columns if column not in used and column.casefold() not in USUAL_TEXTS
    )
    if not found:
        raise FormatError(
            f"{source.name} has no columns of annotators: map them with annotator=COLUMN+COLUMN."
        )
    return found


def _annotations(
    row: Row, *, columns: Columns, annotators: Sequence[str], options: Options, source: str
) -> Iterable[AnnotationRecord]:
    item_key = columns.required_text(row, "item")
    return [
        make_answer(
            item_key,
            annotator,
            read_labels(row.value(annotator), options=options, column=annotator),
            row=row,
            source=source,
        )
        for annotator in annotators
        if not is_not_assigned(row.cells.get(annotator, ""), options=options)
    ]


def _wide_sniff(source: RowSource, mapping: Mapping) -> bool:
    """Several columns are mapped to annotators, or nothing looks like one label per row."""
    target = mapping.target("annotator")
    if target is not None:
        return "+" in target and target not in source.columns
    if {"label", "annotator"} & mapping.fields:
        return False
    return ANNOTATOR.usual_column(source.columns) is None and LABEL.usual_column(source.columns) is None


WIDE = Format("wide", "Labels, a column for each annotator", _wide_sniff, parse_wide, WIDE_FIELDS)


AREA = Field("area", ("area", "area_of_law", "areaoflaw", "area of law"), required=True)
RATING = Field("certainty", ("certainty", "certainty_rating", "rating", "confidence"), required=True)
TAG_FIELDS = (
    ITEM,
    ANNOTATOR,
    AREA,
    RATING,
    Field("text", has_members=True),
    Field("lang"),
    Field("metadata", has_members=True),
)
_SCALE = CertaintyRange(0, 100)


def parse_tag(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """One annotation per item and annotator.

    An area rated above the low end is chosen; one rated at the low end is a certainty on a rejected label; a
    blank rating says nothing. Rows of one annotator and item must be adjacent, so that the file need not fit in
    memory.
    """
    scale = options.certainty_range or _SCALE
    seen: set[int] = set()
    for source in sources:
        columns = mapping.bind(source.columns, TAG_FIELDS, name=source.name)
        for answer, rows in groupby(_rated(source, columns, scale), key=_answer):
            if answer is None:
                yield from (row for row in rows if isinstance(row, RowError))
                continue
            ratings = [row for row in rows if not isinstance(row, RowError)]
            yield _tag_annotation(answer, ratings, seen, source.name)


_Rated = tuple[tuple[str, str], int, str, float | None]


def _answer(row: _Rated | RowError) -> tuple[str, str] | None:
    return None if isinstance(row, RowError) else row[0]


def _rated(source: RowSource, columns: Columns, scale: CertaintyRange) -> Iterator[_Rated | RowError]:
    for row in source:
        if isinstance(row, RowError):
            yield row
            continue
        try:
            yield _one(row, columns, scale)
        except CellError as error:
            yield RowError(row.number, error.column, error.sentence, source.name)


def _one(row: Row, columns: Columns, scale: CertaintyRange) -> _Rated:
    answer = (columns.required_text(row, "item"), columns.required_text(row, "annotator"))
    area, rating = columns.text(row, "area") or "", columns.text(row, "certainty") or ""
    if rating.strip() and not area.strip():
        raise CellError("there is a certainty without an area.", columns.of("area")[0])
    share = scale.share(rating, columns.of("certainty")[0]) if rating.strip() else None
    return answer, row.number, area, share


def _tag_annotation(
    answer: tuple[str, str], ratings: Sequence[_Rated], seen: set[int], source: str
) -> AnnotationRecord | RowError:
    item_key, annotator = answer
    first = ratings[0][1]
    if hash(answer) in seen:
        return RowError(
            first,
            None,
            f"the rows of annotator “{annotator}” on item “{item_key}” do not stand together: "
            "sort the file by item and annotator.",
            source,
        )
    seen.add(hash(answer))
    certainties: dict[str, float] = {}
    for _, number, area, share in ratings:
        if area in certainties:
            return RowError(
                number, None, f"the area “{area}” is rated twice by “{annotator}” on “{item_key}”.", source
            )
        if share is not None:
            certainties[area] = share
    labels = tuple(area for area, share in certainties.items() if share > 0)
    cells = tuple(part for area, share in certainties.items() for part in (area, repr(share)))
    return AnnotationRecord(
        item_key=item_key,
        annotator=annotator,
        labels=labels,
        certainties=certainties,
        flags=(),
        submitted_at="",
        group="",
        metadata={},
        source=source,
        row=first,
        cells=("item", item_key, "annotator", annotator, *cells),
    )


def _tag_sniff(source: RowSource, mapping: Mapping) -> bool:
    if "area" in mapping.fields:
        return True
    return AREA.usual_column(source.columns) is not None and "label" not in mapping.fields


TAG = Format("tag", "A row for each item, annotator and area of law", _tag_sniff, parse_tag, TAG_FIELDS)
