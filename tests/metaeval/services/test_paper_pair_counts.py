"""Verdicts of the paper's files as counts, and their tables."""

from __future__ import annotations

import numpy as np
import pytest

from metaeval.formats.records import JudgmentRecord, Verdict
from metaeval.services.paper_pair_counts import PairCounts, ranking_table, win_table


def judgment(left: str, right: str, verdict: Verdict, *, judge: str = "j", item: str = "t") -> JudgmentRecord:
    return JudgmentRecord(
        item_key=item, judge=judge, left=left, right=right, verdict=verdict, confidence=None, submitted_at="",
        revisable=False, criterion="", metadata={}, source="file", row=1, cells=(),
    )  # fmt: skip


LEFT, RIGHT, BOTH, NEITHER = Verdict.LEFT, Verdict.RIGHT, Verdict.BOTH, Verdict.NEITHER
COUNTS = PairCounts.of(
    [
        judgment("b", "a", LEFT),
        judgment("a", "b", RIGHT, judge="k"),
        judgment("a", "b", LEFT, item="u"),
        judgment("b", "a", BOTH, item="u", judge="k"),
        judgment("a", "c", NEITHER),
    ]
)


def test_wins_are_counted_whatever_the_side() -> None:
    assert COUNTS.names == ["a", "b", "c"]
    assert COUNTS.wins.tolist() == [[0, 1, 0], [2, 0, 0], [0, 0, 0]]


def test_ties_of_both_kinds_are_symmetric() -> None:
    assert COUNTS.both.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert COUNTS.neither.tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert COUNTS.ties.tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]


def test_each_judgment_counts_for_both_methods() -> None:
    assert COUNTS.n_judgments.tolist() == [5, 4, 1]


def test_the_table_of_wins_has_a_row_for_each_side_of_a_compared_pair() -> None:
    table = win_table({"bert": COUNTS})
    assert table.header[-5:] == ("wins", "losses", "both", "neither", "n_judgments")
    assert table.rows == [
        ("bert", "a", "b", 1, 2, 1, 0, 4),
        ("bert", "a", "c", 0, 0, 0, 1, 1),
        ("bert", "b", "a", 2, 1, 1, 0, 4),
        ("bert", "c", "a", 0, 0, 0, 1, 1),
    ]


def test_half_ties_determine_what_the_ties_of_the_paper_do_not() -> None:
    # c only tied, so no walk leads to it unless a tie is half a win.
    found = COUNTS.centralities
    assert found["denominator"].values is None
    assert found["denominator"].undetermined
    half = found["half"].values
    assert half is not None
    # a and b: rates 2.5 and 1.5 of 4; a and c: each 0.5 of 1. So b : a is 2.5 : 1.5, and c : a is 1 : 1.
    assert half == pytest.approx(np.array([3, 5, 3]) / 11)


def test_an_undetermined_ranking_has_blanks_and_its_reason() -> None:
    table = ranking_table({"bert": COUNTS})
    row = dict(zip(table.header, table.rows[0], strict=True))
    assert (row["base_model"], row["method"], row["n_judgments"]) == ("bert", "a", 5)
    assert row["rank_centrality_of_the_paper"] is None
    assert row["rank_centrality_half_ties"] == pytest.approx(3 / 11)
    assert COUNTS.centralities["denominator"].undetermined in str(row["undetermined"])
