from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from annotations.formats.errors import FormatError, RowError
from annotations.formats.mapping import Mapping
from annotations.formats.options import CertaintyRange, Options
from annotations.formats.reading import choose
from annotations.formats.records import AnnotationRecord, CountRecord, ItemRecord, ReadLabelled
from annotations.formats.registry import FORMATS
from annotations.formats.tables import open_rows
from tests.annotations.formats.parsing import parse_labelled


def read(
    kind: str,
    folder: Path,
    content: object,
    *,
    name: str = "x.csv",
    maps: tuple[str, ...] = (),
    options: Options | None = None,
    format_name: str | None = None,
) -> list[ReadLabelled]:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    mapping = Mapping.parse(maps)
    return list(
        parse_labelled(kind, [open_rows(path)], mapping=mapping, options=options, format_name=format_name)
    )


def all_annotations(rows: list[ReadLabelled]) -> list[AnnotationRecord]:
    assert not [row for row in rows if not isinstance(row, AnnotationRecord)], rows
    return [row for row in rows if isinstance(row, AnnotationRecord)]


def answers(rows: list[ReadLabelled]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(row.item_key, row.annotator, row.labels) for row in all_annotations(rows)]


def one_error(rows: list[ReadLabelled]) -> RowError:
    (error,) = [row for row in rows if isinstance(row, RowError)]
    return error


MULTILABEL = Options(task="multilabel")


class TestItems:
    def test_an_item_has_an_id_texts_a_language_and_whatever_else(self, tmp_path: Path) -> None:
        (item,) = read("items", tmp_path, "id,text,lang,court\n007,Hello,en,High\n")
        assert isinstance(item, ItemRecord)
        assert (item.key, item.texts, item.lang, item.metadata, item.row) == (
            "007",
            (("text", "Hello"),),
            "en",
            {"court": "High"},
            2,
        )

    def test_premise_and_hypothesis_are_two_texts_of_one_item(self, tmp_path: Path) -> None:
        (item,) = read("items", tmp_path, [{"uid": 12, "hypothesis": "b", "premise": "a"}], name="x.json")
        assert isinstance(item, ItemRecord)
        assert item.key == "12"
        assert item.texts == (("premise", "a"), ("hypothesis", "b"))

    def test_a_plus_names_several_texts(self, tmp_path: Path) -> None:
        (item,) = read("items", tmp_path, "id,h,c\n1,x,y\n", maps=("text=h+c",))
        assert isinstance(item, ItemRecord)
        assert item.texts == (("h", "x"), ("c", "y"))

    def test_texts_can_be_given_names(self, tmp_path: Path) -> None:
        (item,) = read("items", tmp_path, "id,h,c\n1,x,y\n", maps=("text.facts=h", "text.question=c"))
        assert isinstance(item, ItemRecord)
        assert item.texts == (("facts", "x"), ("question", "y"))

    def test_a_file_of_answers_yields_each_item_once_without_what_describes_answers(
        self, tmp_path: Path
    ) -> None:
        rows = read("items", tmp_path, "id,text,worker\n1,a,u\n1,a,v\n2,b,u\n")
        assert [(row.key, row.metadata) for row in rows if isinstance(row, ItemRecord)] == [
            ("1", {}),
            ("2", {}),
        ]
        assert len(rows) == 2

    def test_one_id_with_two_texts_names_both_rows(self, tmp_path: Path) -> None:
        error = one_error(read("items", tmp_path, "id,text\n1,a\n2,c\n1,b\n"))
        assert error.row == 4
        assert "row 2" in error.sentence

    def test_an_item_without_id_or_text_is_an_error_of_its_row(self, tmp_path: Path) -> None:
        rows = read("items", tmp_path, "id,text\n,a\n2,\n")
        assert [(row.row, row.column) for row in rows if isinstance(row, RowError)] == [
            (2, "id"),
            (3, "text"),
        ]

    def test_a_file_without_texts_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match="no column of texts"):
            read("items", tmp_path, "id,foo\n1,2\n")


class TestLong:
    def test_a_row_is_an_annotation(self, tmp_path: Path) -> None:
        content = "item,annotator,label,certainty,timestamp,group\n1,ann,yes,0.5,2026-01-02T03:04:05Z,bar\n"
        (record,) = all_annotations(read("annotations", tmp_path, content))
        assert (record.labels, record.certainties, record.submitted_at, record.group) == (
            ("yes",),
            {"yes": 0.5},
            "2026-01-02T03:04:05Z",
            "bar",
        )

    def test_labels_that_look_like_nothing_survive(self, tmp_path: Path) -> None:
        content = "item,annotator,label\n1,a,NA\n2,a,None\n3,a,00123\n4,a, x\n5,a,1e5\n6,a,TRUE\n"
        labels = [record.labels[0] for record in all_annotations(read("annotations", tmp_path, content))]
        assert labels == ["NA", "None", "00123", " x", "1e5", "TRUE"]

    def test_several_labels_are_split_in_multilabel_studies_only(self, tmp_path: Path) -> None:
        content = 'item,annotator,label\n1,a,"x, y"\n'
        assert all_annotations(read("annotations", tmp_path, content))[0].labels == ("x, y",)
        assert all_annotations(read("annotations", tmp_path, content, options=MULTILABEL))[0].labels == (
            "x",
            "y",
        )

    def test_a_label_of_the_study_with_a_comma_is_not_split(self, tmp_path: Path) -> None:
        options = Options(task="multilabel", labels=("Credit, debt", "Tax"))
        content = 'item,annotator,label\n1,a,"Credit, debt"\n2,a,"[""Credit, debt"", ""Tax""]"\n'
        found = [
            record.labels
            for record in all_annotations(read("annotations", tmp_path, content, options=options))
        ]
        assert found == [("Credit, debt",), ("Credit, debt", "Tax")]

    @pytest.mark.parametrize("cell", ["", "[]"])
    def test_an_empty_set_is_an_answer(self, tmp_path: Path, cell: str) -> None:
        content = f"item,annotator,label\n1,a,{cell}\n"
        assert answers(read("annotations", tmp_path, content, options=MULTILABEL)) == [("1", "a", ())]

    def test_an_empty_json_list_is_an_answer_and_null_is_not(self, tmp_path: Path) -> None:
        content = (
            '{"item": 1, "annotator": "a", "labels": []}\n{"item": 2, "annotator": "a", "labels": null}\n'
        )
        rows = read("annotations", tmp_path, content, options=MULTILABEL, name="x.jsonl")
        assert isinstance(rows[0], AnnotationRecord)
        assert rows[0].labels == ()
        assert one_error(rows).row == 2

    def test_a_missing_annotator_is_an_error(self, tmp_path: Path) -> None:
        error = one_error(read("annotations", tmp_path, "item,annotator,label\n1,,yes\n"))
        assert (error.row, error.column) == (2, "annotator")

    def test_a_blank_label_is_an_error_where_one_is_needed(self, tmp_path: Path) -> None:
        assert "blank" in one_error(read("annotations", tmp_path, "item,annotator,label\n1,a,\n")).sentence

    @pytest.mark.parametrize("task", ["single", "multilabel"])
    def test_a_list_written_by_a_program_is_said(self, tmp_path: Path, task: str) -> None:
        content = "item,annotator,label\n1,a,\"['x', 'y']\"\n"
        error = one_error(read("annotations", tmp_path, content, options=Options(task=task)))
        assert "a list written by a program" in error.sentence

    def test_a_scale_of_certainty_is_mapped_to_0_1(self, tmp_path: Path) -> None:
        content = "item,annotator,label,confidence\n1,a,yes,0\n2,a,yes,1\n3,a,yes,4\n4,a,yes,\n"
        options = Options(certainty_range=CertaintyRange.parse("0:4"))
        found = [
            record.certainties
            for record in all_annotations(read("annotations", tmp_path, content, options=options))
        ]
        assert found == [{"yes": 0.0}, {"yes": 0.25}, {"yes": 1.0}, None]

    @pytest.mark.parametrize("certainty", ["5", "-1", "nan", "sure"])
    def test_a_certainty_outside_its_scale_is_an_error(self, tmp_path: Path, certainty: str) -> None:
        options = Options(certainty_range=CertaintyRange(0, 4))
        content = f"item,annotator,label,confidence\n1,a,yes,{certainty}\n"
        error = one_error(read("annotations", tmp_path, content, options=options))
        assert (error.row, error.column) == (2, "confidence")

    def test_certainties_may_name_rejected_labels(self, tmp_path: Path) -> None:
        content = {"item": 1, "annotator": "a", "labels": ["x"], "certainty": {"x": 0.9, "y": 0.4}}
        (record,) = all_annotations(read("annotations", tmp_path, content, name="x.jsonl"))
        assert record.certainties == {"x": 0.9, "y": 0.4}

    def test_a_flag_may_stand_without_a_label(self, tmp_path: Path) -> None:
        (record,) = all_annotations(
            read("annotations", tmp_path, "item,annotator,label,flags\n1,a,,guideline_unclear\n")
        )
        assert (record.labels, record.flags) == ((), ("guideline_unclear",))

    def test_a_time_that_is_none_is_an_error(self, tmp_path: Path) -> None:
        error = one_error(read("annotations", tmp_path, "item,annotator,label,timestamp\n1,a,x,yesterday\n"))
        assert error.column == "timestamp"

    def test_one_mapping_serves_items_and_annotations(self, tmp_path: Path) -> None:
        content = "t,v,w,l,body\nA,1,u,yes,hello\nA,1,v,no,hello\n"
        maps = ("item=t+v", "annotator=w", "label=l", "text=body")
        assert len(read("items", tmp_path, content, maps=maps)) == 1
        assert answers(read("annotations", tmp_path, content, maps=maps)) == [
            ("A/1", "u", ("yes",)),
            ("A/1", "v", ("no",)),
        ]

    def test_a_missing_column_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match="no column for “label”"):
            read("annotations", tmp_path, "item,annotator\n1,a\n")

    def test_memory_stays_flat(self, tmp_path: Path) -> None:
        n_rows = 40_000
        path = tmp_path / "many.csv"
        with path.open("w") as stream:
            stream.write("item,annotator,label\n")
            stream.writelines(f"{n // 5},ann{n % 5},yes\n" for n in range(n_rows))
        rows = parse_labelled("annotations", [open_rows(path)])
        tracemalloc.start()
        n_read = sum(1 for _ in rows)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert n_read == n_rows
        assert peak < 3_000_000


class TestWide:
    def test_each_filled_cell_is_an_annotation(self, tmp_path: Path) -> None:
        rows = read("annotations", tmp_path, "item,text,Ann1,Ann2\n1,t,yes,no\n2,t,,yes\n3,t,-1,no\n")
        assert answers(rows) == [
            ("1", "Ann1", ("yes",)),
            ("1", "Ann2", ("no",)),
            ("2", "Ann2", ("yes",)),
            ("3", "Ann2", ("no",)),
        ]

    def test_minus_one_is_an_answer_where_the_study_has_that_label(self, tmp_path: Path) -> None:
        options = Options(task="ordinal", labels=("-1", "0", "1"))
        rows = read("annotations", tmp_path, "item,Ann1,Ann2\n1,-1,1\n", options=options)
        assert answers(rows) == [("1", "Ann1", ("-1",)), ("1", "Ann2", ("1",))]

    def test_a_vector_of_zeros_is_not_assigned_and_an_empty_list_is_the_empty_set(
        self, tmp_path: Path
    ) -> None:
        options = Options(task="multilabel", labels=("x", "y", "z"))
        content = 'item,Ann1,Ann2,Ann3\n1,"[1,0,1]","[0,0,0]",[]\n'
        rows = read("annotations", tmp_path, content, options=options)
        assert answers(rows) == [("1", "Ann1", ("x", "z")), ("1", "Ann3", ())]

    def test_columns_of_annotators_can_be_named(self, tmp_path: Path) -> None:
        rows = read("annotations", tmp_path, "item,A,B,note\n1,yes,no,hm\n", maps=("annotator=A+B",))
        assert [record.annotator for record in all_annotations(rows)] == ["A", "B"]


class TestCounts:
    def test_counts_come_from_an_object(self, tmp_path: Path) -> None:
        (record,) = read("annotations", tmp_path, '{"item": "1", "counts": {"a": 2, "b": 0}}', name="x.jsonl")
        assert isinstance(record, CountRecord)
        assert record.counts == {"a": 2, "b": 0}

    def test_counts_come_from_columns(self, tmp_path: Path) -> None:
        (record,) = read(
            "annotations", tmp_path, "item,nYes,nNo\n1,3,\n", maps=("count.yes=nYes", "count.no=nNo")
        )
        assert isinstance(record, CountRecord)
        assert record.counts == {"yes": 3, "no": 0}

    @pytest.mark.parametrize("counts", ['{"a": -1}', '{"a": 1.5}', '{"a": 0}', "[1]", '{"a": "x"}'])
    def test_what_is_no_count_is_an_error(self, tmp_path: Path, counts: str) -> None:
        assert (
            one_error(read("annotations", tmp_path, f'{{"item": 1, "counts": {counts}}}', name="x.jsonl")).row
            == 1
        )


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


def test_an_unknown_format_is_said_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no format “excel”: there are lewidi2023"):
        read("annotations", tmp_path, "a,b\n1,2\n", format_name="excel")


def test_no_file_is_said() -> None:
    with pytest.raises(FormatError, match="no file to read"):
        choose(FORMATS["items"], [], mapping=Mapping())


@pytest.mark.parametrize("text", ["", "4", "4:0", "a:b", "1:1", "0:inf"])
def test_what_is_no_range_is_said(text: str) -> None:
    with pytest.raises(FormatError, match="is no range"):
        CertaintyRange.parse(text)
