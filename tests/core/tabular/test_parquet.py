"""Parquet files, as pyarrow and Hugging Face write them."""

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hlv.core.tabular import TableKind, open_rows
from hlv.core.tabular.errors import FormatError
from tests.core.tabular.tables import errors_of, rows_of, write

CLASSES = {"names": ["no", "yes"], "_type": "ClassLabel"}


def parquet(folder: Path, columns: dict[str, Any], *, features: dict[str, Any] | None = None) -> Path:
    table = pa.table(columns)
    if features is not None:
        described = json.dumps({"info": {"features": features}}).encode()
        table = table.replace_schema_metadata({b"huggingface": described})
    path = folder / "x.parquet"
    pq.write_table(table, path)
    return path


def cells(path: Path) -> list[dict[str, str]]:
    return [dict(row.cells) for row in rows_of(open_rows(path))]


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        {
            "id": ["00123"],
            "n": [2**62 + 1],
            "single": pa.array([0.1], pa.float32()),
            "double": [1 / 3],
            "money": [Decimal("0.10")],
        },
    )
    assert cells(path) == [
        {
            "id": "00123",
            "n": "4611686018427387905",
            "single": "0.1",
            "double": "0.3333333333333333",
            "money": "0.10",
        }
    ]


def test_times_and_truth_values_and_blanks_are_text(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 3, 1, 14, 20, tzinfo=dt.UTC)
    path = parquet(
        tmp_path,
        {
            "at": pa.array([moment, None], pa.timestamp("ns", "UTC")),
            "chosen": [True, None],
            "text": ["نص", ""],
            "image": [b"\xff\xd8", b"abc"],
        },
    )
    assert cells(path) == [
        {"at": "2026-03-01T14:20:00+00:00", "chosen": "true", "text": "نص", "image": "(2 bytes)"},
        {"at": "", "chosen": "", "text": "", "image": "abc"},
    ]


def test_lists_structures_and_maps_keep_their_form(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        {
            "list": [["a", "b"]],
            "nested": [{"x": 1, "y": [0.5]}],
            "map": pa.array([[("yes", 2)]], pa.map_(pa.string(), pa.int64())),
            "coded": pa.array(["u"]).dictionary_encode(),
        },
    )
    (row,) = rows_of(open_rows(path))
    assert row.values == {
        "list": ["a", "b"],
        "nested": {"x": "1", "y": ["0.5"]},
        "map": {"yes": "2"},
        "coded": "u",
    }


@pytest.mark.parametrize(
    "listed", [{"feature": CLASSES, "_type": "List"}, {"feature": CLASSES, "_type": "Sequence"}, [CLASSES]]
)
def test_numbered_labels_of_hugging_face_get_their_names(tmp_path: Path, listed: object) -> None:
    path = parquet(
        tmp_path,
        {"label": [1, -1], "annotations": [[0, 1], []]},
        features={"label": CLASSES, "annotations": listed},
    )
    first, second = rows_of(open_rows(path))
    assert first.values == {"label": "yes", "annotations": ["no", "yes"]}
    assert second.values == {"label": None, "annotations": []}


def test_features_that_cannot_be_read_change_nothing(tmp_path: Path) -> None:
    table = pa.table({"label": [1]}).replace_schema_metadata({b"huggingface": b"{not json"})
    pq.write_table(table, tmp_path / "x.parquet")
    assert cells(tmp_path / "x.parquet") == [{"label": "1"}]


def test_rows_are_numbered_over_row_groups_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"n": list(range(1_203))}), path, row_group_size=700)
    source = open_rows(path)
    assert source.kind is TableKind.PARQUET
    for _ in range(2):
        rows = rows_of(source)
        assert [(row.number, row.cells["n"]) for row in (rows[0], rows[-1])] == [(1, "0"), (1203, "1202")]


def test_what_no_database_keeps_is_an_error_of_its_row(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"text": ["a\x00b", "good"]})
    (error,) = errors_of(open_rows(path))
    assert (error.row, error.column) == (1, "text")


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"text": ["some words"] * 2_000})
    with pytest.raises(FormatError, match="damaged Parquet file"):
        open_rows(write(tmp_path, "cut.parquet", path.read_bytes()[:-40]))


def test_damaged_pages_end_in_a_sentence(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"text": [f"some words {n}" for n in range(2_000)]})
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    with pytest.raises(FormatError, match="the file is damaged"):
        open_rows(write(tmp_path, "bad.parquet", bytes(content)))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(FormatError, match="two columns “a”"):
        open_rows(tmp_path / "x.parquet")


def test_without_pyarrow_the_sentence_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path, {"text": ["a"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FormatError, match=r"pip install hlv\[parquet\]"):
        open_rows(path)
