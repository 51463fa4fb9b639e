"""Parallel lists of annotators and labels."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.formats.items import ItemRecord
from hlv.core.tabular import open_rows
from hlv.core.tabular.mapping import Options
from tests.annotations.formats.labelled import all_annotations, answers, one_error, read
from tests.core.tabular.parsing import parse_labelled


def test_each_annotator_in_the_list_gives_an_answer(tmp_path: Path) -> None:
    rows = read("annotations", tmp_path, [{"id": 7, "annotators": [3, 4], "annotations": ["yes", "no"]}])
    assert answers(rows) == [("7", "3", ("yes",)), ("7", "4", ("no",))]


def test_a_label_may_be_a_set_and_null_is_no_answer(tmp_path: Path) -> None:
    entry = {"id": "a", "annotator_ids": ["x", "y", "z"], "labels": [["b", "c"], [], None]}
    rows = read("annotations", tmp_path, [entry])
    assert answers(rows) == [("a", "x", ("b", "c")), ("a", "y", ())]


def test_certainties_run_in_parallel(tmp_path: Path) -> None:
    entry = {"id": "a", "annotators": ["x", "y"], "annotations": ["b", "c"], "confidence": [1, None]}
    rows = all_annotations(read("annotations", tmp_path, [entry]))
    assert [row.certainties for row in rows] == [{"b": 1.0}, None]


def test_lists_of_unequal_length_lose_the_row_and_not_a_label(tmp_path: Path) -> None:
    rows = read(
        "annotations",
        tmp_path,
        [
            {"id": "a", "annotators": ["x"], "annotations": ["b", "c"]},
            {"id": "b", "annotators": ["x"], "annotations": ["b"]},
        ],
    )
    assert one_error(rows).sentence == "there are 2 labels by 1 annotators."
    assert len(rows) == 2


def test_a_blank_annotator_is_an_error(tmp_path: Path) -> None:
    rows = read("annotations", tmp_path, [{"id": "a", "annotators": ["x", " "], "annotations": ["b", "c"]}])
    assert "annotator is blank" in one_error(rows).sentence


def test_numbered_labels_of_a_hugging_face_file_import_by_name(tmp_path: Path) -> None:
    features = {
        "annotations": {"feature": {"names": ["not hate", "hate"], "_type": "ClassLabel"}, "_type": "List"}
    }
    table = pa.table({"id": ["a"], "text": ["t"], "annotators": [["x", "y"]], "annotations": [[1, 0]]})
    described = json.dumps({"info": {"features": features}}).encode()
    pq.write_table(table.replace_schema_metadata({b"huggingface": described}), tmp_path / "x.parquet")
    source = open_rows(tmp_path / "x.parquet")
    assert answers(list(parse_labelled("annotations", [source]))) == [
        ("a", "x", ("hate",)),
        ("a", "y", ("not hate",)),
    ]
    (item,) = parse_labelled("items", [source], options=Options())
    assert getattr(item, "key", None) == "a"


def test_columns_of_answers_are_no_metadata_of_items(tmp_path: Path) -> None:
    entry = {
        "id": "a",
        "text.premise": "p",
        "text.hypothesis": "h",
        "annotators": ["x"],
        "annotations": ["b"],
        "distribution": [0, 1],
        "genre": "news",
    }
    (item,) = read("items", tmp_path, [entry])
    assert isinstance(item, ItemRecord)
    assert item.texts == (("premise", "p"), ("hypothesis", "h"))
    assert item.metadata == {"genre": "news"}
