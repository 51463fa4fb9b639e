"""Labelled files of other programs and data sets."""

import json
from pathlib import Path

from annotations.formats.items import CountRecord, ItemRecord
from tests.annotations.formats.labelled import all_annotations, answers, one_error, read


def lewidi(**changes: object) -> dict[str, object]:
    entry: dict[str, object] = {
        "text": "t",
        "annotations": "0,1",
        "annotators": "Ann1,Ann2",
        "lang": "en",
        "split": "dev",
        "hard_label": "0",
        "soft_label": {"0.0": 0.5, "1.0": 0.5},
        "other_info": {},
    }
    return entry | changes


class TestLewidi:
    def test_keys_join_data_set_split_and_id(self, tmp_path: Path) -> None:
        rows = read("annotations", tmp_path, {"001": lewidi()}, name="HS-Brexit_dev.json")
        assert answers(rows) == [("HS-Brexit/dev/001", "Ann1", ("0",)), ("HS-Brexit/dev/001", "Ann2", ("1",))]

    def test_neither_hard_nor_soft_labels_are_kept(self, tmp_path: Path) -> None:
        (item,) = read("items", tmp_path, {"1": lewidi()}, name="HS-Brexit_dev.json")
        assert isinstance(item, ItemRecord)
        assert "hard_label" not in item.metadata
        assert "soft_label" not in item.metadata

    def test_an_annotator_listed_twice_gives_two_records(self, tmp_path: Path) -> None:
        entry = lewidi(annotators="Ann1,Ann1")
        rows = all_annotations(read("annotations", tmp_path, {"1": entry}, name="X_dev.json"))
        assert [(row.annotator, row.labels) for row in rows] == [("Ann1", ("0",)), ("Ann1", ("1",))]

    def test_lists_of_unequal_length_lose_the_row_not_a_label(self, tmp_path: Path) -> None:
        rows = read(
            "annotations", tmp_path, {"1": lewidi(annotators="Ann1"), "2": lewidi()}, name="X_dev.json"
        )
        assert "2 annotations by 1 annotators" in one_error(rows).sentence
        assert len(rows) == 3

    def test_the_answers_of_2025_are_an_object_with_sets(self, tmp_path: Path) -> None:
        entry = lewidi(
            text={"context": "c", "statement": "s"},
            annotations={"Ann1": "contradiction,neutral", "Ann2": "neutral", "Ann3": ""},
            annotators="Ann1,Ann1,Ann2",
        )
        rows = read("annotations", tmp_path, {"001-187689": entry}, name="VariErrNLI_test_clear.json")
        assert answers(rows) == [
            ("VariErrNLI/dev/001-187689", "Ann1", ("contradiction", "neutral")),
            ("VariErrNLI/dev/001-187689", "Ann2", ("neutral",)),
        ]
        (item,) = read("items", tmp_path, {"001-187689": entry}, name="VariErrNLI_dev.json")
        assert isinstance(item, ItemRecord)
        assert item.texts == (("context", "c"), ("statement", "s"))

    def test_a_negative_label_is_a_label(self, tmp_path: Path) -> None:
        rows = read(
            "annotations", tmp_path, {"1": lewidi(annotations={"A": "-1", "B": -5})}, name="Par_dev.json"
        )
        assert [row.labels for row in all_annotations(rows)] == [("-1",), ("-5",)]

    def test_a_conversation_inside_a_text_becomes_its_turns(self, tmp_path: Path) -> None:
        entry = lewidi(text=json.dumps({"prev_agent": "a", "user": "b"}))
        (item,) = read("items", tmp_path, {"1": entry}, name="ConvAbuse_dev.json")
        assert isinstance(item, ItemRecord)
        assert item.texts == (("prev_agent", "a"), ("user", "b"))


class TestOthers:
    def test_mfrc_splits_annotations_and_spreads_the_words_of_confidence(self, tmp_path: Path) -> None:
        content = (
            "text,subreddit,bucket,annotator,annotation,confidence\n"
            'hey,europe,French,a00,"Care,Equality",Somewhat Confident\nhey,europe,French,a01,Non-Moral,Confident\n'
        )
        first, second = all_annotations(read("annotations", tmp_path, content))
        assert (first.labels, first.certainties) == (("Care", "Equality"), {"Care": 0.5, "Equality": 0.5})
        assert second.certainties == {"Non-Moral": 1.0}
        (item,) = read("items", tmp_path, content)
        assert isinstance(item, ItemRecord)
        assert item.key == first.item_key == second.item_key

    def test_areas_of_law_are_gathered_by_item_and_annotator(self, tmp_path: Path) -> None:
        content = (
            "item,annotator,area,rating\n1,a,Tax,80\n1,a,Credit,0\n1,a,Family,\n1,b,Tax,0\n2,a,Credit,100\n"
        )
        first, second, third = all_annotations(read("annotations", tmp_path, content))
        assert (first.labels, first.certainties) == (("Tax",), {"Tax": 0.8, "Credit": 0.0})
        assert (second.annotator, second.labels) == ("b", ())
        assert third.labels == ("Credit",)

    def test_scattered_rows_of_areas_are_said(self, tmp_path: Path) -> None:
        content = "item,annotator,area,rating\n1,a,Tax,80\n1,b,Tax,0\n1,a,Credit,10\n"
        assert "do not stand together" in one_error(read("annotations", tmp_path, content)).sentence

    def test_the_papers_lines_are_annotations(self, tmp_path: Path) -> None:
        lines = [
            {
                "input": {"text": "t"},
                "output": {"class": "1"},
                "metadata": {"annotator": "Ann1", "item": "X/1"},
            },
            {
                "input": {"premise": "p", "hypothesis": "h"},
                "output": {"classes": ["a", "b"], "confidences": [1, 0.5]},
                "metadata": {"annotator": 7},
            },
            {"input": {"text": "t"}, "output": {"classes": []}, "metadata": {"annotator": "Ann1"}},
            {"input": {"text": "t"}, "output": {"verdict": "NTA"}, "metadata": {"annotator": "Ann2"}},
        ]
        content = "\n".join(json.dumps(line) for line in lines)
        first, second, third, fourth = all_annotations(read("annotations", tmp_path, content, name="x.jsonl"))
        assert (first.item_key, first.labels) == ("X/1", ("1",))
        assert (second.annotator, second.certainties) == ("7", {"a": 1.0, "b": 0.5})
        assert third.labels == ()
        assert fourth.labels == ("NTA",)
        assert third.item_key == fourth.item_key != second.item_key
        assert len(read("items", tmp_path, content, name="x.jsonl")) == 3

    def test_label_studio_choices_are_read_and_predictions_are_not(self, tmp_path: Path) -> None:
        def answer(who: object, *choices: str, **more: object) -> dict[str, object]:
            result = (
                [{"type": "choices", "from_name": "area", "value": {"choices": list(choices)}}]
                if choices
                else []
            )
            return {"id": 5, "completed_by": who, "result": result, "lead_time": 3.25, **more}

        task = {
            "id": 1,
            "data": {"id": "007", "text": "t", "court": "High"},
            "annotations": [
                answer(3, "x", "y", created_at="2024-01-01T10:00:00Z"),
                answer({"id": 4, "email": "someone"}),
                answer(5, "x", was_cancelled=True),
            ],
            "predictions": [answer(9, "z")],
        }
        first, second = all_annotations(read("annotations", tmp_path, [task], name="x.json"))
        assert (first.item_key, first.annotator, first.labels) == ("007", "3", ("x", "y"))
        assert first.metadata["lead_time"] == "3.25"
        assert (second.annotator, second.labels) == ("4", ())
        (item,) = read("items", tmp_path, [task], name="x.json")
        assert isinstance(item, ItemRecord)
        assert (item.key, item.texts, item.metadata) == ("007", (("text", "t"),), {"court": "High"})

    def test_chaosnli_lists_labels_that_nobody_gave(self, tmp_path: Path) -> None:
        line = {
            "uid": "1.jpg#2r1n",
            "label_counter": {"n": 70, "e": 30},
            "label_count": [30, 70, 0],
            "example": {"uid": "1.jpg#2r1n", "premise": "p", "hypothesis": "h", "source": "snli"},
        }
        (record,) = read("annotations", tmp_path, line, name="x.jsonl")
        assert isinstance(record, CountRecord)
        assert list(record.counts.items()) == [("e", 30), ("n", 70), ("c", 0)]

    def test_alphanli_has_labels_of_text_under_string_keys(self, tmp_path: Path) -> None:
        line = {
            "uid": "a",
            "label_counter": {"1": 99, "2": 1},
            "majority_label": 1,
            "label_count": [99, 1],
            "example": {"obs1": "o", "hyp1": "h", "label": 1},
        }
        (record,) = read("annotations", tmp_path, line, name="x.jsonl")
        assert isinstance(record, CountRecord)
        assert record.counts == {"1": 99, "2": 1}

    def test_chaosnli_counts_that_disagree_are_an_error(self, tmp_path: Path) -> None:
        line = {
            "uid": "a",
            "label_counter": {"n": 70},
            "label_count": [0, 69, 0],
            "example": {"premise": "p"},
        }
        assert "disagree" in one_error(read("annotations", tmp_path, line, name="x.jsonl")).sentence
