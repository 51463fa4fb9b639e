from __future__ import annotations

from pathlib import Path

import pytest

from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Mapping
from metaeval.formats.evaluation_options import Directions, Options, read_name_map
from metaeval.formats.records import ScoreRecord
from tests.metaeval.formats.parsing import parse_scores


def read(
    folder: Path, content: str, *, maps: tuple[str, ...] = (), options: Options | None = None
) -> list[ScoreRecord | RowError]:
    path = folder / "s.csv"
    path.write_text(content, encoding="utf-8")
    return list(parse_scores([open_rows(path)], mapping=Mapping.parse(maps), options=options))


def scores(rows: list[ScoreRecord | RowError]) -> list[tuple[str, str | None, str, float | None]]:
    assert not [row for row in rows if isinstance(row, RowError)], rows
    return [(row.method, row.item_key, row.metric, row.value) for row in rows if isinstance(row, ScoreRecord)]


def test_a_wide_table_has_a_score_in_each_cell_and_blanks_are_missing(tmp_path: Path) -> None:
    assert scores(read(tmp_path, "Model,BLEU,Elo\nx,0.5,\ny,NA,1e3\n")) == [
        ("x", None, "BLEU", 0.5),
        ("x", None, "Elo", None),
        ("y", None, "BLEU", None),
        ("y", None, "Elo", 1000.0),
    ]


def test_a_row_that_ends_early_has_blanks_at_its_end(tmp_path: Path) -> None:
    assert scores(read(tmp_path, "model,a,b\nx,1\n")) == [("x", None, "a", 1.0), ("x", None, "b", None)]


def test_a_long_table_may_name_items_and_directions(tmp_path: Path) -> None:
    rows = read(tmp_path, "method,item,metric,value,direction\nx,1,BLEU,0.5,up\nx,2,TER,0.5,down\n")
    assert scores(rows) == [("x", "1", "BLEU", 0.5), ("x", "2", "TER", 0.5)]
    assert [row.higher_is_better for row in rows if isinstance(row, ScoreRecord)] == [True, False]


def test_repeated_rows_without_items_stay_apart(tmp_path: Path) -> None:
    rows = read(tmp_path, "key,cat,val\nsft3,num_words,1701.0\nsft3,num_words,152.0\nsft3,num_words,152.0\n")
    assert [value for *_, value in scores(rows)] == [1701.0, 152.0, 152.0]


def test_the_direction_can_be_said_for_all_or_for_one(tmp_path: Path) -> None:
    options = Options(directions=Directions.parse(["up", "TER=down"]))
    rows = read(tmp_path, "model,BLEU,TER\nx,1,2\n", options=options)
    assert [row.higher_is_better for row in rows if isinstance(row, ScoreRecord)] == [True, False]
    with pytest.raises(FormatError, match="no direction"):
        Directions.parse(["sideways"])


@pytest.mark.parametrize("cell", ["abc", "inf", "1_000"])
def test_what_is_no_number_is_an_error_with_its_column(tmp_path: Path, cell: str) -> None:
    (error,) = [row for row in read(tmp_path, f"model,BLEU\nx,{cell}\ny,1\n") if isinstance(row, RowError)]
    assert (error.row, error.column) == (2, "BLEU")


@pytest.mark.parametrize(
    "content",
    [
        "base3b,base3\nbasewr_3b,basewr3\n",
        "study,metrics\nbase3b,base3\nbasewr_3b,basewr3\n",
        "base3;base3b\nbasewr3;basewr_3b\n",
        '{"base3": "base3b", "basewr3": "basewr_3b"}',
        "base3b = base3\nbasewr_3b = basewr3\n",
    ],
)
def test_a_map_of_names_reads_in_either_order_where_the_study_knows(tmp_path: Path, content: str) -> None:
    path = tmp_path / "names.txt"
    path.write_text(content)
    names = read_name_map(path, known={"base3b", "basewr_3b"})
    assert (names["base3"], names["basewr3"]) == ("base3b", "basewr_3b")
    rows = read(tmp_path, "model,BLEU\nbase3,1\nother,2\n", options=Options(names=names))
    assert [method for method, *_ in scores(rows)] == ["base3b", "other"]


@pytest.mark.parametrize(
    ("content", "sentence"), [("a,b\na,c\n", "two names"), ("a\n", "two names"), ("", "empty")]
)
def test_a_map_that_is_none_is_said(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "names.csv"
    path.write_text(content)
    with pytest.raises(FormatError, match=sentence):
        read_name_map(path)
