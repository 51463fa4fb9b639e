"""What stands beside a ranking: whether one scale fits, whether sides matter, and the order by other models."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np

from annotations.science.chunked import Runner, in_turn
from metaeval.science.board_fit import UndeterminedFitError, board_fit
from metaeval.science.bradley_terry import NonConvergenceError, fit_bradley_terry
from metaeval.science.cannot_judge import cannot_judge
from metaeval.science.comparisons import Cells, FloatArray, pair_counts
from metaeval.science.correlation import kendall_tau_b, ties_of
from metaeval.science.existence import NoRankingError, TiesRule
from metaeval.science.pair_models import pair_table
from metaeval.science.ranking_models import RankingModel, estimate_strengths
from metaeval.science.side_effect import fit_side_effect

OTHERS: Final[tuple[tuple[RankingModel, str], ...]] = (
    ("bradley-terry", "half"),
    ("bradley-terry", "davidson"),
    ("rank-centrality", "half"),
    ("rank-centrality", "denominator"),
    ("win-rate", "half"),
)
# The largest residuals first.
MOST_PAIRS: Final = 50
NOT_SETTLED: Final = "The search for the maximum did not settle."


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
    run: Runner = in_turn,
) -> dict[str, Any]:
    """Ready for JSON; each part has its answer, or `undetermined` with the reason.

    `names` and `strengths` (M,) are those of the ranking that the cells gave. `cannot` are the verdicts "cannot judge", which are not among the cells.
    `run` computes the boards that are drawn from the ranking.

    Keys
    ----
    fit
        As `board_fit` has it, with the pairs of the largest residuals alone.
    side_effect
        Log odds that the left side adds, with its tests.
    cannot_judge
        Where it was said, and whether methods differ in it.
    other_models
        Of each other model, its strengths, their tau-b with the ranking's, and who leads.
    """
    return {
        "fit": _fit(cells, names, ties=ties, ridge=ridge, seed=seed, run=run)
        if model == "bradley-terry"
        else {"undetermined": "Residuals are those of Bradley-Terry; this ranking has another model."},
        "side_effect": _side_effect(cells, names, ties=ties),
        "cannot_judge": cannot_judge(cells, cannot, len(names)).as_dict(names),
        "other_models": [
            _other(cells, names, strengths, model=other, ties=rule)
            for other, rule in OTHERS
            if (other, rule) != (model, ties)
        ],
    }


def _fit(
    cells: Cells, names: list[str], *, ties: str, ridge: float, seed: int, run: Runner
) -> dict[str, Any]:
    wins, tied = pair_counts(cells, len(names))
    fit = fit_bradley_terry(wins, tied, ties_rule=cast(TiesRule, ties), ridge=ridge, names=names)
    try:
        found = board_fit(fit, pair_table(wins, tied), seed=seed, run=run).as_dict(names)
    except UndeterminedFitError as reason:
        return {"undetermined": str(reason)}
    return {**found, "pairs": found["pairs"][:MOST_PAIRS], "undetermined": None}


def _side_effect(cells: Cells, names: list[str], *, ties: str) -> dict[str, Any]:
    try:
        found = fit_side_effect(
            cells, len(names), ties_rule="drop" if ties == "drop" else "half", names=names
        )
    except NoRankingError as refusal:
        return {"undetermined": refusal.sentence}
    except NonConvergenceError:
        return {"undetermined": NOT_SETTLED}
    kept = (
        *("side_effect", "model_error", "likelihood_ratio", "p", "judge_error", "judge_degrees", "judge_p"),
        *("judge_undetermined", "ties_rule", "n_judgments", "n_left_out"),
    )
    return {name: getattr(found, name) for name in kept} | {"undetermined": None}


def _other(
    cells: Cells, names: list[str], strengths: FloatArray, *, model: RankingModel, ties: str
) -> dict[str, Any]:
    wins, tied = pair_counts(cells, len(names))
    about: dict[str, Any] = {"model": model, "ties": ties}
    try:
        found = estimate_strengths(wins, tied, names, model=model, ties=ties, ridge=0.0).strengths
    except NoRankingError as refusal:
        return about | {"undetermined": refusal.sentence}
    except NonConvergenceError:
        return about | {"undetermined": NOT_SETTLED}
    groups = ties_of(found, "strength")
    tau = float(kendall_tau_b(groups, ties_of(strengths, "strength")))
    best = groups == groups.max()
    return about | {
        "strengths": dict(zip(names, found.tolist(), strict=True)),
        "tau_b": tau if np.isfinite(tau) else None,
        "leaders": [name for name, leads in zip(names, best.tolist(), strict=True) if leads],
        "undetermined": None,
    }
