from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, ranksums

from hlv.stats.meta_evaluation.significance_clusters import greedy_ranks, rank_sum_p, significance_clusters


def p_of(better: list[tuple[int, int]], n: int) -> np.ndarray:
    """A table in which the first of each pair is significantly better."""
    p = np.full((n, n), 0.5)
    for one, other in better:
        p[one, other], p[other, one] = 0.01, 0.99
    np.fill_diagonal(p, 1.0)
    return p


def test_a_line_is_where_all_above_beat_all_below() -> None:
    # 0 and 1 beat 2 and 3; 2 beats 3 as well, but no line is between 0 and 1.
    p = p_of([(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)], 4)

    found = significance_clusters([0.4, 0.3, 0.2, 0.1], p)

    assert found.cluster.tolist() == [1, 1, 2, 3]
    assert found.best_rank.tolist() == [1, 1, 3, 4]
    assert found.worst_rank.tolist() == [2, 2, 3, 4]


def test_one_pair_without_a_difference_removes_the_line() -> None:
    p = p_of([(0, 2), (0, 3), (1, 3), (2, 3)], 4)

    found = significance_clusters([0.4, 0.3, 0.2, 0.1], p)

    assert found.cluster.tolist() == [1, 1, 1, 2]
    assert found.best_rank.tolist() == [1, 1, 2, 4]
    assert found.worst_rank.tolist() == [2, 3, 3, 4]


def test_the_order_of_the_table_does_not_matter() -> None:
    generator = np.random.default_rng(4)
    scores, p = generator.normal(size=9), generator.random((9, 9)) ** 3
    order = generator.permutation(9)

    one, other = (
        significance_clusters(scores, p),
        significance_clusters(scores[order], p[np.ix_(order, order)]),
    )

    for name in ("cluster", "best_rank", "worst_rank"):
        np.testing.assert_array_equal(getattr(one, name)[order], getattr(other, name))
    np.testing.assert_array_equal(
        greedy_ranks(scores, p)[order], greedy_ranks(scores[order], p[np.ix_(order, order)])
    )


def test_greedy_ranks_begin_where_one_of_the_rank_is_better() -> None:
    # 0 beats 2 but not 1; 1 does not beat 2. The metrics task begins rank 2 at 2, WMT's tables draw no line.
    p = p_of([(0, 2)], 4)
    scores = [0.4, 0.3, 0.2, 0.1]

    assert greedy_ranks(scores, p).tolist() == [1, 1, 2, 2]
    assert significance_clusters(scores, p).cluster.tolist() == [1, 1, 1, 1]


def test_p_is_that_of_the_rank_sum_test() -> None:
    generator = np.random.default_rng(6)
    scores = generator.normal(size=(3, 40)) + np.array([[0.5], [0.0], [-0.5]])
    scores[1, :10] = np.nan

    found = rank_sum_p(scores)

    for i, j in ((0, 1), (1, 2), (2, 0)):
        # An independent implementation, without the correction for continuity.
        expected = ranksums(
            scores[i][~np.isnan(scores[i])], scores[j][~np.isnan(scores[j])], alternative="greater"
        )
        assert found[i, j] == pytest.approx(expected.pvalue, abs=0.01)
    assert found[0, 2] == pytest.approx(1.099253247e-07, rel=1e-8)
    np.testing.assert_array_equal(np.diag(found), 1.0)


def test_two_systems_are_one_cluster_or_two() -> None:
    assert significance_clusters([0.1, 0.2], p_of([], 2)).cluster.tolist() == [1, 1]
    assert significance_clusters([0.1, 0.2], p_of([(1, 0)], 2)).cluster.tolist() == [2, 1]


def test_scores_of_0_and_1_are_tested_with_their_ties() -> None:
    # By hand: 15 of 20 ones against 5 of 20: U = 300, mean 200, variance 400 / 12 (41 - 2 (20^3 - 20) / (40 x 39)).
    one, other = [1.0] * 15 + [0.0] * 5, [1.0] * 5 + [0.0] * 15
    deviation = (400 / 12 * (41 - 15_960 / 1_560)) ** 0.5

    assert rank_sum_p([one, other])[0, 1] == pytest.approx(norm.sf(99.5 / deviation), rel=1e-9)


def test_equal_scores_are_no_difference() -> None:
    assert (rank_sum_p(np.ones((2, 5))) == 1).all()


def test_what_gives_no_clusters_is_refused() -> None:
    p = p_of([], 3)
    for scores, table, alpha, reason in (
        ([1.0], p[:1, :1], 0.05, "two scores"),
        ([1.0, 2.0], p, 0.05, "two scores"),
        ([1.0, 2.0, np.nan], p, 0.05, "finite"),
        ([1.0, 2.0, 3.0], p * 3, 0.05, "between 0 and 1"),
        ([1.0, 2.0, 3.0], p, 0.0, "alpha"),
        ([1.0, 2.0, 3.0], p, 1.0, "alpha"),
    ):
        with pytest.raises(ValueError, match=reason):
            significance_clusters(scores, table, alpha=alpha)
    with pytest.raises(ValueError, match="no score"):
        rank_sum_p([[1.0, 2.0], [np.nan, np.nan]])
    with pytest.raises(ValueError, match="two systems"):
        rank_sum_p([[1.0, 2.0]])
