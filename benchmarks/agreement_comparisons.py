"""Simulated boards and metrics whose agreement is known, for the coverage of its interval.

Judgments come from the simulator, with preferences of judges, effects of texts, ties and unevenly active judges. A metric scores the
same texts: its score of a method on a text errs with the text's effect on judges, so both sides share errors.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.special import expit

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.correlation import correlations, ties_of
from hlv.stats.pairwise.analytic_intervals import analytic_intervals
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry, information_at
from hlv.stats.pairwise.cluster_variance import UndeterminedIntervalError
from hlv.stats.pairwise.comparisons import FIRST, TIE, make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.power.simulate import even_strengths, population_strengths, simulate_judgments

N_TEXTS: Final = 100
TIE_SHARE: Final = 0.2
TEXT_SD: Final = 0.15
EVENNESS: Final = 2.0
# Judgments of a board, and how far judges' tastes lie apart.
JUDGMENTS: Final = {6: 800, 9: 1500, 14: 2500, 30: 8000}
TASTE_SD: Final = {6: 0.3, 9: 0.3, 14: 0.3, 30: 0.2}
_WIDEST_SPREAD: Final = 6.0
_BEND: Final = 2.5

METHODS: Final = (6, 9, 14, 30)
JUDGES: Final = (8, 12, 20, 50)
GAPS: Final = (1.5, 0.75, 0.25)
AGREEMENTS: Final = ("1", "one swap", ".75", ".5", ".1", "0", "-.5")
RELATIONS: Final = ("straight", "curved")
KINDS: Final = ("mean", "ratio")
# The metric's neighbours lie so many times as far apart, in its standard errors, as people's.
PRECISIONS: Final = (1.0, 3.0)
METRICS_OF_A_BOARD: Final = 4


@dataclass(frozen=True)
class Layout:
    """One kind of board: methods, judges, and neighbours this many standard errors of a strength apart."""

    n_methods: int
    n_judges: int
    gap: float

    @cached_property
    def strengths(self) -> FloatArray:
        """Even strengths with that gap, found by a few trial boards."""
        rng, spread = np.random.default_rng(999), 2.0
        for _ in range(3):
            trial = even_strengths(self.n_methods, spread=spread)
            boards = [board for _ in range(6) if (board := self._drawn(trial, rng)) is not None]
            variance = np.mean([np.trace(board.covariance) for board in boards]) / (self.n_methods - 1)
            spread = min(self.gap * float(np.sqrt(variance)) * (self.n_methods - 1), _WIDEST_SPREAD)
        return even_strengths(self.n_methods, spread=spread)

    @cached_property
    def truth(self) -> FloatArray:
        """The strengths that endless judges and texts would give."""
        taste = TASTE_SD[self.n_methods]
        return population_strengths(self.strengths, tie_share=TIE_SHARE, taste_sd=taste, item_sd=TEXT_SD)

    def board(self, rng: np.random.Generator) -> Board | None:
        """One board; None where it has no ranking, or no standard errors."""
        return self._drawn(self.strengths, rng)

    def _drawn(self, strengths: FloatArray, rng: np.random.Generator) -> Board | None:
        drawn = simulate_judgments(
            strengths,
            n_judgments=JUDGMENTS[self.n_methods],
            n_judges=self.n_judges,
            n_items=N_TEXTS,
            rng=rng,
            tie_share=TIE_SHARE,
            taste_sd=TASTE_SD[self.n_methods],
            item_sd=TEXT_SD,
            evenness=EVENNESS,
        )
        cells = make_cells(
            first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge, item=drawn.item
        )
        wins, ties = pair_counts(cells, self.n_methods)
        pairs = pair_table(wins, ties)
        try:
            fit = fit_bradley_terry(wins, ties, ties_rule="half")
            found = analytic_intervals(cells, fit, pairs, unit="both")
        except (NoRankingError, UndeterminedIntervalError):
            return None
        covariance, degrees = found.joint_errors()
        # How a text moves the strengths, to the first order: its part of the slope through the inverse information.
        expected = expit(fit.strengths[drawn.first] - fit.strengths[drawn.second])
        won = np.where(drawn.outcome == TIE, 0.5, (drawn.outcome == FIRST).astype(np.float64))
        slope = np.zeros((N_TEXTS, self.n_methods))
        np.add.at(slope, (drawn.item, drawn.first), won - expected)
        np.add.at(slope, (drawn.item, drawn.second), expected - won)
        moves = slope @ np.linalg.inv(information_at(fit, pairs))
        return Board(fit.strengths, covariance, degrees, moves, drawn.item_effects)


@dataclass(frozen=True, eq=False)
class Board:
    """Estimated strengths (M,), their errors, how each text moves them (N, M), and the texts' effects (N, M)."""

    strengths: FloatArray
    covariance: FloatArray
    degrees: float
    moves: FloatArray
    effects: FloatArray


@dataclass(frozen=True)
class MetricKind:
    """One kind of metric: how it agrees with the true strengths, and what its scores are."""

    agreement: str
    relation: str
    kind: str
    precision: float

    def true_scores(self, n_methods: int, rng: np.random.Generator) -> FloatArray:
        """Of methods from the strongest to the weakest; an order of this agreement is drawn."""
        place = 1 - _order(n_methods, self.agreement, rng) / (n_methods - 1)
        return place if self.relation == "straight" else np.expm1(_BEND * place) / np.expm1(_BEND)

    def scores(self, layout: Layout, board: Board, true: FloatArray, rng: np.random.Generator) -> Scores:
        """Scores of the texts, added up."""
        n_methods = layout.n_methods
        error = 1 / ((n_methods - 1) * layout.gap * self.precision)
        noise = 0.5 * board.effects / board.effects.std() + np.sqrt(0.75) * rng.standard_normal(
            board.effects.shape
        )
        noise = (noise + 0.5 * rng.standard_normal((N_TEXTS, 1))) * error * np.sqrt(N_TEXTS)
        if self.kind == "mean":
            of_texts = true + noise
            values = of_texts.mean(axis=0)
            moves = (of_texts - values) / N_TEXTS
        else:
            under = np.exp(0.6 * rng.standard_normal((N_TEXTS, 1)) + 0.2 * rng.standard_normal(noise.shape))
            over = under * (true + noise / 1.25)
            values = over.sum(axis=0) / under.sum(axis=0)
            moves = (over - values * under) / under.sum(axis=0)
        moves = moves - moves.mean(axis=1, keepdims=True)
        own = moves.T @ moves * (N_TEXTS / (N_TEXTS - 1))
        cross = board.moves.T @ moves
        return Scores(values, np.block([[board.covariance, cross], [cross.T, own]]))


@dataclass(frozen=True, eq=False)
class Scores:
    """A metric's scores (M,), and the covariance (2 M, 2 M) of the strengths' errors and theirs."""

    values: FloatArray
    covariance: FloatArray


def true_agreement(layout: Layout, true_scores: FloatArray) -> dict[str, float]:
    """Every coefficient of the true values."""
    return {name: float(value) for name, value in observed_agreement(true_scores, layout.truth).items()}


def observed_agreement(scores: FloatArray, strengths: FloatArray) -> dict[str, FloatArray]:
    """Every coefficient of rows, each side with its own ties."""
    return correlations(
        scores, strengths, x_ties=ties_of(scores, "score"), y_ties=ties_of(strengths, "strength")
    )


@dataclass(frozen=True)
class Setting:
    """A layout of boards with one kind of metric: a cell of the table."""

    layout: Layout
    metric: MetricKind

    @property
    def levels(self) -> tuple[object, ...]:
        return (*vars_of(self.layout), *vars_of(self.metric))


def vars_of(thing: Layout | MetricKind) -> tuple[object, ...]:
    if isinstance(thing, Layout):
        return (thing.n_methods, thing.n_judges, thing.gap)
    return (thing.agreement, thing.relation, thing.kind, thing.precision)


def design() -> list[Setting]:
    """64 settings of 16 layouts in which each two levels of each two factors meet.

    Each number of methods meets each number of judges, gaps in turn; metrics are taken so that most pairs of levels
    are new, then those that occur in the fewest settings.
    """
    kinds = [MetricKind(*levels) for levels in itertools.product(AGREEMENTS, RELATIONS, KINDS, PRECISIONS)]
    layouts = [
        Layout(n_methods, n_judges, GAPS[(row + column) % len(GAPS)])
        for row, n_methods in enumerate(METHODS)
        for column, n_judges in enumerate(JUDGES)
    ]
    met: set[tuple[object, ...]] = set()
    settings: list[Setting] = []
    for layout in layouts:
        left = list(kinds)
        for _ in range(METRICS_OF_A_BOARD):
            best = max(
                left,
                key=lambda kind: (len(set(_pairs(Setting(layout, kind))) - met), -_times(settings, kind)),
            )
            left.remove(best)
            settings.append(Setting(layout, best))
            met.update(_pairs(settings[-1]))
    return settings


def _times(settings: list[Setting], metric: MetricKind) -> int:
    return sum(
        (setting.metric.agreement == metric.agreement) + (setting.metric == metric) for setting in settings
    )


def _pairs(setting: Setting) -> Iterator[tuple[object, ...]]:
    levels = list(enumerate(setting.levels))
    for first, second in itertools.combinations(levels, 2):
        yield (*first, *second)


def unmet_pairs(settings: list[Setting]) -> list[tuple[object, ...]]:
    """Pairs of levels that no setting has; the design has none."""
    factors = (METHODS, JUDGES, GAPS, AGREEMENTS, RELATIONS, KINDS, PRECISIONS)
    met = {pair for setting in settings for pair in _pairs(setting)}
    wanted = {
        (first, one, second, other)
        for first, second in itertools.combinations(range(len(factors)), 2)
        for one in factors[first]
        for other in factors[second]
    }
    return sorted(wanted - met, key=repr)


def _order(n_methods: int, agreement: str, rng: np.random.Generator) -> IntArray:
    """Ranks by the metric, from 0, of methods in people's order, with this tau or as near as can be."""
    n_pairs = n_methods * (n_methods - 1) // 2
    wanted = 1 if agreement == "one swap" else round((1 - float(agreement)) / 2 * n_pairs)
    order = np.arange(n_methods)
    if wanted > 1:
        # As two rankings of this agreement come about; then neighbours are swapped until it is exact.
        correlation = np.sin(np.pi / 2 * (1 - 2 * wanted / n_pairs))
        people = np.linspace(-1, 1, n_methods) * np.sqrt(3 * (n_methods - 1) / (n_methods + 1))
        latent = correlation * people + np.sqrt(1 - correlation**2) * rng.standard_normal(n_methods)
        order = np.argsort(np.argsort(latent))
    upper = np.triu_indices(n_methods, k=1)
    n_swapped = int((order[:, None] > order)[upper].sum())
    while n_swapped != wanted:
        more = n_swapped < wanted
        place = rng.choice(np.flatnonzero((order[:-1] < order[1:]) == more))
        order[[place, place + 1]] = order[[place + 1, place]]
        n_swapped += 1 if more else -1
    return order
