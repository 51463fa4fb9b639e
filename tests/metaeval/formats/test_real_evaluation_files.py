"""The real files, whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hlv.core.tabular import open_rows
from hlv.core.tabular.mapping import Mapping
from metaeval.formats.evaluation_options import Options
from metaeval.formats.records import JudgmentRecord, ScoreRecord, Verdict
from tests.metaeval.formats.parsing import parse_judgments, parse_scores


def judgments(path: Path, *maps: str, options: Options | None = None) -> list[JudgmentRecord]:
    rows = list(parse_judgments([open_rows(path)], mapping=Mapping.parse(maps), options=options))
    found = [row for row in rows if isinstance(row, JudgmentRecord)]
    assert len(found) == len(rows)
    return found


def scores(path: Path) -> list[ScoreRecord]:
    rows = list(parse_scores([open_rows(path)]))
    found = [row for row in rows if isinstance(row, ScoreRecord)]
    assert len(found) == len(rows)
    return found


def test_llmfao_has_its_judgments_judges_systems_and_prompts(shared_data: Path) -> None:
    found = judgments(shared_data / "llmfao" / "crowd-comparisons.csv")
    assert Counter(one.verdict for one in found) == {
        Verdict.TIE: 3471,
        Verdict.LEFT: 2911,
        Verdict.RIGHT: 2549,
    }
    assert len({one.judge for one in found}) == 124
    assert len({name for one in found for name in (one.left, one.right)}) == 59
    assert len({one.item_key for one in found}) == 13


@pytest.mark.parametrize("name", ["gpt3", "gpt4"])
def test_the_automatic_judges_of_llmfao_are_read(shared_data: Path, name: str) -> None:
    found = judgments(shared_data / "llmfao" / f"{name}-crowd-comparisons.csv")
    assert len(found) == 2139
    assert {one.judge for one in found} == {None}


def test_pandalm_has_three_judges_and_five_systems(shared_data: Path) -> None:
    found = judgments(shared_data / "pandalm" / "testset-v1.json")
    assert len(found) == 2997
    assert Counter(one.verdict for one in found) == {
        Verdict.RIGHT: 1416,
        Verdict.LEFT: 1255,
        Verdict.TIE: 326,
    }
    assert len({name for one in found for name in (one.left, one.right)}) == 5


@pytest.mark.parametrize(("name", "n_judgments"), [("simple", 16), ("food", 30)])
def test_the_small_sets_have_no_judges_and_no_items(shared_data: Path, name: str, n_judgments: int) -> None:
    found = judgments(shared_data / "evalica" / f"{name}.csv")
    assert len(found) == n_judgments
    assert {(one.item_key, one.judge) for one in found} == {(None, None)}


def test_reasoning_ncp_is_read_criterion_by_criterion(shared_data: Path) -> None:
    path = shared_data / "reasoning_ncp" / "3b_pairwise_annotations.csv"
    n_ties = 0
    for criterion in ("plot", "character", "creativity", "development", "language", "overall_quality"):
        found = judgments(path, f"winner={criterion}", "left,right=options", "item=texts")
        assert len(found) == len({one.item_key for one in found}) == 120
        assert {name for one in found for name in (one.left, one.right)} == {
            *("base3b", "basesft_3b", "basewr_3b", "trained_3b")
        }
        n_ties += sum(one.verdict is Verdict.TIE for one in found)
    assert n_ties == 118


def test_reasoning_ncp_scores_are_per_unnamed_output(shared_data: Path) -> None:
    found = scores(shared_data / "reasoning_ncp" / "raw_automated_metrics_3b.csv")
    assert len(found) == 15928
    assert {one.method for one in found} == {"base3", "sft3", "basewr3", "rl3"}
    assert {one.item_key for one in found} == {None}
    assert Counter((one.method, one.metric) for one in found)["rl3", "num_words"] == 181


def test_alpaca_eval_keeps_blanks_as_missing(shared_data: Path) -> None:
    found = scores(shared_data / "alpaca_eval" / "benchmarks.csv")
    values = {(one.method, one.metric): one.value for one in found}
    human = "Arena Elo [Feb 2, 2024]"
    both = [
        method
        for (method, metric), value in values.items()
        if metric == human and value is not None and values[method, "LC AlpacaEval 2.0"] is not None
    ]
    assert len({one.metric for one in found}) == 23
    assert values["pplx-7b-online", "LC AlpacaEval 2.0"] is None
    assert values["gemma-2b-it", human] == 985.0
    assert len(both) > 30
