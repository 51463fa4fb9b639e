"""How well a perfect metric could agree with the judges of a campaign."""

from __future__ import annotations

from typing import Any, cast

from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.raters.noise_ceiling import UndeterminedCeilingError, noise_ceiling
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.resampling.chunks import Runner
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.judgments import ComparisonCounts

# What the ceiling has, and where there is none its reason alone.
KEYS = (
    "ceiling",
    "reliability",
    "half_correlation",
    "n_splits",
    "exact",
    "n_without_answer",
    "n_judges",
    "seed",
)


def campaign_ceiling(counted: ComparisonCounts, options: RankingOptions, *, run: Runner) -> dict[str, Any]:
    """The ceiling, or why there is none; `run` computes the splits of the judges."""
    if options.model != "bradley-terry":
        return no_ceiling("The noise ceiling is that of Bradley-Terry strengths; this ranking has others.")
    try:
        boards = RaterCounts.of(counted.cells, len(counted.methods))
        found = noise_ceiling(
            boards,
            ties_rule=cast(TiesRule, options.ties),
            ridge=options.ridge,
            seed=options.seed,
            run=run,
        )
    except (NoRankingError, UndeterminedJudgesError, UndeterminedCeilingError) as refusal:
        return no_ceiling(refusal.sentence)
    return {
        "ceiling": found.ceiling,
        "reliability": found.reliability,
        "half_correlation": found.half_correlation,
        "n_splits": found.n_splits,
        "exact": found.exact,
        "n_without_answer": found.n_without_answer,
        "n_judges": found.n_judges,
        "seed": options.seed,
        "undetermined": None,
    }


def no_ceiling(reason: str) -> dict[str, Any]:
    return dict.fromkeys(KEYS) | {"undetermined": reason}
