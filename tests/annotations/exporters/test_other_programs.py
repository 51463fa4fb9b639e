"""Answers as LeWiDi 2025 and Label Studio read them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from annotations.exporters.other_programs import label_studio_task, lewidi2025_entry
from annotations.selectors.exports import ExportedAnswer, ExportedItem

LABELS = ("yes", "no", "maybe")
NOON = dt.datetime(2026, 5, 1, 14, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def item(**more: Any) -> ExportedItem:
    fields: dict[str, Any] = {"texts": (("text", "Tea?"),), "lang": "en", "metadata": {}}
    return ExportedItem(pk=1, key="t1", **(fields | more))


def answer(annotator: str, *chosen: str, **more: Any) -> ExportedAnswer:
    fields: dict[str, Any] = {
        "item_id": 1, "item_key": "t1", "annotator": annotator, "group": "", "gives_labels": True,
        "chosen": dict.fromkeys(chosen), "rejected": {}, "flags": (), "reason": "", "comment": "", "spans": (),
        "shown_at": None, "submitted_at": None, "active_ms": None, "guideline_version": None, "revision": 1,
        "is_current": True,
    }  # fmt: skip
    return ExportedAnswer(**(fields | more))


def lewidi(of: ExportedItem, *answers: ExportedAnswer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("{" + lewidi2025_entry(of, answers, labels=LABELS) + "}")
    return dict(found["t1"])


def studio(of: ExportedItem, *answers: ExportedAnswer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(label_studio_task(of, answers))
    return found


def test_soft_labels_are_shares_of_the_annotators_who_chose_a_label() -> None:
    found = lewidi(
        item(metadata={"split": "dev", "task": "tea"}),
        answer("A", "yes", group="x"),
        answer("B", "yes", "no"),
        # The empty set has no place in this format.
        answer("C"),
    )
    assert found["soft_label"] == {"yes": 1.0, "no": 0.5, "maybe": 0.0}
    assert found["annotations"] == {"A": "yes", "B": "yes,no"}
    assert (found["number of annotations"], found["annotators"]) == (2, "A,B")
    assert found["other_info"] == {"A": "x"}
    assert (found["split"], found["task"], found["lang"]) == ("dev", "tea", "en")
    assert found["text"] == {"text": "Tea?"}


def test_an_item_without_a_split_belongs_to_all() -> None:
    assert lewidi(item(), answer("A", "no"))["split"] == "all"


def test_there_is_no_entry_without_a_label_or_a_text() -> None:
    assert lewidi2025_entry(item(), [], labels=LABELS) == ""
    assert lewidi2025_entry(item(), [answer("A")], labels=LABELS) == ""
    assert lewidi2025_entry(item(texts=()), [answer("A", "yes")], labels=LABELS) == ""


def test_a_task_has_the_choices_of_each_annotator() -> None:
    task = studio(item(), answer("A", "yes", "no", submitted_at=NOON), answer("B"))
    first, second = task["annotations"]
    assert first == {
        "completed_by": {"email": "A"},
        "was_cancelled": False,
        "result": [
            {
                "from_name": "label",
                "to_name": "text",
                "type": "choices",
                "value": {"choices": ["yes", "no"]},
            }
        ],
        "created_at": "2026-05-01T12:00:00Z",
    }
    # The empty set is an answer.
    assert second == {"completed_by": {"email": "B"}, "was_cancelled": False, "result": []}


def test_a_skip_is_a_cancelled_annotation() -> None:
    task = studio(item(), answer("A", gives_labels=False, flags=("skipped",)))
    assert [one["was_cancelled"] for one in task["annotations"]] == [True]


def test_the_first_text_is_what_choices_belong_to() -> None:
    task = studio(item(texts=(("premise", "p"), ("hypothesis", "h"))), answer("A", "yes"))
    assert task["annotations"][0]["result"][0]["to_name"] == "premise"
    assert task["data"] == {"id": "t1", "premise": "p", "hypothesis": "h", "lang": "en"}


def test_facts_of_an_item_replace_neither_its_key_nor_its_text() -> None:
    task = studio(item(metadata={"id": "other", "text": "other", "genre": "tea"}), answer("A", "yes"))
    assert task["data"] == {"id": "t1", "text": "Tea?", "lang": "en", "genre": "tea"}


def test_nobody_answered_is_no_task() -> None:
    assert label_studio_task(item(), []) == ""
