"""Published data sets: LeWiDi 2023 and 2025, the Moral Foundations Reddit Corpus, ChaosNLI."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import PurePath

from annotations.formats.counts import make_counts, read_count, read_counts
from annotations.formats.items import (
    AnnotationRecord,
    CountRecord,
    ItemRecord,
    item_reader,
    make_answer,
    make_item,
    record_reader,
    with_columns,
)
from annotations.formats.labels import split_labels
from hlv.core.tabular import KEY_COLUMN, Row, RowSource
from hlv.core.tabular.cells import DECODER, Json, RepeatedKeyError, cell_text
from hlv.core.tabular.errors import CellError
from hlv.core.tabular.mapping import CertaintyRange, Mapping, Options
from hlv.core.tabular.table_formats import Format, has_columns, raw_cells

# Learning With Disagreements (LeWiDi): 2023 has parallel lists, 2025 an object of answers. Its hard labels were drawn
# at random at ties, and its soft labels are rounded: neither is read.
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


def _lewidi(
    row: Row,
    source: RowSource,
    options: Options,
    *,
    answers: Callable[[Row], Iterator[tuple[str, str]]],
    labels: Callable[[str], tuple[str, ...]],
) -> Iterable[AnnotationRecord]:
    key = item_key(row, source, options)
    groups = _groups(row)
    # A row is good or faulty as a whole: nothing of it is yielded before its lists have been read.
    return [
        make_answer(key, name, labels(answer), row=row, source=source.name, group=groups.get(name, ""))
        for name, answer in answers(row)
    ]


def _sniff_lewidi(source: RowSource, *, by_annotator: bool) -> bool:
    if not has_columns(source, KEY_COLUMN, "annotations", "annotators", "text"):
        return False
    return by_annotator == any(isinstance(row.value("annotations"), dict) for row in source.head(50))


def _sniff_2023(source: RowSource, mapping: Mapping) -> bool:
    return _sniff_lewidi(source, by_annotator=False)


def _sniff_2025(source: RowSource, mapping: Mapping) -> bool:
    return _sniff_lewidi(source, by_annotator=True)


# An annotator listed twice for one item gives two records, for the rule on duplicates.
parse_2023 = record_reader(partial(_lewidi, answers=_parallel_answers, labels=lambda answer: (answer,)))
parse_2025 = record_reader(partial(_lewidi, answers=_named_answers, labels=split_labels))
ITEMS_2023 = Format("lewidi2023", "LeWiDi 2023", _sniff_2023, item_reader(_item))
ITEMS_2025 = Format("lewidi2025", "LeWiDi 2025", _sniff_2025, item_reader(_item))
ANNOTATIONS_2023 = Format("lewidi2023", "LeWiDi 2023", _sniff_2023, parse_2023)
ANNOTATIONS_2025 = Format("lewidi2025", "LeWiDi 2025", _sniff_2025, parse_2025)


# The Moral Foundations Reddit Corpus has a row for each comment and annotator (Trager et al. 2022). Its three
# words on an ordered scale are spread evenly.
CONFIDENCE_WORDS = {"not confident": 0.0, "somewhat confident": 0.5, "confident": 1.0}


def comment_key(row: Row) -> str:
    """The corpus has no ids: subreddit, bucket and a digest of the three, so that equal texts stay apart."""
    place = (row.cells.get("subreddit", ""), row.cells.get("bucket", ""), row.cells.get("text", ""))
    digest = hashlib.sha256("\x1f".join(place).encode()).hexdigest()[:16]
    return f"{place[0]}/{digest}"


def _mfrc_item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    yield make_item(
        comment_key(row),
        [("text", row.cells.get("text", ""))],
        lang="",
        metadata={name: row.cells[name] for name in ("subreddit", "bucket") if row.cells.get(name)},
        row=row,
        source=source.name,
        column="text",
    )


def _mfrc_answer(row: Row, source: RowSource, options: Options) -> Iterable[AnnotationRecord]:
    """“Care,Equality” is a set of two labels; a blank annotation is the empty set."""
    annotator = row.cells.get("annotator", "")
    if not annotator.strip():
        raise CellError("the annotator is missing: every row needs one.", "annotator")
    labels = split_labels(row.cells.get("annotation", ""))
    yield make_answer(
        comment_key(row),
        annotator,
        labels,
        row=row,
        source=source.name,
        certainties=_certainties(row.cells.get("confidence", ""), labels, options),
        cells=("row", *raw_cells(row)),
    )


def _certainties(text: str, labels: tuple[str, ...], options: Options) -> dict[str, float] | None:
    if not text.strip():
        return None
    share = CONFIDENCE_WORDS.get(text.strip().casefold())
    if share is None:
        share = (options.certainty_range or CertaintyRange()).share(text, "confidence")
    return dict.fromkeys(labels, share)


_is_mfrc = with_columns("text", "subreddit", "annotator", "annotation")
MFRC_ITEMS = Format("mfrc", "Moral Foundations Reddit Corpus", _is_mfrc, item_reader(_mfrc_item))
MFRC = Format("mfrc", "Moral Foundations Reddit Corpus", _is_mfrc, record_reader(_mfrc_answer))


# ChaosNLI has a hundred labels for each item, and no annotators (Nie, Zhou and Bansal 2020). Its label_count and
# label_dist follow this order.
NLI_LABELS = ("e", "n", "c")
ALPHA_LABELS = ("1", "2")
_NO_TEXTS = frozenset({"uid", "source", "story_id", "label"})


def _key(row: Row) -> str:
    key = row.cells.get("uid", "")
    if not key:
        raise CellError("the uid is missing: every row needs one.", "uid")
    return key


def _chaosnli_item(row: Row, source: RowSource, options: Options) -> Iterable[ItemRecord]:
    example = row.value("example")
    if not isinstance(example, dict):
        raise CellError("the example is missing: it holds the texts.", "example")
    yield make_item(
        _key(row),
        [(name, member) for name, member in example.items() if name not in _NO_TEXTS],
        lang="",
        metadata={name: cell_text(example[name]) for name in ("source", "story_id") if example.get(name)},
        row=row,
        source=source.name,
        column="example",
    )


def _chaosnli_counts(row: Row, source: RowSource, options: Options) -> Iterable[CountRecord]:
    """Counts with every label of the task, also those that nobody gave and `label_counter` leaves out."""
    given = read_counts(row.value("label_counter"), "label_counter")
    order = ALPHA_LABELS if set(given) <= set(ALPHA_LABELS) else NLI_LABELS
    unknown = sorted(set(given) - set(order))
    if unknown:
        raise CellError(f"the label “{unknown[0]}” is none of {', '.join(NLI_LABELS)}.", "label_counter")
    counts = {label: given.get(label, 0) for label in order}
    listed = row.value("label_count")
    if isinstance(listed, list):
        again = [read_count(cell_text(member), "label_count") for member in listed]
        if again != list(counts.values()):
            raise CellError("label_count and label_counter disagree.", "label_count")
    yield make_counts(_key(row), counts, row=row, source=source.name)


_is_chaosnli = with_columns("uid", "label_counter", "example")
CHAOSNLI_ITEMS = Format("chaosnli", "ChaosNLI", _is_chaosnli, item_reader(_chaosnli_item))
CHAOSNLI_COUNTS = Format("chaosnli", "ChaosNLI", _is_chaosnli, record_reader(_chaosnli_counts))
