"""Items and answers as JSON: our own, the paper's, and LeWiDi 2023."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotations.exporters.answers import certainties_of
from annotations.selectors.exports import ExportedAnswer, ExportedItem
from hlv.core.tabular.writing import iso, json_text, jsonl_text


def items_jsonl(items: Iterable[ExportedItem]) -> Iterator[str]:
    """One item per line, as `hlv import items` reads it again; those that only judgments name have no text: {}."""
    return jsonl_text(_item(item) for item in items)


def _item(item: ExportedItem) -> dict[str, object]:
    named: dict[str, object] = {"item": item.key, "text": dict(item.texts), "lang": item.lang}
    # Metadata stand beside the rest, unless a name is taken.
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

    Only answers of exactly one label can be said in it, and no comma in labels or annotators.
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
