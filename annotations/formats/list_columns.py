"""A row for each item with parallel lists of annotators and labels, as Hugging Face data sets have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from annotations.formats.items import ITEM, AnnotationRecord, ItemRecord, items_with_answers, make_answer
from annotations.formats.label_tables import ANNOTATOR, CERTAINTY, ITEM_ONLY, LABEL
from annotations.formats.labels import read_certainties, read_labels
from hlv.core.tabular import Row, RowSource
from hlv.core.tabular.cells import Json, cell_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Columns, Field, Mapping, Options
from hlv.core.tabular.table_formats import Format, read_records

_ANNOTATORS = replace(
    ANNOTATOR,
    usual=("annotators", "annotator_ids", "workers", "worker_ids", "raters", "coders", *ANNOTATOR.usual),
)
_LABELS = replace(LABEL, usual=("annotations", "annotator_labels", "labels", *LABEL.usual))
# A share for each label follows from the answers.
_DISTRIBUTION = Field("distribution", ("distribution", "soft_label", "soft_labels"))
FIELDS = (ITEM, _ANNOTATORS, _LABELS, CERTAINTY, *ITEM_ONLY, Field("metadata", has_members=True))


def parse(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """One annotation for each annotator in the list; a null label means that this annotator gave none."""
    for source in sources:
        columns = mapping.bind(source.columns, FIELDS, name=source.name)
        read = partial(_answers, columns=columns, options=options, source=source.name)
        yield from read_records(source, read, source=source.name)


def _answers(row: Row, *, columns: Columns, options: Options, source: str) -> Iterable[AnnotationRecord]:
    key = columns.required_text(row, "item")
    annotators = _list(row, columns, "annotator")
    labels = _list(row, columns, "label")
    certainties = _list(row, columns, "certainty") if "certainty" in columns else [None] * len(labels)
    label_column = columns.of("label")[0]
    if not len(annotators) == len(labels) == len(certainties):
        raise CellError(f"there are {len(labels)} labels by {len(annotators)} annotators.", label_column)
    answers: list[AnnotationRecord] = []
    for annotator, label, certainty in zip(annotators, labels, certainties, strict=True):
        name = cell_text(annotator)
        if not name.strip():
            raise CellError("an annotator is blank in the list.", columns.of("annotator")[0])
        if label is None:
            continue
        chosen = read_labels(label, options=options, column=label_column)
        scale = options.certainty_range or CertaintyRange()
        shares = read_certainties(certainty, chosen, scale=scale, column="certainty")
        answers.append(make_answer(key, name, chosen, row=row, source=source, certainties=shares))
    return answers


def _list(row: Row, columns: Columns, field: str) -> list[Json]:
    value = columns.value(row, field)
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise CellError(f"a list of each annotator's {field} is needed.", columns.of(field)[0])
    return value


def _sniff(source: RowSource, mapping: Mapping) -> bool:
    annotator = mapping.target("annotator") or _ANNOTATORS.usual_column(source.columns)
    return annotator is not None and any(isinstance(row.value(annotator), list) for row in source.head(50))


def parse_items(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[ItemRecord | RowError]:
    """The items; columns that describe answers are no metadata of theirs."""
    return items_with_answers((_ANNOTATORS, _LABELS, CERTAINTY, _DISTRIBUTION), sources, mapping)


TITLE = "Lists of annotators and labels in each row (Hugging Face)"
ITEMS = Format("list-columns", TITLE, _sniff, parse_items, FIELDS)
ANNOTATIONS = Format("list-columns", TITLE, _sniff, parse, FIELDS)
