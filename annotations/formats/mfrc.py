"""Moral Foundations Reddit Corpus: a row for each comment and annotator (Trager et al. 2022)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from annotations.formats.items import item_reader, make_item
from annotations.formats.labels import split_labels
from annotations.formats.records import AnnotationRecord, ItemRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, raw_cells, read_records

# The corpus has three words on an ordered scale; they are spread evenly.
CONFIDENCE_WORDS = {"not confident": 0.0, "somewhat confident": 0.5, "confident": 1.0}


def item_key(row: Row) -> str:
    """The corpus has no ids: subreddit, bucket and a digest of the three, so that equal texts stay apart."""
    place = (row.cells.get("subreddit", ""), row.cells.get("bucket", ""), row.cells.get("text", ""))
    digest = hashlib.sha256("\x1f".join(place).encode()).hexdigest()[:16]
    return f"{place[0]}/{digest}"


def _item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    yield make_item(
        item_key(row),
        [("text", row.cells.get("text", ""))],
        lang="",
        metadata={name: row.cells[name] for name in ("subreddit", "bucket") if row.cells.get(name)},
        row=row,
        source=source.name,
        column="text",
    )


def parse_annotations(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """“Care,Equality” is a set of two labels; a blank annotation is the empty set."""
    for source in sources:
        read = partial(_annotation, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def _annotation(row: Row, *, options: Options, source: str) -> Iterable[AnnotationRecord]:
    annotator = row.cells.get("annotator", "")
    if not annotator.strip():
        raise CellError("the annotator is missing: every row needs one.", "annotator")
    labels = split_labels(row.cells.get("annotation", ""))
    key = item_key(row)
    yield AnnotationRecord(
        item_key=key,
        annotator=annotator,
        labels=labels,
        certainties=_certainties(row.cells.get("confidence", ""), labels, options),
        flags=(),
        submitted_at="",
        group="",
        metadata={},
        source=source,
        row=row.number,
        cells=("item", key, "annotator", annotator, "labels", *labels, "row", *raw_cells(row)),
    )


def _certainties(text: str, labels: tuple[str, ...], options: Options) -> dict[str, float] | None:
    if not text.strip():
        return None
    share = CONFIDENCE_WORDS.get(text.strip().casefold())
    if share is None:
        share = (options.certainty_range or CertaintyRange()).share(text, "confidence")
    return dict.fromkeys(labels, share)


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    return has_columns(source, "text", "subreddit", "annotator", "annotation")


ITEMS = Format("mfrc", "Moral Foundations Reddit Corpus", _sniff, item_reader(_item))
ANNOTATIONS = Format("mfrc", "Moral Foundations Reddit Corpus", _sniff, parse_annotations)
