"""Whether a board of comparisons has a ranking at all, and what would give it one.

References
----------
Zermelo, E. (1929). Die Berechnung der Turnier-Ergebnisse als ein Maximumproblem der
Wahrscheinlichkeitsrechnung. Mathematische Zeitschrift 29, 436-460.
Ford, L. R. (1957). Solution of a ranking problem from binary comparisons. American Mathematical Monthly
64(8), 28-33.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import NegativeCycleError, bellman_ford, connected_components

from hlv.stats.arrays import BoolArray, FloatArray, SparseTable
from hlv.stats.pairwise.comparisons import checked_counts, default_names
from hlv.stats.reporting import UndeterminedError

TiesRule = Literal["half", "davidson", "rao-kupper", "drop"]
TIES_RULES: Final[tuple[TiesRule, ...]] = ("half", "davidson", "rao-kupper", "drop")
TIE_MODELS: Final[tuple[TiesRule, ...]] = ("davidson", "rao-kupper")

_GROUPS_SHOWN = 6
_NAMES_SHOWN = 4


class NoRankingError(UndeterminedError):
    """The judgments do not determine a ranking.

    Attributes
    ----------
    sentence
        What is missing, for a reader.
    groups
        The parts, by method name and best first where wins say so, that no chain of wins joins both ways.
    joins
        Pairs (winner, loser): were each of them seen, and the reverse where the two groups never met, all
        groups would be one.
    alternatives
        What orders the methods without more judgments, a sentence for whoever wants an order and nothing else; "" where
        nothing does.
    """

    def __init__(
        self,
        template: str,
        /,
        *,
        groups: Sequence[Sequence[str]] = (),
        joins: Sequence[tuple[str, str]] = (),
        alternatives: str = "",
        **values: object,
    ) -> None:
        super().__init__(template, **values)
        self.groups = [list(group) for group in groups]
        self.joins = list(joins)
        self.alternatives = alternatives


def check_ties_rule(ties_rule: str) -> None:
    """Raise ValueError for a rule that is none of `TIES_RULES`."""
    if ties_rule not in TIES_RULES:
        raise ValueError(f"unknown ties rule {ties_rule!r}; bradley-terry knows {', '.join(TIES_RULES)}")


def beats(wins: FloatArray, ties: FloatArray, *, ties_rule: TiesRule) -> BoolArray:
    """Whether i ever won against j, or tied where ties count; shape (..., M, M)."""
    if ties_rule == "drop":
        return wins > 0
    return (wins > 0) | (ties > 0)


def strong_groups(adjacency: BoolArray) -> list[list[int]]:
    """Strongly connected parts, those that nobody outside beats first.

    Parameters
    ----------
    adjacency : (M, M)
        `adjacency[i, j]` if i beats j.
    """
    n_components, component = connected_components(_edges(adjacency), directed=True, connection="strong")
    between = np.zeros((n_components, n_components), dtype=bool)
    winner, loser = np.nonzero(adjacency)
    between[component[winner], component[loser]] = True
    np.fill_diagonal(between, False)
    order: list[int] = []
    waiting = set(range(n_components))
    while waiting:
        unbeaten = [p for p in sorted(waiting) if not any(between[q, p] for q in waiting)]
        # the members' order within one step is that of the methods, so that the sentence does not move
        unbeaten.sort(key=lambda p: int(np.flatnonzero(component == p)[0]))
        order.extend(unbeaten)
        waiting.difference_update(unbeaten)
    return [np.flatnonzero(component == p).tolist() for p in order]


def weak_groups(adjacency: BoolArray) -> list[list[int]]:
    """Parts that no chain of comparisons joins; shape of `adjacency` (M, M)."""
    n_components, component = connected_components(_edges(adjacency), directed=False)
    return [np.flatnonzero(component == p).tolist() for p in range(n_components)]


def _edges(adjacency: BoolArray) -> SparseTable:
    return csr_array(adjacency.astype(np.float64))


def are_strongly_connected(adjacency: BoolArray) -> BoolArray:
    """For each board of a stack, whether every method reaches every other.

    Parameters
    ----------
    adjacency : (R, M, M)

    Returns
    -------
    (R,)
    """
    mutual = (adjacency & np.swapaxes(adjacency, 1, 2)) | np.eye(adjacency.shape[1], dtype=bool)
    # a method that beats every other and is beaten by each joins them all; nearly every board has one
    connected: BoolArray = np.any(np.all(mutual, axis=2), axis=1)
    remaining = np.flatnonzero(~connected)
    if len(remaining):
        doubtful = adjacency[remaining]
        connected[remaining] = _all_reachable(doubtful) & _all_reachable(np.swapaxes(doubtful, 1, 2))
    return connected


def _all_reachable(adjacency: BoolArray) -> BoolArray:
    n_tables, n_methods, _ = adjacency.shape
    reached = np.zeros((n_tables, n_methods), dtype=bool)
    reached[:, 0] = True
    # float32 products of 0/1 are exact here and use the fast matrix product
    edges = adjacency.astype(np.float32)
    for _ in range(n_methods - 1):
        further = reached | (np.matmul(reached[:, None, :].astype(np.float32), edges)[:, 0, :] > 0)
        if np.array_equal(further, reached):
            break
        reached = further
    return np.asarray(reached.all(axis=1))


def have_decisive_cycles(wins: FloatArray, ties: FloatArray) -> BoolArray:
    """For each board, whether some directed cycle has more wins than ties.

    With the strong connection of the half-tie graph this is the condition for finite maxima of the Davidson
    and Rao-Kupper models: a direction in which the likelihood never falls sets v_i - v_j >= 1 for each win of
    i over j and |v_i - v_j| <= 1 for each tie, and such difference constraints can be met unless a cycle of
    wins (weight -1) and ties (weight +1) has a negative sum.

    Parameters
    ----------
    wins, ties : (R, M, M)

    Returns
    -------
    (R,)
    """
    won = wins > 0
    # two methods that each won against the other are a cycle of two wins; nearly every board has such a pair
    decisive: BoolArray = np.asarray((won & np.swapaxes(won, 1, 2)).any(axis=(1, 2)))
    for table in np.flatnonzero(~decisive):
        decisive[table] = _has_decisive_cycle(won[table], ties[table] > 0)
    return decisive


def _has_decisive_cycle(won: BoolArray, tied: BoolArray) -> bool:
    weights = csr_array(np.where(won, -1.0, np.where(tied, 1.0, 0.0)))
    try:
        bellman_ford(weights, directed=True)
    except NegativeCycleError:
        return True
    return False


def rankings_exist(
    wins: FloatArray, ties: FloatArray, *, ties_rule: TiesRule, ridge: float = 0.0
) -> BoolArray:
    """For each board of a stack, whether the model has a finite maximum.

    A board without ties has one for the tie models where it has one without them: their tie parameter then
    lies on its boundary (nu = 0, theta = 1) and the strengths are those of wins alone.

    Parameters
    ----------
    wins, ties : (R, M, M)
    ridge
        Precision of the prior, 0 for none.

    Returns
    -------
    (R,)
    """
    if ridge > 0:
        if ties_rule not in TIE_MODELS:
            return np.ones(len(wins), dtype=bool)
        return np.asarray((wins > 0).any(axis=(1, 2)) | ~(ties > 0).any(axis=(1, 2)))
    exists = are_strongly_connected(beats(wins, ties, ties_rule=ties_rule))
    if ties_rule in TIE_MODELS:
        doubtful = exists & (ties > 0).any(axis=(1, 2))
        exists[doubtful] = have_decisive_cycles(wins[doubtful], ties[doubtful])
    return exists


def require_judgments(wins: FloatArray, ties: FloatArray) -> None:
    """Raise NoRankingError where there are fewer than two methods, or no judgment at all; tables (M, M)."""
    n_methods = len(wins)
    if n_methods == 0:
        raise NoRankingError(
            "Nobody has judged yet, so there are no methods to rank. Have people judge, or import judgments."
        )
    if n_methods == 1:
        raise NoRankingError(
            "A ranking needs at least two methods; there is one. Have another method judged."
        )
    if not wins.any() and not ties.any():
        raise NoRankingError("There are no judgments yet. Have people judge, or import judgments.")


def require_ranking(
    wins: FloatArray,
    ties: FloatArray,
    *,
    ties_rule: TiesRule,
    names: Sequence[str] | None = None,
    ridge: float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """The two tables as floats, checked, where the model has a finite maximum.

    Parameters
    ----------
    wins, ties : (M, M)
        As `pair_counts` gives them.
    ties_rule
        "half" and "drop" need a strongly connected board; the tie models ("davidson", "rao-kupper") need,
        besides, a directed cycle with more wins than ties.
    ridge
        Precision of the prior; above 0 a maximum always exists, but for a tie model without any win.

    Raises
    ------
    NoRankingError
        Naming the groups, and the comparisons that would join them.
    ValueError
        If the tables are no counts.
    """
    check_ties_rule(ties_rule)
    wins, ties = checked_counts(wins, ties)
    names = default_names(len(wins), names)
    require_judgments(wins, ties)
    if rankings_exist(wins[None], ties[None], ties_rule=ties_rule, ridge=ridge)[0]:
        return wins, ties
    adjacency = beats(wins, ties, ties_rule=ties_rule)
    groups = strong_groups(adjacency)
    if ridge == 0 and len(groups) > 1:
        alternatives = _alternatives(wins, ties, adjacency)
        raise _unconnected(
            groups,
            adjacency,
            names,
            met=_met(wins, ties),
            has_ties=bool(ties.any()),
            ties_rule=ties_rule,
            alternatives=alternatives,
        )
    raise NoRankingError(_tie_model_sentence(ties_rule, has_wins=bool(wins.any())))


def require_connection(
    wins: FloatArray, ties: FloatArray, *, ties_rule: TiesRule, names: Sequence[str]
) -> None:
    """Raise NoRankingError where no chain of comparisons, won or lost, joins all methods; tables (M, M), M names."""
    require_judgments(wins, ties)
    adjacency = beats(wins, ties, ties_rule=ties_rule)
    groups = weak_groups(adjacency)
    if len(groups) > 1:
        raise _unconnected(
            groups, adjacency, names, met=_met(wins, ties), has_ties=bool(ties.any()), ties_rule=ties_rule
        )


def _met(wins: FloatArray, ties: FloatArray) -> BoolArray:
    """Whether two methods were compared, however it ended."""
    judged = (wins > 0) | (ties > 0)
    return judged | judged.T


def _alternatives(wins: FloatArray, ties: FloatArray, adjacency: BoolArray) -> str:
    """What orders these methods without another judgment; in words that hold on a page and in a terminal."""
    by_half = beats(wins, ties, ties_rule="half")
    half = "ties as half a win each; " if are_strongly_connected(by_half[None])[0] else ""
    prior = "a prior on Bradley-Terry strengths (--ridge in a command, “Precision of a Gaussian prior” in a preregistration)"
    if len(weak_groups(by_half)) > 1:
        return f"Without more judgments: {prior}; only the prior then orders methods that no comparisons connect."
    rate = "the win rate" if len(weak_groups(adjacency)) == 1 else "the win rate with ties as half a win"
    return f"Without more judgments: {half}{prior}; or {rate}."


def _unconnected(
    groups: list[list[int]],
    adjacency: BoolArray,
    names: Sequence[str],
    *,
    met: BoolArray,
    has_ties: bool,
    ties_rule: TiesRule,
    alternatives: str = "",
) -> NoRankingError:
    named = [[names[method] for method in group] for group in groups]
    joins: list[tuple[str, str]] = []
    steps: list[str] = []
    or_tie = "" if ties_rule == "drop" else " or a tie"
    for k in range(len(groups) - 1):
        upper, lower = named[k], named[k + 1]
        joins.append((lower[0], upper[0]))
        if adjacency[np.ix_(groups[k], groups[k + 1])].any():
            steps.append(f"a win{or_tie} of {_some(lower)} against {_some(upper)}")
        else:
            joins.append((upper[0], lower[0]))
            steps.append(f"comparisons of {_some(upper)} with {_some(lower)}, won both ways{or_tie}")
    shown = "; ".join(_braced(group) for group in named[:_GROUPS_SHOWN])
    more = f"; and {len(named) - _GROUPS_SHOWN} more" if len(named) > _GROUPS_SHOWN else ""
    wanted = "; ".join(steps[: _GROUPS_SHOWN - 1]) + ("; and so on" if len(steps) >= _GROUPS_SHOWN else "")
    compared: BoolArray = np.asarray(met.any(axis=1))
    joined: BoolArray = np.asarray(adjacency.any(axis=0) | adjacency.any(axis=1))
    never = [name for name, there in zip(names, compared, strict=True) if not there]
    tied = [name for name, only_tied in zip(names, compared & ~joined, strict=True) if only_tied]
    unseen = f" Never compared: {_listed(never)}." if never else ""
    unseen += f" Only tied: {_listed(tied)}." if tied else ""
    counted = "wins or ties"
    if ties_rule == "drop":
        counted = "wins (this rule ignores ties)" if has_ties else "wins"
    return NoRankingError(
        f"No chain of {counted} connects these {len(named)} groups of methods in both directions: {shown}{more}."
        f"{unseen} To connect them: {wanted}.",
        groups=named,
        joins=joins,
        alternatives=alternatives,
    )


def _tie_model_sentence(ties_rule: TiesRule, *, has_wins: bool) -> str:
    model = {"davidson": "Davidson", "rao-kupper": "Rao-Kupper"}[ties_rule]
    if not has_wins:
        return f"The {model} tie model has no estimate: every judgment is a tie. Use ties as half a win each."
    return (
        f"The {model} tie model has no finite strengths: no cycle of comparisons has more wins than ties. "
        "Use ties as half a win each, or add a win of a method against another that it has lost to."
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else shown


def _braced(names: Sequence[str]) -> str:
    return "{" + _listed(names) + "}"


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"one of {_braced(names)}"
