"""All formats of labelled data by kind and name; the first that recognises a file is chosen."""

from __future__ import annotations

from typing import TypeAlias

from annotations.formats import (
    chaosnli,
    count_rows,
    counts,
    items,
    label_studio,
    lewidi,
    long,
    mfrc,
    paper,
    paper_inputs,
    tag,
    wide,
)
from annotations.formats.records import ReadLabelled
from hlv.core.tabular import RowSource
from hlv.core.tabular.mapping import Options
from hlv.core.tabular.table_formats import Format

LabelledFormat: TypeAlias = "Format[RowSource, Options, ReadLabelled]"


def _by_name(*formats: LabelledFormat) -> dict[str, LabelledFormat]:
    return {one.name: one for one in formats}


# Order matters: a format of narrower shape comes first, the generic one last.
FORMATS: dict[str, dict[str, LabelledFormat]] = {
    "items": _by_name(
        lewidi.ITEMS_2023,
        lewidi.ITEMS_2025,
        chaosnli.ITEMS,
        label_studio.ITEMS,
        paper.ITEMS,
        paper_inputs.ITEMS,
        mfrc.ITEMS,
        items.ITEMS,
    ),
    "annotations": _by_name(
        lewidi.ANNOTATIONS_2023,
        lewidi.ANNOTATIONS_2025,
        chaosnli.COUNTS,
        label_studio.ANNOTATIONS,
        paper.ANNOTATIONS,
        mfrc.ANNOTATIONS,
        tag.ANNOTATIONS,
        counts.COUNTS,
        count_rows.COUNT_ROWS,
        wide.ANNOTATIONS,
        long.ANNOTATIONS,
    ),
}
