"""Labels in wide form: a row for each item, a column for each annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.items import ITEM, USUAL_TEXTS
from annotations.formats.labels import is_not_assigned, read_labels
from annotations.formats.long import ANNOTATOR, LABEL
from annotations.formats.records import AnnotationRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Columns, Field, Mapping, Options
from hlv.core.tabular.table_formats import Format, read_records

FIELDS = (
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
        columns = mapping.bind(source.columns, FIELDS, name=source.name)
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
    read = [
        (annotator, read_labels(row.value(annotator), options=options, column=annotator))
        for annotator in annotators
        if not is_not_assigned(row.cells.get(annotator, ""), options=options)
    ]
    for annotator, labels in read:
        yield AnnotationRecord(
            item_key=item_key,
            annotator=annotator,
            labels=labels,
            certainties=None,
            flags=(),
            submitted_at="",
            group="",
            metadata={},
            source=source,
            row=row.number,
            cells=("item", item_key, "annotator", annotator, "labels", *labels),
        )


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    """Several columns are mapped to annotators, or nothing looks like one label per row."""
    target = mapping.target("annotator")
    if target is not None:
        return "+" in target and target not in source.columns
    if {"label", "annotator"} & mapping.fields:
        return False
    return ANNOTATOR.usual_column(source.columns) is None and LABEL.usual_column(source.columns) is None


ANNOTATIONS = Format("wide", "Labels, a column for each annotator", _sniff, parse_wide, FIELDS)
