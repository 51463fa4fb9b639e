"""Labelled files of a row for each answer."""

import json
import tracemalloc
from pathlib import Path

import pytest

from annotations.formats.items import AnnotationRecord
from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.mapping import CertaintyRange, Options
from tests.annotations.formats.labelled import MULTILABEL, all_annotations, answers, one_error, read
from tests.core.tabular.parsing import parse_labelled


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
        cells = (
            "Credit, debt",
            '["Credit, debt", "Tax"]',
            "Tax,Credit, debt",
            '"Credit, debt"; Tax',
            "Credit, tax",
        )
        rows = [{"item": str(n), "annotator": "a", "label": cell} for n, cell in enumerate(cells)]
        content = "".join(f"{json.dumps(row)}\n" for row in rows)
        found = [
            record.labels
            for record in all_annotations(
                read("annotations", tmp_path, content, options=options, name="x.jsonl")
            )
        ]
        both = ("Credit, debt", "Tax")
        assert found == [both[:1], both, both[::-1], both, ("Credit", "tax")]

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
