"""Exports of Prodigy, doccano and Argilla. The shapes are those that the programs' own writers give."""

import json
from pathlib import Path

from annotations.formats.items import ItemRecord
from tests.annotations.formats.labelled import answers, one_error, read


def lines(*rows: object) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def prodigy(**changes: object) -> dict[str, object]:
    task: dict[str, object] = {
        "text": "a text",
        "meta": {"id": "r1", "source": "desk"},
        "options": [{"id": "housing", "text": "Housing"}, {"id": "debt", "text": "Debt"}],
        "accept": ["housing"],
        "answer": "accept",
        "_input_hash": -12,
        "_task_hash": 34,
        "_annotator_id": "law-ana",
        "_session_id": "law-ana",
        "_timestamp": 1772374800,
    }
    return task | changes


class TestProdigy:
    def test_choices_are_answers_and_ignored_tasks_none(self, tmp_path: Path) -> None:
        text = lines(
            prodigy(),
            prodigy(_annotator_id="law-jo", accept=["debt", "housing"]),
            prodigy(_annotator_id="law-li", accept=[]),
            prodigy(_annotator_id="law-mo", answer="ignore"),
        )
        rows = read("annotations", tmp_path, text, name="x.jsonl")
        assert answers(rows) == [
            ("r1", "law-ana", ("housing",)),
            ("r1", "law-jo", ("debt", "housing")),
            ("r1", "law-li", ()),
        ]

    def test_a_rejected_label_of_a_binary_task_is_the_empty_set(self, tmp_path: Path) -> None:
        binary = {
            name: value for name, value in prodigy(label="debt").items() if name not in ("accept", "options")
        }
        text = lines(binary, binary | {"_annotator_id": "law-jo", "answer": "reject"})
        rows = read("annotations", tmp_path, text, name="x.jsonl")
        assert answers(rows) == [("r1", "law-ana", ("debt",)), ("r1", "law-jo", ())]

    def test_items_have_the_text_and_its_metadata_once(self, tmp_path: Path) -> None:
        text = lines(prodigy(), prodigy(_annotator_id="law-jo"))
        (item,) = read("items", tmp_path, text, name="x.jsonl")
        assert isinstance(item, ItemRecord)
        assert (item.key, item.texts, item.metadata) == (
            "r1",
            (("text", "a text"),),
            {"id": "r1", "source": "desk"},
        )

    def test_without_an_id_the_hash_of_the_input_names_the_item(self, tmp_path: Path) -> None:
        rows = read("annotations", tmp_path, lines(prodigy(meta={})), name="x.jsonl")
        assert answers(rows) == [("-12", "law-ana", ("housing",))]


class TestDoccano:
    def test_the_name_of_the_file_is_the_annotator(self, tmp_path: Path) -> None:
        text = lines(
            {"id": 1, "text": "t", "area": "x", "label": ["debt"], "Comments": []},
            {"id": 2, "text": "u", "label": [], "Comments": []},
        )
        assert answers(read("annotations", tmp_path, text, name="ana.jsonl")) == [("1", "ana", ("debt",))]

    def test_its_csv_joins_labels(self, tmp_path: Path) -> None:
        text = "id,text,label,Comments\n1,t,debt#housing,\n"
        assert answers(read("annotations", tmp_path, text, name="jo.csv")) == [
            ("1", "jo", ("debt", "housing"))
        ]

    def test_a_shared_file_does_not_say_who(self, tmp_path: Path) -> None:
        text = lines({"id": 1, "text": "t", "label": ["debt"], "Comments": []})
        assert "does not say who" in one_error(read("annotations", tmp_path, text, name="all.jsonl")).sentence

    def test_spans_are_refused(self, tmp_path: Path) -> None:
        text = lines({"id": 1, "text": "t", "label": [[0, 1, "debt"]], "Comments": []})
        assert "spans" in one_error(read("annotations", tmp_path, text, name="ana.jsonl")).sentence

    def test_items_keep_what_else_the_file_has(self, tmp_path: Path) -> None:
        text = lines({"id": 1, "text": "t", "area": "x", "label": ["debt"], "Comments": []})
        (item,) = read("items", tmp_path, text, name="ana.jsonl")
        assert isinstance(item, ItemRecord)
        assert (item.key, item.metadata) == ("1", {"area": "x"})


NESTED = {
    "id": "r1",
    "fields": {"request": "a text"},
    "metadata": {"desk": "north"},
    "suggestions": {"area": {"value": "tax", "agent": "model"}},
    "responses": {
        "area": [{"value": "debt", "user_id": "u1"}, {"value": ["debt", "housing"], "user_id": "u2"}],
        "tone": [{"value": "calm", "user_id": "u1"}],
    },
    "status": "completed",
}


class TestArgilla:
    def test_the_responses_to_one_question_are_answers(self, tmp_path: Path) -> None:
        rows = read("annotations", tmp_path, [NESTED], maps=("label=area",))
        assert answers(rows) == [("r1", "u1", ("debt",)), ("r1", "u2", ("debt", "housing"))]

    def test_of_several_questions_one_must_be_named(self, tmp_path: Path) -> None:
        assert "area, tone" in one_error(read("annotations", tmp_path, [NESTED])).sentence

    def test_items_have_the_fields(self, tmp_path: Path) -> None:
        (item,) = read("items", tmp_path, [NESTED])
        assert isinstance(item, ItemRecord)
        assert (item.texts, item.metadata) == ((("request", "a text"),), {"desk": "north"})

    def test_flat_columns_count_submitted_responses_only(self, tmp_path: Path) -> None:
        flat = {
            "id": "r1",
            "status": "completed",
            "request": "a text",
            "area.responses": ["debt", "tax"],
            "area.responses.users": ["u1", "u2"],
            "area.responses.status": ["submitted", "discarded"],
            "area.suggestion": "tax",
        }
        assert answers(read("annotations", tmp_path, [flat])) == [("r1", "u1", ("debt",))]
        (item,) = read("items", tmp_path, [flat])
        assert isinstance(item, ItemRecord)
        assert item.texts == (("request", "a text"),)

    def test_unequal_lists_lose_the_row(self, tmp_path: Path) -> None:
        flat = {"id": "r1", "request": "t", "area.responses": ["debt"], "area.responses.users": []}
        assert "1 responses by 0 users" in one_error(read("annotations", tmp_path, [flat])).sentence
