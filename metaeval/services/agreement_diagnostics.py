"""What the coefficients of a metric agreement alone do not say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from annotations.jobs import Progress
from annotations.work_sharing import runner
from hlv.stats.meta_evaluation.agreement_result import HumanScores
from hlv.stats.meta_evaluation.paired_permutation import SwapNull
from hlv.stats.pairwise.ranking_draws import RankingDraws
from metaeval.models import Method
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.judgments import ComparisonCounts
from metaeval.selectors.methods import shown_names
from metaeval.services.group_means import group_agreement
from metaeval.services.judgment_agreement import verdicts
from metaeval.services.leave_one_method_out import without_each_method
from metaeval.services.metric_differences import compare_metrics
from metaeval.services.metric_scores import Named, distinct_names
from metaeval.services.noise_ceiling import campaign_ceiling, no_ceiling

BY_VERDICT: Final = "comparing metrics verdict by verdict, in hundreds of resamples"
NO_JUDGES: Final = "A score that people gave comes without judgments and judges."


def agreement_diagnostics(
    human: HumanScores,
    named: Sequence[Named],
    methods: Sequence[Method],
    options: RankingOptions,
    *,
    n_permutations: int,
    null: SwapNull,
    counted: ComparisonCounts | None,
    base_models: Callable[[Method], Sequence[str]],
    draws: RankingDraws | None,
    progress: Progress | None,
) -> dict[str, Any]:
    """Parts of a stored result; each has its answer, or `undetermined` with the reason why there is none.

    `counted` are the judgments, or None where people gave a score; `null` is that of exchanging metrics' scores;
    `base_models` gives those of a method, `draws` how the metrics' texts were drawn again.
    """
    named, names = distinct_names(named), shown_names(methods)
    return {
        "differences": compare_metrics(
            human,
            named,
            methods=names,
            base_models=[base_models(method) for method in methods],
            n_resamples=options.n_resamples,
            seed=options.seed,
            null=null,
            runners=lambda work: runner(progress, name=work, note="comparing metrics with one another"),
        ),
        "without_each_method": without_each_method(human, named, names),
        "noise_ceiling": no_ceiling(NO_JUDGES)
        if counted is None
        else campaign_ceiling(
            counted, options, run=runner(progress, name="halved judges", note="setting judges against judges")
        ),
        "verdicts": {"undetermined": NO_JUDGES, "metrics": []}
        if counted is None
        else verdicts(
            counted.cells,
            named,
            options,
            run=runner(progress, name="verdicts", note=BY_VERDICT),
        ),
        "groups": group_agreement(
            human,
            named,
            methods,
            options,
            n_permutations=n_permutations,
            counted=counted,
            base_models=base_models,
            draws=draws,
            progress=progress,
        ),
    }
