"""What stands beside a ranking: whether one scale fits, whether sides matter, and the order by other models."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final, cast

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import kendall_tau_b, ties_of
from hlv.stats.pairwise.bradley_terry import NonConvergenceError, fit_bradley_terry
from hlv.stats.pairwise.comparisons import Cells, pair_counts
from hlv.stats.pairwise.goodness_of_fit import FitSummary, UndeterminedFitError, goodness_of_fit
from hlv.stats.pairwise.missing_verdicts import MissingVerdicts, missing_verdicts
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.position_effect import PositionEffect, fit_position_effect
from hlv.stats.pairwise.ranking_models import RankingModel, estimate_strengths
from hlv.stats.resampling.chunks import Runner, run_in_sequence

OTHERS: Final[tuple[tuple[RankingModel, str], ...]] = (
    ("bradley-terry", "half"),
    ("bradley-terry", "davidson"),
    ("rank-centrality", "half"),
    ("rank-centrality", "denominator"),
    ("win-rate", "half"),
)
# The largest residuals first.
MOST_PAIRS: Final = 50
NOT_SETTLED: Final = "The search for the maximum did not converge."


@dataclass(frozen=True, kw_only=True)
class OtherModel:
    """The same judgments by another model, or why it gives no order.

    Attributes
    ----------
    tau_b
        Between its strengths and those of the ranking.
    leaders
        The methods of its highest strength.
    """

    model: str
    ties: str
    strengths: dict[str, float] = field(default_factory=dict)
    tau_b: float | None = None
    leaders: list[str] = field(default_factory=list)
    undetermined: str | None = None


@dataclass(frozen=True, kw_only=True)
class RankingChecks:
    """Each part has its answer, or `undetermined` with the reason.

    Attributes
    ----------
    fit
        Whether one strength for each method explains the judgments, with the pairs of the largest residuals alone.
    side_effect
        Log odds that the left side adds, with its tests.
    cannot_judge
        Where it was said, and whether methods differ in it.
    other_models
        The order by each other model.
    """

    fit: FitSummary
    side_effect: PositionEffect
    cannot_judge: MissingVerdicts
    other_models: list[OtherModel]


def ranking_checks(
    cells: Cells,
    names: list[str],
    strengths: FloatArray,
    *,
    cannot: Cells,
    model: RankingModel,
    ties: str,
    ridge: float,
    seed: int,
    run: Runner = run_in_sequence,
) -> RankingChecks:
    """What stands beside a ranking.

    `names` and `strengths` (M,) are those of the ranking that the cells gave. `cannot` are the verdicts "cannot judge", which are not among the cells.
    `run` computes the boards that are drawn from the ranking.
    """
    return RankingChecks(
        fit=_fit(cells, names, ties=ties, ridge=ridge, seed=seed, run=run)
        if model == "bradley-terry"
        else FitSummary(undetermined="Residuals need Bradley-Terry; this ranking has another model."),
        side_effect=_side_effect(cells, names, ties=ties),
        cannot_judge=missing_verdicts(cells, cannot, len(names)).named(names),
        other_models=[
            _other(cells, names, strengths, model=other, ties=rule)
            for other, rule in OTHERS
            if (other, rule) != (model, ties)
        ],
    )


def _fit(cells: Cells, names: list[str], *, ties: str, ridge: float, seed: int, run: Runner) -> FitSummary:
    wins, tied = pair_counts(cells, len(names))
    fit = fit_bradley_terry(wins, tied, ties_rule=cast(TiesRule, ties), ridge=ridge, names=names)
    try:
        found = goodness_of_fit(fit, pair_table(wins, tied), seed=seed, run=run)
    except UndeterminedFitError as reason:
        return FitSummary(undetermined=str(reason))
    return found.summary(names, most_pairs=MOST_PAIRS)


def _side_effect(cells: Cells, names: list[str], *, ties: str) -> PositionEffect:
    try:
        found = fit_position_effect(
            cells, len(names), ties_rule="drop" if ties == "drop" else "half", names=names
        )
    except NoRankingError as refusal:
        return PositionEffect(undetermined=refusal.sentence)
    except NonConvergenceError:
        return PositionEffect(undetermined=NOT_SETTLED)
    return PositionEffect(
        **{one.name: getattr(found, one.name, None) for one in fields(PositionEffect)},
    )


def _other(
    cells: Cells, names: list[str], strengths: FloatArray, *, model: RankingModel, ties: str
) -> OtherModel:
    wins, tied = pair_counts(cells, len(names))
    try:
        found = estimate_strengths(wins, tied, names, model=model, ties=ties, ridge=0.0).strengths
    except NoRankingError as refusal:
        return OtherModel(model=model, ties=ties, undetermined=refusal.sentence)
    except NonConvergenceError:
        return OtherModel(model=model, ties=ties, undetermined=NOT_SETTLED)
    groups = ties_of(found, "strength")
    tau = float(kendall_tau_b(groups, ties_of(strengths, "strength")))
    best = groups == groups.max()
    return OtherModel(
        model=model,
        ties=ties,
        strengths=dict(zip(names, found.tolist(), strict=True)),
        tau_b=tau if np.isfinite(tau) else None,
        leaders=[name for name, leads in zip(names, best.tolist(), strict=True) if leads],
    )
