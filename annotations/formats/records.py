"""What the readers of labelled data yield: plain text records with the place they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from hlv.core.tabular.errors import RowError

Cells: TypeAlias = "tuple[str, ...]"


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One item: its key, its texts in order by name, and whatever else the file says of it."""

    key: str
    texts: tuple[tuple[str, str], ...]
    lang: str
    metadata: Mapping[str, str]
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
    certainties: Mapping[str, float] | None
    flags: tuple[str, ...]
    submitted_at: str
    group: str
    metadata: Mapping[str, str]
    source: str
    row: int
    cells: Cells = field(repr=False)


@dataclass(frozen=True, slots=True)
class CountRecord:
    """How many unnamed people gave each label to one item."""

    item_key: str
    counts: Mapping[str, int]
    source: str
    row: int
    cells: Cells = field(repr=False)


LabelledRecord: TypeAlias = ItemRecord | AnnotationRecord | CountRecord
ReadLabelled: TypeAlias = LabelledRecord | RowError
