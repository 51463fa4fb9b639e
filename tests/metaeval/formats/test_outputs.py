from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Mapping
from metaeval.formats.arrays import open_source
from metaeval.formats.evaluation_options import BaseModels, Options
from metaeval.formats.records import OutputRecord
from tests.metaeval.formats.parsing import parse_outputs

P = np.array([[0.7, 0.3], [0.25, 0.75], [1.0, 0.0]])
ITEMS = ("1", "2", "3")


def read(
    path: Path, *, maps: tuple[str, ...] = (), options: Options | None = None
) -> list[OutputRecord | RowError]:
    return list(parse_outputs([open_source(path)], mapping=Mapping.parse(maps), options=options))


def outputs(rows: list[OutputRecord | RowError]) -> list[OutputRecord]:
    assert not [row for row in rows if isinstance(row, RowError)], rows
    return [row for row in rows if isinstance(row, OutputRecord)]


def one_error(rows: list[OutputRecord | RowError]) -> RowError:
    (error,) = [row for row in rows if isinstance(row, RowError)]
    return error


def test_a_line_is_a_distribution_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    line = {"item": "007", "method": "ReL", "run": 2, "distribution": {"0": 0.25, "1": 0.75}}
    path.write_text(json.dumps(line))
    (record,) = outputs(
        read(
            path, options=Options(base_models=BaseModels("roberta"), names={"ReL": "Repeated"}, task="single")
        )
    )
    assert (record.item_key, record.method, record.run, record.base_model) == (
        "007",
        "Repeated",
        "2",
        "roberta",
    )
    assert record.distribution == {"0": 0.25, "1": 0.75}
    assert record.text is None


def test_a_text_is_kept_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text('{"item": 1, "method": "m", "text": "  NA "}\n{"item": 2, "method": "m", "text": ""}\n')
    first, second = outputs(read(path))
    assert (first.text, second.text, first.distribution) == ("  NA ", "", None)


def test_a_wide_table_has_a_column_for_each_label(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("item,method,yes,no\n1,m,0.5,0.5\n")
    (by_label,) = outputs(read(path, options=Options(labels=("yes", "no"))))
    (mapped,) = outputs(read(path, maps=("distribution.ja=yes", "distribution.nein=no")))
    assert by_label.distribution == {"yes": 0.5, "no": 0.5}
    assert mapped.distribution == {"ja": 0.5, "nein": 0.5}


@pytest.mark.parametrize("share", ["1.2", "-0.1", "nan", "x", ""])
def test_a_share_that_is_none_is_an_error_of_its_row(tmp_path: Path, share: str) -> None:
    path = tmp_path / "o.csv"
    path.write_text(f"item,method,yes,no\n1,m,{share},0.5\n")
    assert one_error(read(path, options=Options(labels=("yes", "no")))).row == 2


def test_shares_must_sum_to_1_where_one_label_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text('{"item": 1, "method": "m", "distribution": {"a": 0.5, "b": 0.9}}')
    assert "sum to 1.4" in one_error(read(path, options=Options(task="single"))).sentence
    assert len(outputs(read(path, options=Options(task="multilabel")))) == 1


def test_a_file_without_methods_needs_one_named(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text('{"item": 1, "distribution": {"a": 1}}')
    with pytest.raises(FormatError, match="names no method"):
        read(path)
    assert outputs(read(path, options=Options(method="m")))[0].method == "m"


@pytest.mark.parametrize("stacked", [False, True])
def test_an_array_is_read_with_its_lists(tmp_path: Path, stacked: bool) -> None:
    path = tmp_path / "hlv.npy"
    human = np.full_like(P, 0.5)
    np.save(path, np.stack([human, P]) if stacked else P)
    options = Options(items=ITEMS, labels=("no", "yes"), method="m", run="3", task="single")
    found = outputs(read(path, options=options))
    assert [record.distribution for record in found] == [
        dict(zip(("no", "yes"), row, strict=True)) for row in P.tolist()
    ]
    assert {(record.method, record.run) for record in found} == {("m", "3")}


def test_the_lists_of_an_array_may_lie_beside_it(tmp_path: Path) -> None:
    np.save(tmp_path / "SL.npy", P.astype(np.float32))
    (tmp_path / "items.txt").write_text("1\n2\n3\n")
    (tmp_path / "labels.json").write_text('["no", "yes"]')
    found = outputs(read(tmp_path / "SL.npy"))
    assert [(record.item_key, record.method) for record in found] == [("1", "SL"), ("2", "SL"), ("3", "SL")]


@pytest.mark.parametrize(
    ("items", "sentence"),
    [(("1", "2"), "3 items and the list has 2"), (("1", "1", "2"), "twice"), ((), "needs a list")],
)
def test_a_list_that_does_not_fit_is_said(tmp_path: Path, items: tuple[str, ...], sentence: str) -> None:
    np.save(tmp_path / "m.npy", P)
    with pytest.raises(FormatError, match=sentence):
        read(tmp_path / "m.npy", options=Options(items=items, labels=("no", "yes")))


def test_logits_are_an_error_of_each_row(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.array([[3.2, -1.0], [0.5, 0.5], [np.nan, 1.0]]))
    rows = read(tmp_path / "m.npy", options=Options(items=ITEMS, labels=("no", "yes")))
    assert [row.row for row in rows if isinstance(row, RowError)] == [1, 3]


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2, 2, 2)), np.zeros(3), np.zeros((3, 3, 2)), np.ones((2, 2), dtype=int)]
)
def test_another_shape_is_said(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "m.npy", array)
    with pytest.raises(FormatError, match="shape"):
        read(tmp_path / "m.npy", options=Options(items=ITEMS, labels=("no", "yes")))


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(FormatError, match="no array of numbers"):
        read(tmp_path / "m.npy", options=Options(items=("1",), labels=("a",)))
    (tmp_path / "m.pkl").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(FormatError, match="pickle"):
        read(tmp_path / "m.pkl")


def test_a_cut_off_array_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", P)
    (tmp_path / "m.npy").write_bytes((tmp_path / "m.npy").read_bytes()[:-20])
    with pytest.raises(FormatError, match="no array of numbers"):
        read(tmp_path / "m.npy", options=Options(items=ITEMS, labels=("no", "yes")))


@pytest.mark.parametrize("cell", ["[0.25, 0.75]", "[0.25 0.75]", "0.25;0.75"])
def test_a_list_has_a_share_for_each_label_in_their_order(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "o.tsv"
    path.write_text(f"item\tmethod\tdistribution\n1\tm\t{cell}\n")
    (record,) = outputs(read(path, options=Options(labels=("yes, mostly", "no"))))
    assert record.distribution == {"yes, mostly": 0.25, "no": 0.75}
    error = one_error(read(path, options=Options(labels=("a", "b", "c"))))
    assert "2 shares and the study has 3 labels" in error.sentence


def test_shares_that_nearly_sum_to_1_are_taken_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text('{"item": 1, "method": "m", "distribution": {"a": 0.5, "b": 0.49}}')
    told = one_error(read(path, options=Options(task="single"))).sentence
    assert "sum to 0.99, not to 1" in told
    assert "--normalise" in told
    (record,) = outputs(read(path, options=Options(task="single", normalise=True)))
    # As they are in the file: the import divides them, and counts.
    assert record.distribution == {"a": 0.5, "b": 0.49}


def test_shares_far_from_1_are_refused_whatever_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_text('{"item": 1, "method": "m", "distribution": {"a": 0.5, "b": 0.2}}')
    told = one_error(read(path, options=Options(task="single", normalise=True))).sentence
    assert "sum to 0.7" in told
    assert "--normalise" not in told


def test_a_label_with_a_comma_is_mapped_to_its_column(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text('item,method,"yes, mostly",no\n1,m,0.5,0.5\n')
    (found,) = outputs(read(path, options=Options(labels=("yes, mostly", "no"))))
    maps = ("distribution.yes, mostly=yes, mostly", "distribution.no=no")
    (mapped,) = outputs(read(path, maps=maps))
    assert found.distribution == mapped.distribution == {"yes, mostly": 0.5, "no": 0.5}
