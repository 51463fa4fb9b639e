"""A row for each item, annotator and area of law, with a certainty from 0 to 100."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from annotations.formats.items import ITEM
from annotations.formats.long import ANNOTATOR
from annotations.formats.records import AnnotationRecord
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Columns, Field, Mapping, Options
from hlv.core.tabular.table_formats import Format

AREA = Field("area", ("area", "area_of_law", "areaoflaw", "area of law"), required=True)
RATING = Field("certainty", ("certainty", "certainty_rating", "rating", "confidence"), required=True)
FIELDS = (
    ITEM,
    ANNOTATOR,
    AREA,
    RATING,
    Field("text", has_members=True),
    Field("lang"),
    Field("metadata", has_members=True),
)
_SCALE = CertaintyRange(0, 100)


def parse_annotations(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """One annotation per item and annotator.

    An area rated above the low end is chosen; one rated at the low end is a certainty on a rejected label; a
    blank rating says nothing. Rows of one annotator and item must stand together, so that the file need not be
    held in memory.
    """
    scale = options.certainty_range or _SCALE
    seen: set[int] = set()
    for source in sources:
        columns = mapping.bind(source.columns, FIELDS, name=source.name)
        for answer, rows in groupby(_rated(source, columns, scale), key=_answer):
            if answer is None:
                yield from (row for row in rows if isinstance(row, RowError))
                continue
            ratings = [row for row in rows if not isinstance(row, RowError)]
            yield _annotation(answer, ratings, seen, source.name)


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


def _annotation(
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


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    if "area" in mapping.fields:
        return True
    return AREA.usual_column(source.columns) is not None and "label" not in mapping.fields


ANNOTATIONS = Format(
    "tag", "A row for each item, annotator and area of law", _sniff, parse_annotations, FIELDS
)
