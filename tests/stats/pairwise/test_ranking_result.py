"""What a summary of a ranking keeps."""

from __future__ import annotations

import numpy as np

from hlv.stats.pairwise.ranking_result import Ranking


def make_ranking(ranks: list[int] | None) -> Ranking:
    missing = np.full(3, np.nan)
    strengths = missing if ranks is None else np.array([0.5, -1.0, 0.5])
    return Ranking(
        names=["b", "c", "a"],
        method_judgments=np.array([4, 5, 6]),
        strengths=strengths,
        low=strengths - 1,
        high=strengths + 1,
        ranks=None if ranks is None else np.array(ranks),
        best_rank=None if ranks is None else np.array([1, 3, 1]),
        worst_rank=None if ranks is None else np.array([2, 3, 2]),
    )


def test_methods_are_listed_by_rank_and_equal_ranks_keep_their_order() -> None:
    methods = make_ranking([1, 3, 1]).summary().methods
    assert [method.name for method in methods] == ["b", "a", "c"]
    assert methods[2].interval == (-2.0, 0.0)
    assert methods[1].rank_interval == (1, 2)
    assert methods[1].n_judgments == 6


def test_without_a_ranking_names_stay_and_numbers_are_none() -> None:
    methods = make_ranking(None).summary().methods
    assert [method.name for method in methods] == ["b", "c", "a"]
    assert all(method.strength is method.interval is method.rank is None for method in methods)
