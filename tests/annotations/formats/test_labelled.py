from __future__ import annotations

from pathlib import Path

import pytest

from annotations.formats.records import CountRecord, ItemRecord
from annotations.formats.registry import FORMATS
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Mapping, Options
from hlv.core.tabular.table_formats import choose
from tests.annotations.formats.labelled import all_annotations, answers, one_error, read


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
