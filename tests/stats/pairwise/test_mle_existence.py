from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.mle_existence import (
    TIES_RULES,
    NoRankingError,
    TiesRule,
    rankings_exist,
    require_connection,
    require_ranking,
)
from tests.stats.boards import make_board


def small_boards(n_methods: int = 4) -> st.SearchStrategy[tuple[FloatArray, FloatArray]]:
    """Sparse boards, with and without an answer."""
    pairs = list(itertools.combinations(range(n_methods), 2))
    counts = st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=3 * len(pairs), max_size=3 * len(pairs))

    def build(numbers: list[int]) -> tuple[FloatArray, FloatArray]:
        wins, ties = np.zeros((n_methods, n_methods)), np.zeros((n_methods, n_methods))
        for place, (i, j) in enumerate(pairs):
            first, second, tied = numbers[3 * place : 3 * place + 3]
            wins[i, j], wins[j, i] = first, second
            ties[i, j] = ties[j, i] = tied
        return wins, ties

    return counts.map(build)


def _escapes(wins: FloatArray, ties: FloatArray, *, tie_scale: float | None) -> bool:
    """Whether a direction exists along which the likelihood never falls, found by a linear programme.

    `tie_scale` None: half ties (v_i >= v_j for a win, equal for a tie), bounded and not zero; 1: the tie
    models (v_i >= v_j + 1 for a win, |v_i - v_j| <= 1 for a tie).
    """
    n = len(wins)
    rows: list[FloatArray] = []
    bounds: list[float] = []
    shift = 0.0 if tie_scale is None else 1.0
    for i, j in itertools.permutations(range(n), 2):
        difference = np.zeros(n)
        difference[i], difference[j] = 1.0, -1.0
        if wins[i, j]:
            rows.append(-difference)
            bounds.append(-shift)
        if ties[i, j]:
            rows.append(difference)
            bounds.append(shift)
    if tie_scale is not None:
        return bool(linprog(np.zeros(n), A_ub=np.array(rows), b_ub=bounds, bounds=(None, None)).status == 0)
    for target in range(1, n):
        for sign in (1.0, -1.0):
            goal = np.zeros(n)
            goal[target] = -sign
            found = linprog(
                goal,
                A_ub=np.array(rows) if rows else None,
                b_ub=bounds if rows else None,
                A_eq=np.eye(n)[:1],
                b_eq=[0.0],
                bounds=(-1, 1),
            )
            if found.fun is not None and found.fun < -1e-6:
                return True
    return False


@settings(max_examples=150, deadline=None)
@given(board=small_boards())
def test_half_ties_have_an_answer_exactly_where_no_direction_escapes(
    board: tuple[FloatArray, FloatArray],
) -> None:
    wins, ties = board

    exists = rankings_exist(wins[None], ties[None], ties_rule="half")[0]

    assert exists == (not _escapes(wins, ties, tie_scale=None))


@settings(max_examples=150, deadline=None)
@given(board=small_boards(3))
def test_tie_models_need_a_cycle_with_more_wins_than_ties(board: tuple[FloatArray, FloatArray]) -> None:
    wins, ties = board
    if not ties.any():
        return

    exists = rankings_exist(wins[None], ties[None], ties_rule="davidson")[0]

    assert exists == (not _escapes(wins, ties, tie_scale=None) and not _escapes(wins, ties, tie_scale=1.0))


@settings(deadline=None)
@given(board=small_boards(5), ties_rule=st.sampled_from(["half", "drop"]))
def test_the_joins_that_are_named_do_join_the_groups(
    board: tuple[FloatArray, FloatArray], ties_rule: TiesRule
) -> None:
    wins, ties = board
    names = list("abcde")
    refusal = refused(wins, ties, ties_rule=ties_rule, names=names)
    if (
        refusal is None
        or refusal.sentence == "There are no judgments yet. Have people judge, or import judgments."
    ):
        return

    for winner, loser in refusal.joins:
        wins[names.index(winner), names.index(loser)] += 1

    assert sorted(name for group in refusal.groups for name in group) == names
    require_ranking(wins, ties, ties_rule=ties_rule, names=names)


def refused(
    wins: FloatArray, ties: FloatArray, *, ties_rule: TiesRule, names: list[str]
) -> NoRankingError | None:
    try:
        require_ranking(wins, ties, ties_rule=ties_rule, names=names)
    except NoRankingError as refusal:
        return refusal
    return None


def test_the_refusal_names_groups_best_first_and_what_would_join_them() -> None:
    wins, ties = make_board(4, wins=[(0, 1, 2), (1, 0, 1), (0, 2, 3), (2, 3, 1), (3, 2, 1)])

    with pytest.raises(NoRankingError) as caught:
        require_ranking(wins, ties, ties_rule="half", names=["fox", "hen", "owl", "rat"])

    assert caught.value.groups == [["fox", "hen"], ["owl", "rat"]]
    assert caught.value.joins == [("owl", "fox")]
    assert "2 groups" in caught.value.sentence
    assert "a win or a tie of one of {owl, rat} against one of {fox, hen}" in caught.value.sentence


def test_groups_that_never_met_need_comparisons_won_both_ways() -> None:
    wins, ties = make_board(4, wins=[(0, 1, 1), (1, 0, 1), (2, 3, 1), (3, 2, 1)])

    with pytest.raises(NoRankingError) as caught:
        require_ranking(wins, ties, ties_rule="half", names=list("abcd"))

    assert set(caught.value.joins) == {("c", "a"), ("a", "c")}
    assert "comparisons of one of {a, b} with one of {c, d}, won both ways or a tie" in caught.value.sentence


def test_a_method_that_was_never_compared_is_named() -> None:
    wins, ties = make_board(3, wins=[(0, 1, 1), (1, 0, 1)])

    with pytest.raises(NoRankingError, match="Never compared: c") as caught:
        require_ranking(wins, ties, ties_rule="half", names=list("abc"))

    assert "win rate" not in caught.value.alternatives, "rates of methods that never met cannot be compared"
    assert "only the prior then orders methods that no comparisons connect" in caught.value.alternatives


@pytest.mark.parametrize(
    ("tied", "rate"), [(False, "or the win rate."), (True, "or the win rate with ties as half a win.")]
)
def test_an_order_without_more_judgments_is_named(*, tied: bool, rate: str) -> None:
    wins, ties = make_board(3, wins=[(0, 1, 1)] if tied else [(0, 1, 1), (1, 2, 1)], ties=[(1, 2, 1)] * tied)

    with pytest.raises(NoRankingError) as caught:
        require_ranking(wins, ties, ties_rule="drop", names=list("abc"))

    assert "--ridge in a command" in caught.value.alternatives
    assert caught.value.alternatives.endswith(rate)
    assert ("Only tied: c." in caught.value.sentence) is tied
    assert "ties as half a win each;" not in caught.value.alternatives, "a was never beaten"


def test_many_groups_are_shortened() -> None:
    wins, ties = make_board(12, wins=[(i, i + 1, 1) for i in range(11)])

    with pytest.raises(NoRankingError, match=r"12 groups.*and 6 more.*and so on") as caught:
        require_ranking(wins, ties, ties_rule="half")

    assert len(caught.value.groups) == 12


@pytest.mark.parametrize("ties_rule", TIES_RULES)
@pytest.mark.parametrize(
    ("n_methods", "sentence"), [(0, "no methods"), (1, "at least two"), (3, "no judgments yet")]
)
def test_nothing_to_rank_is_said(ties_rule: TiesRule, n_methods: int, sentence: str) -> None:
    wins, ties = make_board(n_methods)

    with pytest.raises(NoRankingError, match=sentence):
        require_ranking(wins, ties, ties_rule=ties_rule)


def test_all_ties_rank_with_half_ties_only() -> None:
    wins, ties = make_board(3, ties=[(0, 1, 2), (1, 2, 2)])

    require_ranking(wins, ties, ties_rule="half")
    with pytest.raises(NoRankingError, match="every judgment is a tie"):
        require_ranking(wins, ties, ties_rule="davidson")
    with pytest.raises(NoRankingError, match="every judgment is a tie"):
        require_ranking(wins, ties, ties_rule="rao-kupper", ridge=1.0)
    with pytest.raises(NoRankingError, match="this rule ignores ties") as caught:
        require_ranking(wins, ties, ties_rule="drop")
    assert "Never compared" not in caught.value.sentence
    assert "Only tied: method 1, method 2, method 3." in caught.value.sentence
    assert caught.value.alternatives.startswith("Without more judgments: ties as half a win each; a prior")


@pytest.mark.parametrize("ties_rule", ["davidson", "rao-kupper"])
def test_two_methods_with_wins_one_way_and_ties_have_no_tie_model(ties_rule: TiesRule) -> None:
    wins, ties = make_board(2, wins=[(0, 1, 3)], ties=[(0, 1, 2)])

    require_ranking(wins, ties, ties_rule="half")
    with pytest.raises(NoRankingError, match="more wins than ties"):
        require_ranking(wins, ties, ties_rule=ties_rule)


def test_a_prior_always_has_an_answer() -> None:
    wins, ties = make_board(3, wins=[(0, 1, 3)])

    for ties_rule in ("half", "davidson"):
        with pytest.raises(NoRankingError):
            require_ranking(wins, ties, ties_rule=ties_rule)
        require_ranking(wins, ties, ties_rule=ties_rule, ridge=0.1)
        winner, loser, unseen = fit_bradley_terry(wins, ties, ties_rule=ties_rule, ridge=0.1).strengths
        assert winner > unseen > loser
        assert unseen == pytest.approx(0, abs=1e-9)


def test_an_unknown_rule_is_refused() -> None:
    wins, ties = make_board(2, wins=[(0, 1, 1)])

    with pytest.raises(ValueError, match="unknown ties rule"):
        require_ranking(wins, ties, ties_rule="ignore")  # type: ignore[arg-type]


def test_connection_asks_for_comparisons_and_not_for_wins_both_ways() -> None:
    wins, ties = make_board(3, wins=[(0, 1, 1), (1, 2, 1)])

    require_connection(wins, ties, ties_rule="half", names=list("abc"))
    wins[1, 2] = 0
    with pytest.raises(NoRankingError, match="Never compared: c"):
        require_connection(wins, ties, ties_rule="half", names=list("abc"))
