from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hlv.core.stored_results import plain
from hlv.stats.pairwise.comparisons import FIRST, SECOND, make_cells
from hlv.stats.raters.rater_counts import UndeterminedJudgesError
from hlv.stats.raters.rater_report import describe_judges
from tests.stats.boards import make_random_cells, read_llmfao

SECTIONS = {"agreement", "self_consistency", "side_bias", "triads", "consensus", "without", "reliability"}


def test_every_judge_has_every_section_or_a_reason() -> None:
    cells = make_random_cells(4, n_items=3)
    cells = make_cells(
        first=cells.first,
        second=cells.second,
        outcome=cells.outcome,
        judge=cells.judge,
        item=cells.item,
        first_is_left=np.where(cells.judge == 0, -1, np.arange(len(cells)) % 2),
    )

    found = describe_judges(cells, list("abcde"))
    stored = json.loads(json.dumps(plain(found.judges), allow_nan=False))

    assert found.undetermined == {}
    assert len(stored) == len(found.codes) == 12
    for judge in stored:
        assert {name for name, section in judge.items() if section is not None} == SECTIONS | {"n_judgments"}
    # judge 0 never had known sides
    assert stored[0]["side_bias"]["undetermined"]
    assert stored[0]["self_consistency"]["undetermined"]
    assert 0 < stored[1]["reliability"]["reliability"] < 1
    assert found.section_details["reliability"]["ties"] == "half"


def test_a_section_without_an_answer_stops_no_other() -> None:
    # no chain of wins both ways, no items, no sides
    cells = make_cells(first=[0, 0], second=[1, 1], outcome=[FIRST, FIRST], judge=[1, 2])

    found = describe_judges(cells, ["a", "b"])

    assert set(found.undetermined) == {
        "agreement", "self_consistency", "side_bias", "consensus", "without", "equal_judges",
    }  # fmt: skip
    assert "2 groups" in found.undetermined["consensus"]
    assert set(found.sections) == {"triads", "reliability"}
    with pytest.raises(UndeterminedJudgesError):
        describe_judges(make_cells(first=[0], second=[1], outcome=[SECOND]), ["a", "b"])


def test_the_crowd_of_llmfao_is_described_whole(shared_data: Path) -> None:
    cells, names = read_llmfao(shared_data, "crowd")

    found = describe_judges(cells, names)

    assert len(found.codes) == 124
    assert sum(found.n_judgments) == cells.n_judgments
    # sides are not in this table
    assert set(found.undetermined) == {"self_consistency", "side_bias"}
    reliability = [row.reliability for row in found.sections["reliability"]]
    assert min(reliability) < 0.5 < np.median(reliability)
