"""Plans are balanced over items, judges and sides."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.power.comparison_design import (
    ComparisonPlan,
    DesignError,
    all_pairs,
    balanced_pairs,
    plan_comparisons,
    shuffled_positions,
)


def make_plan(
    *,
    n_methods: int = 5,
    n_items: int = 12,
    texts_per_pair: int = 7,
    judges_per_comparison: int = 2,
    n_judges: int = 4,
    seed: int = 1,
) -> ComparisonPlan:
    return plan_comparisons(
        n_methods,
        n_items,
        texts_per_pair=texts_per_pair,
        judges_per_comparison=judges_per_comparison,
        n_judges=n_judges,
        rng=np.random.default_rng(seed),
    )


def spread(counts: np.ndarray) -> int:
    return int(counts.max() - counts.min())


plans = st.builds(
    make_plan,
    n_methods=st.integers(2, 7),
    n_items=st.integers(6, 15),
    texts_per_pair=st.integers(1, 6),
    judges_per_comparison=st.integers(1, 3),
    n_judges=st.integers(3, 6),
    seed=st.integers(0, 10_000),
)


def test_nine_methods_have_thirty_six_pairs() -> None:
    pairs = all_pairs(9)
    assert pairs.shape == (36, 2)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len({tuple(pair) for pair in pairs.tolist()}) == 36


def test_one_method_has_no_pairs() -> None:
    with pytest.raises(DesignError, match="two methods"):
        all_pairs(1)


@settings(deadline=None)
@given(plans)
def test_sides_are_counterbalanced_for_every_judge_and_pair(plan: ComparisonPlan) -> None:
    first_on_left: Counter[tuple[int, int, int]] = Counter()
    shown: Counter[tuple[int, int, int]] = Counter()
    for judge, left, right in zip(plan.judge.tolist(), plan.left.tolist(), plan.right.tolist(), strict=True):
        cell = (judge, min(left, right), max(left, right))
        shown[cell] += 1
        first_on_left[cell] += left < right
    assert all(abs(2 * first_on_left[cell] - n) <= 1 for cell, n in shown.items())


@settings(deadline=None)
@given(plans)
def test_items_and_judges_are_used_equally_up_to_one(plan: ComparisonPlan) -> None:
    n_items, n_judges = plan.comparison_item.max() + 1, plan.judge.max() + 1
    assert spread(np.bincount(plan.comparison_item, minlength=n_items)) <= 1
    assert spread(np.bincount(plan.judge, minlength=n_judges)) <= 1


@settings(deadline=None)
@given(plans)
def test_no_judge_gets_a_comparison_twice_and_no_pair_an_item_twice(plan: ComparisonPlan) -> None:
    turns = np.column_stack([plan.comparison, plan.judge])
    comparisons = np.column_stack([plan.comparison_pair, plan.comparison_item])
    assert len(np.unique(turns, axis=0)) == plan.n_assignments
    assert len(np.unique(comparisons, axis=0)) == plan.n_comparisons


@settings(deadline=None)
@given(plans)
def test_every_assignment_shows_the_two_methods_of_its_comparison(plan: ComparisonPlan) -> None:
    shown = np.sort(np.column_stack([plan.left, plan.right]), axis=1)
    np.testing.assert_array_equal(shown, plan.comparison_pair[plan.comparison])
    np.testing.assert_array_equal(plan.item, plan.comparison_item[plan.comparison])


@settings(deadline=None)
@given(plans)
def test_positions_of_a_judge_count_up_from_zero(plan: ComparisonPlan) -> None:
    for judge in np.unique(plan.judge):
        positions = plan.position[plan.judge == judge]
        np.testing.assert_array_equal(positions, np.arange(len(positions)))


def test_each_pair_gets_the_texts_and_judges_asked_for() -> None:
    plan = make_plan(n_methods=5, n_items=12, texts_per_pair=7, judges_per_comparison=2)
    _, texts = np.unique(plan.comparison_pair, axis=0, return_counts=True)
    assert plan.n_comparisons == 70
    assert set(texts.tolist()) == {7}
    assert set(np.bincount(plan.comparison).tolist()) == {2}


def test_judges_share_each_pair_almost_equally() -> None:
    plan = make_plan(n_methods=9, n_items=60, texts_per_pair=40, judges_per_comparison=2, n_judges=8)
    for pair in all_pairs(9):
        of_pair = (plan.comparison_pair[plan.comparison] == pair).all(axis=1)
        assert spread(np.bincount(plan.judge[of_pair], minlength=8)) <= 2


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    one, again, other = make_plan(seed=3), make_plan(seed=3), make_plan(seed=4)
    np.testing.assert_array_equal(one.left, again.left)
    np.testing.assert_array_equal(one.comparison, again.comparison)
    assert one.order_seed == again.order_seed != other.order_seed


def test_the_order_follows_from_the_stored_seed() -> None:
    judge = np.array([0, 1, 0, 0, 1, 2])
    one = shuffled_positions(judge, order_seed=11)
    np.testing.assert_array_equal(one, shuffled_positions(judge, order_seed=11))
    assert sorted(one[judge == 0].tolist()) == [0, 1, 2]


def test_the_order_is_shuffled() -> None:
    plan = make_plan(n_methods=9, n_items=60, texts_per_pair=40, n_judges=8)
    of_first_judge = plan.comparison[plan.judge == 0]
    assert not np.array_equal(of_first_judge, np.sort(of_first_judge))


@given(st.integers(2, 12), st.integers(1, 11), st.integers(0, 100))
def test_an_incomplete_choice_is_regular_and_connected_or_refused(n: int, opponents: int, seed: int) -> None:
    possible = opponents == n - 1 or (2 <= opponents < n - 1 and not (n % 2 and opponents % 2))
    rng = np.random.default_rng(seed)
    if not possible:
        with pytest.raises(DesignError):
            balanced_pairs(n, opponents_per_method=opponents, rng=rng)
        return
    pairs = balanced_pairs(n, opponents_per_method=opponents, rng=rng)
    met = np.eye(n, dtype=bool)
    met[pairs[:, 0], pairs[:, 1]] = met[pairs[:, 1], pairs[:, 0]] = True
    assert set((met.sum(axis=0) - 1).tolist()) == {opponents}
    assert np.linalg.matrix_power(met.astype(int), n).all()


def test_a_plan_can_be_limited_to_chosen_pairs() -> None:
    rng = np.random.default_rng(5)
    plan = plan_comparisons(
        4, 6, texts_per_pair=3, judges_per_comparison=1, n_judges=2, rng=rng, pairs=[(2, 0), (1, 3)]
    )
    assert {tuple(pair) for pair in plan.comparison_pair.tolist()} == {(0, 2), (1, 3)}


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([(1, 1)], "itself"),
        ([(0, 4)], "numbered 0 to 3"),
        ([(0, 1), (1, 0)], "twice"),
        ([(0, 1, 2)], "shape"),
    ],
)
def test_a_bad_pair_is_refused_with_its_reason(pairs: list[tuple[int, ...]], reason: str) -> None:
    with pytest.raises(DesignError, match=reason):
        plan_comparisons(
            4,
            6,
            texts_per_pair=1,
            judges_per_comparison=1,
            n_judges=1,
            rng=np.random.default_rng(0),
            pairs=pairs,
        )


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"texts_per_pair": 13}, "only 12"),
        ({"judges_per_comparison": 5}, "only 4"),
        ({"texts_per_pair": 0}, "at least one"),
        ({"judges_per_comparison": 0}, "at least one"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(wishes: dict[str, int], reason: str) -> None:
    with pytest.raises(DesignError, match=reason):
        make_plan(**wishes)
