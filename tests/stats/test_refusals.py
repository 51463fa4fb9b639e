"""What each ranking model refuses, and what it says then: no board gets a number that it does not determine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hlv.stats.pairwise.comparisons import FIRST, TIE, Cells, make_cells
from hlv.stats.pairwise.ranking import Ranking, rank_methods
from hlv.stats.pairwise.ranking_models import RankingModel

MODELS: tuple[tuple[RankingModel, str], ...] = (
    *(("bradley-terry", ties) for ties in ("half", "drop", "davidson", "rao-kupper")),
    *(("rank-centrality", ties) for ties in ("half", "drop", "denominator")),
    *(("win-rate", ties) for ties in ("half", "drop")),
)
every_model = pytest.mark.parametrize(("model", "ties"), MODELS)
BOTH_WAYS = [(0, 1), (1, 0)]


def make_cells_of(
    pairs: Sequence[tuple[int, int]], *, tied: Sequence[tuple[int, int]] = (), judges: int = 3
) -> Cells:
    """Every judge prefers the first of each pair to the second, and ties the others, each on two texts."""
    rows = [(*pair, FIRST) for pair in pairs] + [(*pair, TIE) for pair in tied]
    said = [(*row, judge, item) for row in rows for judge in range(judges) for item in range(2)]
    first, second, outcome, judge, item = np.array(said, dtype=np.int64).reshape(-1, 5).T
    return make_cells(first=first, second=second, outcome=outcome, judge=judge, item=item)


def ranked(cells: Cells, names: str, model: RankingModel, ties: str) -> Ranking:
    return rank_methods(cells, list(names), model=model, ties=ties, n_resamples=20, seed=1)


def assert_refused(ranking: Ranking, reason: str) -> None:
    assert ranking.undetermined is not None
    assert reason in ranking.undetermined
    assert np.isnan(ranking.strengths).all()
    stored = ranking.summary()
    assert stored.differences == []
    assert all(row.strength is row.interval is row.rank is None for row in stored.methods)


@every_model
def test_nothing_is_ranked_without_a_judgment(model: RankingModel, ties: str) -> None:
    assert_refused(ranked(make_cells_of([]), "ab", model, ties), "no judgments")


@every_model
def test_parts_that_never_met_are_named(model: RankingModel, ties: str) -> None:
    cells = make_cells_of([*BOTH_WAYS, (2, 3), (3, 2)], tied=[(0, 1), (2, 3)])
    found = ranked(cells, "abcd", model, ties)
    assert_refused(found, "2 groups")
    assert sorted(map(sorted, found.unconnected)) == [["a", "b"], ["c", "d"]]
    assert found.joins


@every_model
def test_an_undefeated_method_has_a_win_rate_and_no_strength(model: RankingModel, ties: str) -> None:
    found = ranked(make_cells_of([(0, 1), (0, 2), (1, 2), (2, 1)]), "abc", model, ties)
    if model == "win-rate":
        assert found.undetermined is None
        assert found.strengths[0] == 1.0
    else:
        assert_refused(found, "2 groups")
        assert ["a"] in found.unconnected


@every_model
def test_ties_alone_make_all_equal_or_nothing(model: RankingModel, ties: str) -> None:
    found = ranked(make_cells_of([], tied=[(0, 1), (1, 2), (0, 2)]), "abc", model, ties)
    if ties == "half":
        assert found.undetermined is None
        assert np.ptp(found.strengths) < 1e-9
        assert found.ranks is not None
        assert found.ranks.tolist() == [1, 1, 1]
        assert found.interval_method is None, "where nothing varies nothing is known of how it would"
        assert not any("intervals rest on that number" in note for note in found.notes)
    else:
        assert_refused(found, "tie")


@every_model
def test_one_judge_is_ranked_by_and_said_to_be_one(model: RankingModel, ties: str) -> None:
    cells = make_cells_of([*BOTH_WAYS, (1, 2), (2, 1), (0, 1)], judges=1)
    found = ranked(cells, "abc", model, ties)
    assert found.undetermined is None
    assert found.resampling_unit == "items"
    assert any("one judge" in note and "ignore differences between judges" in note for note in found.notes)
