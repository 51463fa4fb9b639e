"""Learning With Disagreements, 2023 (parallel lists) and 2025 (an object of answers).

Item ids restart in each split, so a key is dataset/split/id; the dataset comes from the file's name. The
hard labels were drawn at random at ties and the soft labels are rounded: neither is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePath

from annotations.formats.items import item_reader, make_item
from annotations.formats.labels import split_labels
from annotations.formats.records import AnnotationRecord, ItemRecord
from hlv.core.tabular import KEY_COLUMN, Row, RowSource
from hlv.core.tabular.cells import DECODER, Json, RepeatedKeyError, cell_text
from hlv.core.tabular.errors import CellError, RowError
from hlv.core.tabular.mapping import Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, read_records

_SPLIT_IN_NAME = re.compile(
    r"^(?P<dataset>.+?)[_-](?P<split>train|dev|test|trial|valid|validation)\b", re.IGNORECASE
)
_KEPT_AS_METADATA = ("annotation task", "task", "split", "other_info")


def item_key(row: Row, source: RowSource, options: Options) -> str:
    """Dataset, split and id: ids restart in each split. Our own exports name the whole key beside it."""
    if row.cells.get("item_id"):
        return row.cells["item_id"]
    stem = PurePath(source.name).stem
    # Under-score counts as a letter to \b, and “CSC_test_clear” is a split too.
    found = _SPLIT_IN_NAME.match(stem.replace("_clear", ""))
    dataset = options.dataset or (found["dataset"] if found else stem)
    split = row.cells.get("split") or (found["split"].lower() if found else "")
    if not split:
        raise CellError(
            "neither the row nor the file's name says the split, and ids restart in each.", "split"
        )
    return f"{dataset}/{split}/{row.cells[KEY_COLUMN]}"


def _texts(value: Json) -> list[tuple[str, Json]]:
    """One text, an object of texts (2025), or an object of texts inside a text (ConvAbuse)."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            inner: Json = DECODER.decode(value)
        except (json.JSONDecodeError, RepeatedKeyError):
            return [("text", value)]
        if isinstance(inner, dict) and all(isinstance(member, str) for member in inner.values()):
            return list(inner.items())
    return [("text", value)]


def _item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    yield make_item(
        item_key(row, source, options),
        _texts(row.value("text")),
        lang=row.cells.get("lang", ""),
        metadata={name: row.cells[name] for name in _KEPT_AS_METADATA if row.cells.get(name)},
        row=row,
        source=source.name,
        column="text",
    )


def _parallel_answers(row: Row) -> Iterator[tuple[str, str]]:
    """2023: annotators and annotations are lists in two cells. An annotator listed twice is yielded twice."""
    answers, annotators = row.cells.get("annotations", ""), row.cells.get("annotators", "")
    if not answers and not annotators:
        return
    given, named = answers.split(","), annotators.split(",")
    if len(given) != len(named):
        raise CellError(f"there are {len(given)} annotations by {len(named)} annotators.", "annotations")
    for annotator, answer in zip(named, given, strict=True):
        if not annotator.strip():
            raise CellError("an annotator is blank in the list.", "annotators")
        # A blank place in the list is an annotator who did not get the item.
        if answer.strip():
            yield annotator.strip(), answer.strip()


def _named_answers(row: Row) -> Iterator[tuple[str, str]]:
    """2025: an object of answers by annotator. The `annotators` list beside it may repeat names and is not read."""
    answers = row.value("annotations")
    if not isinstance(answers, dict):
        raise CellError("the annotations are no object by annotator.", "annotations")
    for annotator, answer in answers.items():
        text = cell_text(answer)
        if text.strip():
            yield annotator, text


def _groups(row: Row) -> dict[str, str]:
    """The group of each annotator, where other_info has it."""
    other = row.value("other_info")
    if not isinstance(other, dict):
        return {}
    annotators = [name.strip() for name in row.cells.get("annotators", "").split(",")]
    listed = other.get("annotators group")
    if isinstance(listed, str):
        groups = [group.strip() for group in listed.split(",")]
        if len(groups) == len(annotators):
            return {
                name: cell_text(other.get(group, group))
                for name, group in zip(annotators, groups, strict=True)
            }
    return {name: cell_text(other[name]) for name in annotators if isinstance(other.get(name), str)}


def _annotations(
    row: Row,
    *,
    answers: Callable[[Row], Iterator[tuple[str, str]]],
    sets: bool,
    source: RowSource,
    options: Options,
) -> Iterable[AnnotationRecord]:
    key = item_key(row, source, options)
    groups = _groups(row)
    # A row is good or faulty as a whole: nothing of it is yielded before its lists have been read.
    for annotator, answer in list(answers(row)):
        labels = split_labels(answer) if sets else (answer,)
        yield AnnotationRecord(
            item_key=key,
            annotator=annotator,
            labels=labels,
            certainties=None,
            flags=(),
            submitted_at="",
            group=groups.get(annotator, ""),
            metadata={},
            source=source.name,
            row=row.number,
            cells=("item", key, "annotator", annotator, "labels", *labels),
        )


def parse_2023(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """Parallel lists; a person listed twice for one item gives two records, for the rule on duplicates."""
    for source in sources:
        read = partial(_annotations, answers=_parallel_answers, sets=False, source=source, options=options)
        yield from read_records(source, read, source=source.name)


def parse_2025(
    sources: Sequence[RowSource], mapping: Mapping, options: Options
) -> Iterator[AnnotationRecord | RowError]:
    """Answers by annotator; “contradiction,neutral” is a set."""
    for source in sources:
        read = partial(_annotations, answers=_named_answers, sets=True, source=source, options=options)
        yield from read_records(source, read, source=source.name)


def _is_lewidi(source: RowSource) -> bool:
    return has_columns(source, KEY_COLUMN, "annotations", "annotators", "text")


def _named(source: RowSource) -> bool:
    return any(isinstance(row.value("annotations"), dict) for row in source.head(50))


def _sniff_2023(source: RowSource, mapping: Mapping) -> bool:
    return _is_lewidi(source) and not _named(source)


def _sniff_2025(source: RowSource, mapping: Mapping) -> bool:
    return _is_lewidi(source) and _named(source)


ITEMS_2023 = Format("lewidi2023", "LeWiDi 2023", _sniff_2023, item_reader(_item))
ITEMS_2025 = Format("lewidi2025", "LeWiDi 2025", _sniff_2025, item_reader(_item))
ANNOTATIONS_2023 = Format("lewidi2023", "LeWiDi 2023", _sniff_2023, parse_2023)
ANNOTATIONS_2025 = Format("lewidi2025", "LeWiDi 2025", _sniff_2025, parse_2025)
