"""Labels in long form: a row for each item and annotator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.items import ITEM
from annotations.formats.labels import read_certainties, read_labels
from annotations.formats.records import AnnotationRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.errors import CellError, RowError
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
FIELDS = (ITEM, ANNOTATOR, LABEL, CERTAINTY, SUBMITTED_AT, GROUP, FLAGS, Field("metadata", has_members=True))
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
    # "Guideline unclear" may stand alone, without any label.
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
    yield AnnotationRecord(
        item_key=item_key,
        annotator=annotator,
        labels=labels,
        certainties=certainties,
        flags=flags,
        submitted_at=checked_time(columns.text(row, "submitted_at") or "", columns.of("submitted_at")),
        group=columns.text(row, "group") or "",
        metadata=_metadata(row, columns),
        source=source,
        row=row.number,
        cells=("item", item_key, "annotator", annotator, "labels", *labels, "row", *raw_cells(row)),
    )


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


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    return True


ANNOTATIONS = Format("long", "Labels, a row for each item and annotator", _sniff, parse_long, FIELDS)
