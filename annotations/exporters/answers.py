"""Answers of annotators as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO

import numpy as np

from annotations.selectors.distributions import LabelTable
from annotations.selectors.exports import ExportedAnswer, ExportedItem
from hlv.core.tabular.writing import CellValue, csv_text, iso, json_text, jsonl_text

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


def label_table(answers: Iterable[ExportedAnswer]) -> Iterator[str]:
    """A row for each label of each answer, all revisions; an answer without labels has one row."""
    return csv_text(LABEL_HEADER, (row for answer in answers for row in _label_rows(answer)))


def _label_rows(answer: ExportedAnswer) -> Iterator[tuple[CellValue, ...]]:
    labels: list[tuple[str | None, bool | None, float | None]] = [
        *((key, True, certainty) for key, certainty in answer.chosen.items()),
        *((key, False, certainty) for key, certainty in answer.rejected.items()),
    ]
    for key, chosen, certainty in labels or [(None, None, None)]:
        yield (
            answer.item_key,
            answer.annotator,
            key,
            chosen,
            certainty,
            answer.shown_at,
            answer.submitted_at,
            answer.active_ms,
            answer.revision,
            answer.is_current,
            answer.guideline_version,
            ",".join(answer.flags),
            answer.reason,
            answer.comment,
        )


def answer_table(answers: Iterable[ExportedAnswer], *, one_label_only: bool) -> Iterator[str]:
    """A row for each answer, as `hlv import annotations` reads it again."""
    return csv_text(ANSWER_HEADER, (_answer_row(answer, one_label_only=one_label_only) for answer in answers))


def _answer_row(answer: ExportedAnswer, *, one_label_only: bool) -> tuple[CellValue, ...]:
    said_otherwise = not answer.chosen and bool(answer.flags)
    if said_otherwise:
        label = ""
    elif one_label_only and len(answer.chosen) == 1:
        label = next(iter(answer.chosen))
    else:
        # A list: labels may contain commas, and the empty set is explicit.
        label = json_text(list(answer.chosen))
    return (
        answer.item_key,
        answer.annotator,
        answer.group,
        label,
        certainties_cell(answer),
        ",".join(answer.flags),
        answer.submitted_at,
        answer.active_ms,
        answer.guideline_version,
        answer.reason,
        answer.comment,
    )


def certainties_of(answer: ExportedAnswer) -> dict[str, float]:
    """Of chosen and rejected labels, where given."""
    both = answer.chosen | answer.rejected
    return {key: certainty for key, certainty in both.items() if certainty is not None}


def certainties_cell(answer: ExportedAnswer) -> str:
    certainties = certainties_of(answer)
    return json_text(certainties) if certainties else ""


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


def paper_jsonl(
    answers: Iterable[ExportedAnswer], items: Iterable[ExportedItem], *, one_label_only: bool
) -> Iterator[str]:
    """The paper's JSONL: one line per answer, its input repeated. Both come in the order of items."""
    return jsonl_text(
        _paper(answer, item, one_label_only=one_label_only)
        for item, given in _by_item(answers, items)
        for answer in given
    )


def _paper(answer: ExportedAnswer, item: ExportedItem, *, one_label_only: bool) -> dict[str, object]:
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
    return {"input": dict(item.texts), "output": output, "metadata": metadata}


def lewidi_json(
    answers: Iterable[ExportedAnswer], items: Iterable[ExportedItem], *, labels: list[str]
) -> Iterator[str]:
    """LeWiDi 2023: an object of items, annotators and annotations as parallel lists.

    It can express only answers of exactly one label, and no comma in labels or annotators.
    """
    start = "{\n"
    for item, given in _by_item(answers, items):
        entry = _lewidi(item, [answer for answer in given if len(answer.chosen) == 1], labels)
        if entry is not None:
            yield f"{start}{json_text(item.key)}: {json_text(entry)}"
            start = ",\n"
    yield "{}\n" if start == "{\n" else "\n}\n"


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


def _by_item(
    answers: Iterable[ExportedAnswer], items: Iterable[ExportedItem]
) -> Iterator[tuple[ExportedItem, list[ExportedAnswer]]]:
    """Each item with its answers; both are streams in the order of items."""
    rest = iter(answers)
    answer = next(rest, None)
    for item in items:
        given: list[ExportedAnswer] = []
        while answer is not None and answer.item_id == item.pk:
            given.append(answer)
            answer = next(rest, None)
        if given:
            yield item, given
