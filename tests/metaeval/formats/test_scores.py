from __future__ import annotations

from pathlib import Path

import pytest

from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Mapping
from metaeval.formats.evaluation_options import Directions, Options, read_directions, read_name_map
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
    ("content", "sentence"), [("a,b\na,c\n", "two names"), ("a\n", "two cells"), ("", "empty")]
)
def test_a_map_that_is_none_is_said(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "names.csv"
    path.write_text(content)
    with pytest.raises(FormatError, match=sentence):
        read_name_map(path)


def test_columns_of_words_are_no_metrics(tmp_path: Path) -> None:
    content = "model,BLEU,licence,notes,year\nx,0.5,MIT,,2023\ny,NA,Apache,good,2024\n"
    assert [metric for _, _, metric, _ in scores(read(tmp_path, content))] == ["BLEU", "year"] * 2
    options = Options(ignored=frozenset({"year"}))
    assert {metric for _, _, metric, _ in scores(read(tmp_path, content, options=options))} == {"BLEU"}


def test_a_word_in_a_column_of_numbers_is_an_error_of_its_row(tmp_path: Path) -> None:
    good, wrong = read(tmp_path, "model,BLEU\nx,0.5\ny,many\n")
    assert isinstance(good, ScoreRecord)
    assert isinstance(wrong, RowError)
    assert (wrong.row, wrong.column) == (3, "BLEU")
    assert "--ignore-columns" in wrong.sentence


def test_a_column_of_words_that_is_mapped_is_read(tmp_path: Path) -> None:
    (wrong,) = read(tmp_path, "model,BLEU\nx,many\n", maps=("metric=BLEU",))
    assert isinstance(wrong, RowError)


def test_a_table_without_numbers_has_no_metrics(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no columns of metrics"):
        read(tmp_path, "model,licence\nx,MIT\n")


def test_an_ignored_column_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no column “yaer” to ignore"):
        read(tmp_path, "model,BLEU\nx,1\n", options=Options(ignored=frozenset({"yaer"})))


@pytest.mark.parametrize(
    "cell", ["[0.1, 0.2]", "[0.1 0.2]", "(0.1,0.2)", "0.1;0.2", "0.1; 0.2;", '["0.1", "0.2"]']
)
def test_a_list_in_a_cell_is_a_score_of_each_unnamed_output(tmp_path: Path, cell: str) -> None:
    (tmp_path / "s.csv").write_text(f"method|BLEU\nx|{cell}\n", encoding="utf-8")
    rows = list(parse_scores([open_rows(tmp_path / "s.csv")], mapping=Mapping()))
    assert scores(rows) == [("x", None, "BLEU", 0.1), ("x", None, "BLEU", 0.2)]


def test_a_list_of_json_is_read_in_a_long_table_too(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"method": "x", "metric": "BLEU", "value": [0.1, null, 2]}\n')
    rows = list(parse_scores([open_rows(tmp_path / "s.jsonl")], mapping=Mapping()))
    assert [value for *_, value in scores(rows)] == [0.1, None, 2.0]


def test_a_text_has_one_score_and_a_decimal_comma_is_no_list(tmp_path: Path) -> None:
    (wrong,) = read(tmp_path, "method,item,BLEU\nx,1,0.1;0.2\n", maps=("metric=BLEU",))
    assert isinstance(wrong, RowError)
    assert "2 scores of one text" in wrong.sentence
    (comma,) = read(tmp_path, 'method,BLEU\nx,"0,5"\n', maps=("metric=BLEU",))
    assert isinstance(comma, RowError)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.json", '{"TER": "down", "Elo [Feb]": true}'),
        ("d.csv", "metric,direction\nTER,lower is better\nElo [Feb],up\n"),
        ("d.tsv", "TER\t↓\nElo [Feb]\thigher_is_better\n"),
    ],
)
def test_directions_come_from_a_file(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    directions = Directions.parse(read_directions(tmp_path / name))
    assert [directions.of(metric) for metric in ("TER", "Elo\n[Feb]", "BLEU")] == [False, True, None]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("TER,down\nBLEU,sideways\n", "line 2: “sideways” is no direction"),
        ("TER,down\nTER,up\n", "“TER” has two directions"),
        ("TER,sideways\n", "no direction"),
    ],
)
def test_a_file_of_directions_that_cannot_be_read_is_told(
    tmp_path: Path, content: str, sentence: str
) -> None:
    (tmp_path / "d.csv").write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=sentence):
        read_directions(tmp_path / "d.csv")


def test_lines_of_a_table_of_directions_can_be_pasted() -> None:
    directions = Directions.parse(["a, b,down", "c\tup", "down"])
    assert [directions.of(metric) for metric in ("a, b", "c", "d")] == [False, True, False]
