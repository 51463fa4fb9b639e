"""Answers as other programs read them: LeWiDi 2025 and Label Studio."""

from __future__ import annotations

from collections.abc import Sequence

from annotations.selectors.exports import ExportedAnswer, ExportedItem
from hlv.core.tabular.writing import iso, json_text

CONTROL = "label"


def lewidi2025_entry(item: ExportedItem, answers: Sequence[ExportedAnswer], *, labels: Sequence[str]) -> str:
    """The entry of an item: an object of answers by annotator; "" where nobody chose a label.

    It cannot express the empty set, nor a comma in a label.
    """
    given = {answer.annotator: answer for answer in answers if answer.chosen}
    if not given or not item.texts:
        return ""
    chosen = [label for answer in given.values() for label in answer.chosen]
    entry: dict[str, object] = {
        "item_id": item.key,
        "text": dict(item.texts),
        "task": item.metadata.get("task", ""),
        "number of annotations": len(given),
        "annotations": {name: ",".join(answer.chosen) for name, answer in given.items()},
        "annotators": ",".join(given),
        "lang": item.lang,
        "soft_label": {label: chosen.count(label) / len(given) for label in labels},
        "split": item.metadata.get("split", "all"),
        "other_info": {name: answer.group for name, answer in given.items() if answer.group},
    }
    return f"{json_text(item.key)}: {json_text(entry)}"


def label_studio_task(item: ExportedItem, answers: Sequence[ExportedAnswer]) -> str:
    """A task with the choices of each annotator; "" where nobody answered. It cannot express certainties."""
    if not answers:
        return ""
    texts = dict(item.texts)
    data: dict[str, object] = {"id": item.key, **texts, "lang": item.lang}
    control = {"from_name": CONTROL, "to_name": next(iter(texts), "text"), "type": "choices"}
    annotations = [
        {
            "completed_by": {"email": answer.annotator},
            "was_cancelled": not answer.gives_labels,
            "result": [{**control, "value": {"choices": list(answer.chosen)}}] if answer.chosen else [],
            **({"created_at": iso(answer.submitted_at)} if answer.submitted_at else {}),
        }
        for answer in answers
    ]
    return json_text(
        {
            "data": data | {name: text for name, text in item.metadata.items() if name not in data},
            "annotations": annotations,
        }
    )
