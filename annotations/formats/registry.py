"""All formats of labelled data by kind and name; the first that recognises a file is chosen."""

from __future__ import annotations

from typing import TypeAlias

from annotations.formats import (
    annotation_tools,
    answer_columns,
    counts,
    items,
    label_studio,
    label_tables,
    list_columns,
    paper,
    paper_inputs,
    published_datasets,
)
from annotations.formats.items import ReadLabelled
from hlv.core.tabular import RowSource
from hlv.core.tabular.mapping import Options
from hlv.core.tabular.table_formats import Format

LabelledFormat: TypeAlias = "Format[RowSource, Options, ReadLabelled]"


def _by_name(*formats: LabelledFormat) -> dict[str, LabelledFormat]:
    return {one.name: one for one in formats}


# Order matters: a format of narrower shape comes first, the generic one last.
FORMATS: dict[str, dict[str, LabelledFormat]] = {
    "items": _by_name(
        published_datasets.ITEMS_2023,
        published_datasets.ITEMS_2025,
        published_datasets.CHAOSNLI_ITEMS,
        label_studio.ITEMS,
        paper.ITEMS,
        paper_inputs.ITEMS,
        annotation_tools.PRODIGY_ITEMS,
        annotation_tools.ARGILLA_ITEMS,
        annotation_tools.DOCCANO_ITEMS,
        answer_columns.MTURK_ITEMS,
        list_columns.ITEMS,
        published_datasets.MFRC_ITEMS,
        items.ITEMS,
    ),
    "annotations": _by_name(
        published_datasets.ANNOTATIONS_2023,
        published_datasets.ANNOTATIONS_2025,
        published_datasets.CHAOSNLI_COUNTS,
        label_studio.ANNOTATIONS,
        paper.ANNOTATIONS,
        annotation_tools.PRODIGY,
        annotation_tools.ARGILLA,
        annotation_tools.DOCCANO,
        answer_columns.MTURK,
        answer_columns.POTATO,
        published_datasets.MFRC,
        list_columns.ANNOTATIONS,
        label_tables.TAG,
        counts.COUNTS,
        counts.COUNT_ROWS,
        label_tables.WIDE,
        label_tables.LONG,
    ),
}
