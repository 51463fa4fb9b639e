"""Answers of annotators as tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import islice

import numpy as np

from annotations.formats.spans import plain_text, spans_json, words_of
from annotations.selectors.distributions import LabelTable
from annotations.selectors.exports import ExportedAnswer, ExportedItem, ItemColumns
from hlv.core.tabular.writing import (
    CellValue,
    cell,
    csv_lines,
    csv_text,
    disarmed,
    iso,
    json_text,
    jsonl_text,
)

ANSWERS_PER_PIECE = 500

LABEL_HEADER = (
    "item",
    "annotator",
    "label",
    "chosen",
    "certainty",
    "shown_at",
    "submitted_at",
    "active_ms",
    "revision",
    "stands",
    "guideline_version",
    "flags",
    "reason",
    "comment",
)
ANSWER_HEADER = (
    "item",
    "annotator",
    "group",
    "label",
    "certainty",
    "flags",
    "submitted_at",
    "active_ms",
    "guideline_version",
    "reason",
    "comment",
)

# Only in files of studies that ask for spans.
SPANS = "spans"
SPAN_HEADER = ("item", "annotator", "group", "label", "text", "start", "end", "words")


def label_lines(answers: Iterable[ExportedAnswer]) -> str:
    """A row for each label of each answer; an answer without labels has one row."""
    return csv_lines(row for answer in answers for row in _label_rows(answer))


def _label_rows(answer: ExportedAnswer) -> Iterator[tuple[str, ...]]:
    labels: list[tuple[str | None, bool | None, float | None]] = [
        *((key, True, certainty) for key, certainty in answer.chosen.items()),
        *((key, False, certainty) for key, certainty in answer.rejected.items()),
    ]
    start = disarmed(answer.item_key), disarmed(answer.annotator)
    end = (
        _time(answer.shown_at),
        _time(answer.submitted_at),
        _whole(answer.active_ms),
        str(answer.revision),
        cell(answer.is_current),
        _whole(answer.guideline_version),
        ",".join(answer.flags),
        disarmed(answer.reason),
        disarmed(answer.comment),
    )
    for key, chosen, certainty in labels or [(None, None, None)]:
        yield (*start, cell(key), cell(chosen), cell(certainty), *end)


def answer_table(
    answers: Iterable[ExportedAnswer], *, one_label_only: bool, with_spans: bool = False
) -> Iterator[str]:
    """A row for each answer, as `hlv import annotations` reads it again."""
    yield csv_lines([answer_header(with_spans=with_spans)])
    rest = iter(answers)
    while chunk := list(islice(rest, ANSWERS_PER_PIECE)):
        yield answer_lines(chunk, one_label_only=one_label_only, with_spans=with_spans)


def answer_jsonl(
    answers: Iterable[ExportedAnswer], *, one_label_only: bool, with_spans: bool = False
) -> Iterator[str]:
    """An answer per line, with the names of `answer_table`; what is not known is null."""
    return jsonl_text(
        _answer(answer, one_label_only=one_label_only, with_spans=with_spans) for answer in answers
    )


def _answer(answer: ExportedAnswer, *, one_label_only: bool, with_spans: bool) -> dict[str, object]:
    chosen = list(answer.chosen)
    label: object = chosen[0] if one_label_only and len(chosen) == 1 else chosen
    row: dict[str, object] = {
        "item": answer.item_key,
        "annotator": answer.annotator,
        "group": answer.group,
        "label": None if not chosen and answer.flags else label,
        "certainty": certainties_of(answer) or None,
        "flags": ",".join(answer.flags),
        "submitted_at": None if answer.submitted_at is None else iso(answer.submitted_at),
        "active_ms": answer.active_ms,
        "guideline_version": answer.guideline_version,
        "reason": answer.reason,
        "comment": answer.comment,
    }
    return row | {SPANS: spans_json(answer.spans)} if with_spans else row


def answer_header(*, with_spans: bool) -> tuple[str, ...]:
    return (*ANSWER_HEADER, SPANS) if with_spans else ANSWER_HEADER


def span_lines(item: ExportedItem, answers: Iterable[ExportedAnswer]) -> str:
    """A row for each span of each answer to an item, with its words."""
    texts = {place: plain_text(text) for place, (_name, text) in enumerate(item.texts)}
    return csv_lines(row for answer in answers for row in _span_rows(answer, item, texts))


def _span_rows(
    answer: ExportedAnswer, item: ExportedItem, texts: dict[int, str]
) -> Iterator[tuple[str, ...]]:
    for span in answer.spans:
        name = item.texts[span.text][0] if span.text < len(item.texts) else ""
        said = (item.key, answer.annotator, answer.group, span.label, name)
        yield (*map(disarmed, said), str(span.start), str(span.end), disarmed(words_of(span, texts)))


def answer_lines(answers: Iterable[ExportedAnswer], *, one_label_only: bool, with_spans: bool = False) -> str:
    rows = ((_answer_row(answer, one_label_only=one_label_only), answer) for answer in answers)
    return csv_lines((*row, _spans_cell(answer)) if with_spans else row for row, answer in rows)


def _spans_cell(answer: ExportedAnswer) -> str:
    return json_text(spans_json(answer.spans)) if answer.spans else ""


def _answer_row(answer: ExportedAnswer, *, one_label_only: bool) -> tuple[str, ...]:
    said_otherwise = not answer.chosen and bool(answer.flags)
    if said_otherwise:
        label = ""
    elif one_label_only and len(answer.chosen) == 1:
        label = disarmed(next(iter(answer.chosen)))
    else:
        # A list: labels may contain commas, and the empty set is explicit.
        label = _labels_text(tuple(answer.chosen))
    return (
        disarmed(answer.item_key),
        disarmed(answer.annotator),
        disarmed(answer.group),
        label,
        certainties_cell(answer),
        ",".join(answer.flags),
        _time(answer.submitted_at),
        _whole(answer.active_ms),
        _whole(answer.guideline_version),
        disarmed(answer.reason),
        disarmed(answer.comment),
    )


def _time(time: dt.datetime | None) -> str:
    return "" if time is None else iso(time)


def _whole(number: int | None) -> str:
    return "" if number is None else str(number)


def certainties_of(answer: ExportedAnswer) -> dict[str, float]:
    """Of chosen and rejected labels, where given."""
    both = answer.chosen | answer.rejected if answer.rejected else answer.chosen
    return {key: certainty for key, certainty in both.items() if certainty is not None}


def certainties_cell(answer: ExportedAnswer) -> str:
    certainties = certainties_of(answer)
    return _certainties_text(tuple(certainties.items())) if certainties else ""


# A study has few sets of labels and few certainties, and writing each of them again took a fifth of an export.
@lru_cache(maxsize=4096)
def _labels_text(labels: tuple[str, ...]) -> str:
    return json_text(labels)


@lru_cache(maxsize=4096)
def _certainties_text(certainties: tuple[tuple[str, float], ...]) -> str:
    return json_text(dict(certainties))


def distribution_table(table: LabelTable, keys: Sequence[str], *, one_label_only: bool) -> Iterator[str]:
    """Counts, plain shares and certainty-weighted shares; undefined ones are blank."""
    plain = table.distributions(one_label_only=one_label_only)
    weighted = table.weighted_by_certainty(one_label_only=one_label_only)
    header = ["item", "n_annotators"]
    for what in ("n", "share", "certainty_weighted"):
        header += [f"{what}.{label}" for label in table.label_keys]

    def rows() -> Iterator[list[CellValue]]:
        for row, key in enumerate(keys):
            yield [
                key,
                int(table.n_annotators[row]),
                *(int(count) for count in table.counts[row]),
                *(float(share) for share in plain[row]),
                *(None if np.isnan(share) else float(share) for share in weighted[row]),
            ]

    return csv_text(header, rows())


def distribution_jsonl(table: LabelTable, keys: Sequence[str], *, one_label_only: bool) -> Iterator[str]:
    """One distribution per line, by label."""
    plain = table.distributions(one_label_only=one_label_only)
    return jsonl_text(
        {
            "item": key,
            "n_annotators": int(table.n_annotators[row]),
            "distribution": {
                label: float(share) for label, share in zip(table.label_keys, plain[row], strict=True)
            },
        }
        for row, key in enumerate(keys)
    )


def distribution_array(table: LabelTable, *, one_label_only: bool) -> bytes:
    """The (N, K) array as `.npy`; lists of items and labels go beside it."""
    buffer = BytesIO()
    np.save(buffer, table.distributions(one_label_only=one_label_only), allow_pickle=False)
    return buffer.getvalue()


def items_jsonl(items: Iterable[ExportedItem]) -> Iterator[str]:
    """One item per line, as `hlv import items` reads it again; those that only judgments name have no text: {}."""
    return jsonl_text(_item(item) for item in items)


def _item(item: ExportedItem) -> dict[str, object]:
    named: dict[str, object] = {"item": item.key, "text": dict(item.texts), "lang": item.lang}
    # Metadata are top-level fields, unless a name is taken.
    return named | {name: value for name, value in item.metadata.items() if name not in named}


def item_table(items: Iterable[ExportedItem], columns: ItemColumns) -> Iterator[str]:
    """One item per row; a single text is called text, several are text.NAME."""
    alone = columns.texts == ("text",)
    texts = ["text"] if alone else [f"text.{name}" for name in columns.texts]
    named = ["item", *texts, "lang"]
    facts = [name for name in columns.metadata if name not in named]

    def rows() -> Iterator[tuple[CellValue, ...]]:
        for item in items:
            of_item = dict(item.texts)
            yield (
                item.key,
                *(of_item.get(name) for name in columns.texts),
                item.lang,
                *(item.metadata.get(name) for name in facts),
            )

    return csv_text([*named, *facts], rows())


def paper_lines(
    item: ExportedItem, answers: Iterable[ExportedAnswer], *, one_label_only: bool
) -> Iterator[str]:
    """The paper's JSONL: one line per answer, its input repeated."""
    texts = json_text(dict(item.texts))
    for answer in answers:
        output, metadata = _paper(answer, item, one_label_only=one_label_only)
        yield f'{{"input": {texts}, "output": {json_text(output)}, "metadata": {json_text(metadata)}}}\n'


def _paper(
    answer: ExportedAnswer, item: ExportedItem, *, one_label_only: bool
) -> tuple[dict[str, object], dict[str, object]]:
    certainties = certainties_of(answer)
    output: dict[str, object]
    if one_label_only and len(answer.chosen) == 1 and certainties.keys() <= answer.chosen.keys():
        output = {"class": next(iter(answer.chosen))}
        if certainties:
            output["confidence"] = next(iter(certainties.values()))
    else:
        output = {"classes": list(answer.chosen)}
        if certainties:
            output["confidences"] = certainties
    metadata: dict[str, object] = {"item": item.key, "annotator": answer.annotator}
    if answer.group:
        metadata["group"] = answer.group
    if item.lang:
        metadata["lang"] = item.lang
    if answer.submitted_at is not None:
        metadata["submitted_at"] = iso(answer.submitted_at)
    if answer.flags:
        metadata["flags"] = list(answer.flags)
    return output, metadata


def lewidi_entry(item: ExportedItem, answers: Iterable[ExportedAnswer], *, labels: list[str]) -> str:
    """The entry of an item in LeWiDi 2023: annotators and annotations as parallel lists; "" where there is none.

    It can express only answers of exactly one label, and no comma in labels or annotators.
    """
    entry = _lewidi(item, [answer for answer in answers if len(answer.chosen) == 1], labels)
    return "" if entry is None else f"{json_text(item.key)}: {json_text(entry)}"


def _lewidi(item: ExportedItem, answers: list[ExportedAnswer], labels: list[str]) -> dict[str, object] | None:
    if not answers or not item.texts:
        return None
    chosen = [next(iter(answer.chosen)) for answer in answers]
    counts = {label: chosen.count(label) for label in labels}
    texts = dict(item.texts)
    groups = [answer.group for answer in answers]
    other: dict[str, object] = {}
    if all(groups) and not any("," in group for group in groups):
        other["annotators group"] = ",".join(groups)
    return {
        "item_id": item.key,
        "text": texts["text"] if list(texts) == ["text"] else json_text(texts),
        "annotation task": item.metadata.get("annotation task", ""),
        "number of annotations": len(answers),
        "annotations": ",".join(chosen),
        "annotators": ",".join(answer.annotator for answer in answers),
        "lang": item.lang,
        # Where labels tie, the first of the label set.
        "hard_label": max(labels, key=lambda label: counts[label]),
        "soft_label": {label: count / len(answers) for label, count in counts.items()},
        "split": item.metadata.get("split", "all"),
        "other_info": other,
    }
