from __future__ import annotations

import json
from pathlib import Path

import pytest

from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import CellError, FormatError, RowError
from hlv.core.tabular.mapping import Mapping
from metaeval.formats.evaluation_options import Options
from metaeval.formats.judgments import read_verdict
from metaeval.formats.records import JudgmentRecord, Verdict
from tests.metaeval.formats.parsing import parse_judgments


def read(
    folder: Path,
    content: str,
    *,
    name: str = "j.csv",
    maps: tuple[str, ...] = (),
    options: Options | None = None,
) -> list[JudgmentRecord | RowError]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return list(parse_judgments([open_rows(path)], mapping=Mapping.parse(maps), options=options))


def judgments(rows: list[JudgmentRecord | RowError]) -> list[JudgmentRecord]:
    assert not [row for row in rows if isinstance(row, RowError)], rows
    return [row for row in rows if isinstance(row, JudgmentRecord)]


def one_error(rows: list[JudgmentRecord | RowError]) -> RowError:
    (error,) = [row for row in rows if isinstance(row, RowError)]
    return error


@pytest.mark.parametrize(
    ("winner", "verdict"),
    [
        ("left", Verdict.LEFT),
        ("RIGHT", Verdict.RIGHT),
        ("tie", Verdict.TIE),
        ("A", Verdict.LEFT),
        ("b", Verdict.RIGHT),
        ("both", Verdict.BOTH),
        ("neither", Verdict.NEITHER),
        ("tie (bothbad)", Verdict.NEITHER),
        ("cannot", Verdict.CANNOT),
        ("model_a", Verdict.LEFT),
        ("0", Verdict.TIE),
        ("1", Verdict.LEFT),
        ("2", Verdict.RIGHT),
        ("base3b", Verdict.LEFT),
        ("basewr_3b", Verdict.RIGHT),
        ("same", Verdict.TIE),
        ("1/2", Verdict.LEFT),
        ("(2, 1)", Verdict.RIGHT),
        ("1,1", Verdict.TIE),
    ],
)
def test_every_spelling_of_the_winner_is_read(winner: str, verdict: Verdict) -> None:
    assert read_verdict(winner, left="base3b", right="basewr_3b", column="winner") is verdict


def test_a_list_of_ranks_is_read_and_the_lower_is_better() -> None:
    assert read_verdict(["2", "1"], left="x", right="y", column="winner") is Verdict.RIGHT


def test_a_name_that_is_also_a_code_for_the_other_side_is_refused() -> None:
    assert read_verdict("1", left="1", right="2", column="winner") is Verdict.LEFT
    with pytest.raises(CellError, match="also means “left”"):
        read_verdict("1", left="2", right="1", column="winner")


@pytest.mark.parametrize("winner", ["", "  ", "basewr3", "3", "perhaps"])
def test_another_winner_is_refused(winner: str) -> None:
    with pytest.raises(CellError, match="the winner"):
        read_verdict(winner, left="a1", right="b1", column="winner")


def test_item_and_judge_may_be_absent(tmp_path: Path) -> None:
    (record,) = judgments(read(tmp_path, "left,right,winner\nPizza,Sushi,left\n"))
    assert (record.item_key, record.judge, record.verdict) == (None, None, Verdict.LEFT)


def test_the_id_of_a_row_is_no_item(tmp_path: Path) -> None:
    (record,) = judgments(read(tmp_path, "id,prompt,worker,left,right,winner\n0,8,58,x,y,tie\n"))
    assert (record.item_key, record.judge) == ("8", "58")


def test_a_blank_judge_is_an_error_where_there_are_judges(tmp_path: Path) -> None:
    content = "judge,left,right,winner\n,x,y,left\nj,x,y,left\n"
    rows = read(tmp_path, content)
    assert (one_error(rows).row, one_error(rows).column) == (2, "judge")
    assert "leave the column out for all rows (--map judge=)" in one_error(rows).sentence
    assert [record.judge for record in judgments(read(tmp_path, content, maps=("judge=",)))] == [None, None]


@pytest.mark.parametrize("names", [{}, {"base3b": "base3", "base_3b": "base3"}])
def test_a_method_compared_with_itself_is_an_error(tmp_path: Path, names: dict[str, str]) -> None:
    left, right = ("base3b", "base_3b") if names else ("base3b", "base3b")
    rows = read(tmp_path, f"left,right,winner\n{left},{right},left\n", options=Options(names=names))
    assert "compared with itself" in one_error(rows).sentence


def test_a_criterion_is_a_mapped_column_and_options_are_split(tmp_path: Path) -> None:
    content = 'plot,language,options,texts\nbase3b,same,"base3b,basewr_3b","(80, 81)"\n'
    common = ("left,right=options", "item=texts")
    options = Options(names={"base3b": "base3", "basewr_3b": "basewr3"})
    (plot,) = judgments(read(tmp_path, content, maps=("winner=plot", *common), options=options))
    (language,) = judgments(read(tmp_path, content, maps=("winner=language", *common), options=options))
    assert (plot.left, plot.right, plot.verdict, plot.item_key) == (
        "base3",
        "basewr3",
        Verdict.LEFT,
        "(80, 81)",
    )
    assert (language.verdict, language.criterion) == (Verdict.TIE, "language")
    assert plot.cells != language.cells


def test_two_columns_of_ranks_are_joined(tmp_path: Path) -> None:
    (record,) = judgments(read(tmp_path, "left,right,ra,rb\nx,y,2,1\n", maps=("winner=ra+rb",)))
    assert record.verdict is Verdict.RIGHT


def test_pandalm_has_a_judge_in_each_column_and_0_is_a_tie(tmp_path: Path) -> None:
    rows = [{"idx": 0, "cmp_key": "bloom-7b_llama-7b", "annotator1": 2, "annotator2": 0, "annotator3": 1}]
    found = judgments(read(tmp_path, json.dumps(rows), name="testset.json"))
    assert [(one.judge, one.verdict) for one in found] == [
        ("annotator1", Verdict.RIGHT),
        ("annotator2", Verdict.TIE),
        ("annotator3", Verdict.LEFT),
    ]
    assert {(one.item_key, one.left, one.right) for one in found} == {("0", "bloom-7b", "llama-7b")}


def test_a_missing_column_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no column for “winner”"):
        read(tmp_path, "left,right\nx,y\n")
