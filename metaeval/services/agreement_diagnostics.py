"""Diagnostics of a metric agreement: differences, leave-one-method-out, noise ceiling, verdicts, base models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

import numpy as np
from django.utils.translation import gettext_noop as noop

from annotations.jobs import Progress
from annotations.work_sharing import runner
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.correlation import CORRELATIONS
from hlv.stats.meta_evaluation.agreement_result import HumanScores, MetricScores
from hlv.stats.meta_evaluation.bootstrap_judgments import JudgmentBootstrap, JudgmentSample
from hlv.stats.meta_evaluation.judgment_agreement import (
    UndeterminedJudgmentsError,
    judgment_sample,
    sample_agreement,
)
from hlv.stats.meta_evaluation.method_resampling import UndeterminedAgreementError, leave_one_method_out
from hlv.stats.meta_evaluation.metric_agreement import agree, human_scores
from hlv.stats.meta_evaluation.paired_permutation import SwapNull
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.raters.noise_ceiling import UndeterminedCeilingError, noise_ceiling
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.resampling.chunks import Runner
from metaeval.models import Method
from metaeval.results.metric_agreement import (
    AgreementDiagnostics,
    Ceiling,
    JudgedTable,
    MetricVerdicts,
    MetricWithoutEach,
    Verdicts,
    WithoutEachMethod,
    WithoutMethod,
)
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.judgments import ComparisonCounts
from metaeval.selectors.scores import shown_names
from metaeval.services.group_means import group_agreement
from metaeval.services.metric_differences import compare_metrics
from metaeval.services.metric_scores import Named, built_in_scores, distinct_names
from metaeval.services.outlier_methods import outlier_table
from metaeval.services.ranking import ComputedRanking, item_draws
from metaeval.services.score_table import ScoreTable, finite
from metaeval.services.stored_agreement import metric_row

NO_ITEM_SCORES: Final = noop("No metric has a score for each text.")
NO_JUDGED_ITEMS: Final = noop("No judgment names its text.")
# A threshold is fitted in every resample, for every metric: this many settle an interval's ends in seconds.
MOST_RESAMPLES: Final = 500


def verdicts(cells: Cells, named: Sequence[Named], options: RankingOptions, *, run: Runner) -> Verdicts:
    """Agreement verdict by verdict of each metric, or why there is none.

    Parameters
    ----------
    cells
        The people's judgments, methods numbered as the metrics' scores have them, items by their keys.
    run
        Computes the resamples of all metrics.
    """
    if not cells.n_items:
        return Verdicts(undetermined=NO_JUDGED_ITEMS)
    with_items = [entry for entry in named if entry.of_items is not None]
    if not with_items:
        return Verdicts(undetermined=NO_ITEM_SCORES)
    samples = {place: _sample(cells, entry, options) for place, entry in enumerate(with_items)}
    ready = {place: sample for place, sample in samples.items() if isinstance(sample, JudgmentSample)}
    work = JudgmentBootstrap(list(ready.values()), min(options.n_resamples, MOST_RESAMPLES))
    drawn = dict(zip(ready, work.of_samples(run(work)), strict=True))
    rows = []
    for place, entry in enumerate(with_items):
        sample = samples[place]
        if isinstance(sample, JudgmentSample):
            found = sample_agreement(sample, drawn[place])
            columns = vars(found) | {"fold_thresholds": found.fold_thresholds.tolist()}
            rows.append(MetricVerdicts(**columns, name=entry.scores.name))
        else:
            rows.append(MetricVerdicts(name=entry.scores.name, undetermined=sample))
    return Verdicts(
        metrics=rows,
        left_out={entry.scores.name: NO_SCORE_OF_TEXTS for entry in named if entry.of_items is None},
    )


NO_SCORE_OF_TEXTS: Final = noop("It has no score for each text.")


def _sample(cells: Cells, entry: Named, options: RankingOptions) -> JudgmentSample | str:
    """A metric's differences with the verdicts, or the reason why there is no agreement."""
    if entry.of_items is None or entry.item_ids is None:
        return NO_SCORE_OF_TEXTS
    judged = np.unique(cells.item[cells.item != UNKNOWN])
    columns = np.flatnonzero(np.isin(entry.item_ids, judged))
    scores = entry.of_items[:, columns]
    if np.isinf(scores).any():
        return noop("A text has an infinite score, so differences of scores are undefined.")
    place = {int(item): column for column, item in enumerate(entry.item_ids[columns])}
    numbered = np.array([place.get(item, UNKNOWN) for item in cells.item.tolist()], dtype=np.int64)
    try:
        return judgment_sample(
            replace(cells, item=numbered),
            scores,
            higher_is_better=entry.scores.higher_is_better,
            resample=cast("ResamplingUnit | None", options.resample),
            seed=options.seed,
        )
    except UndeterminedJudgmentsError as refusal:
        return error_sentence(refusal)


def campaign_ceiling(counted: ComparisonCounts, options: RankingOptions, *, run: Runner) -> Ceiling:
    """The ceiling, or why there is none; `run` computes the splits of the judges."""
    if options.model != "bradley-terry":
        return Ceiling(
            undetermined=noop(
                "The noise ceiling needs Bradley-Terry strengths; this ranking has another model."
            )
        )
    try:
        counts = RaterCounts.of(counted.cells, len(counted.methods))
        found = noise_ceiling(
            counts,
            ties_rule=cast(TiesRule, options.ties),
            ridge=options.ridge,
            seed=options.seed,
            run=run,
        )
    except (NoRankingError, UndeterminedJudgesError, UndeterminedCeilingError) as refusal:
        return Ceiling(undetermined=error_sentence(refusal))
    return Ceiling(
        ceiling=found.ceiling,
        reliability=found.reliability,
        half_correlation=found.half_correlation,
        n_splits=found.n_splits,
        exact=found.exact,
        n_without_answer=found.n_without_answer,
        n_judges=found.n_judges,
        seed=options.seed,
    )


def without_each_method(
    human: HumanScores, named: Sequence[Named], methods: Sequence[str]
) -> WithoutEachMethod:
    """For each metric, its coefficients without each method, or why there are none."""
    if human.undetermined is not None:
        return WithoutEachMethod(undetermined=human.undetermined)
    return WithoutEachMethod(metrics=[_metric_without_each(human, entry.scores, methods) for entry in named])


def _metric_without_each(
    human: HumanScores, scores: MetricScores, methods: Sequence[str]
) -> MetricWithoutEach:
    if scores.undetermined is not None:
        return MetricWithoutEach(name=scores.name, undetermined=scores.undetermined)
    try:
        found = leave_one_method_out(
            human.values,
            scores.values,
            higher_is_better=scores.higher_is_better,
            methods=methods,
            people_scale=human.scale,
            scale=scores.scale,
        )
    except UndeterminedAgreementError as refusal:
        return MetricWithoutEach(name=scores.name, undetermined=error_sentence(refusal))
    columns = ([finite(value) for value in found.coefficients[name].tolist()] for name in CORRELATIONS)
    return MetricWithoutEach(
        name=scores.name,
        without=[
            WithoutMethod(method=method, **dict(zip(CORRELATIONS, values, strict=True)), undetermined=reason)
            for method, reason, *values in zip(found.methods, found.undetermined, *columns, strict=True)
        ],
    )


BY_VERDICT: Final = noop("comparing metrics verdict by verdict, in hundreds of resamples")
NO_JUDGES: Final = noop("An uploaded human score has no judgments and no judges.")


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
) -> AgreementDiagnostics:
    """Differences between metrics, leave-one-method-out, noise ceiling, verdicts, base models and outlier methods.

    `counted` are the judgments, or None where people gave a score; `null` is that of exchanging metrics' scores;
    `base_models` gives those of a method, `draws` how the metrics' texts were drawn again.
    """
    named, names = distinct_names(named), shown_names(methods)
    return AgreementDiagnostics(
        differences=compare_metrics(
            human,
            named,
            methods=names,
            base_models=[base_models(method) for method in methods],
            n_resamples=options.n_resamples,
            seed=options.seed,
            null=null,
            runners=lambda work: runner(progress, name=work, note="comparing metrics with one another"),
        ),
        without_each_method=without_each_method(human, named, names),
        noise_ceiling=Ceiling(undetermined=NO_JUDGES)
        if counted is None
        else campaign_ceiling(
            counted, options, run=runner(progress, name="halved judges", note="setting judges against judges")
        ),
        verdicts=Verdicts(undetermined=NO_JUDGES)
        if counted is None
        else verdicts(
            counted.cells,
            named,
            options,
            run=runner(progress, name="verdicts", note=BY_VERDICT),
        ),
        groups=group_agreement(
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
        outliers=outlier_table(
            human, named, names, options, n_permutations=n_permutations, progress=progress
        ),
    )


ON_JUDGED_ITEMS: Final = "comparing metrics with people on the judged texts"


def agreement_on_judged_items(
    ranking: ComputedRanking,
    table: ScoreTable | None,
    options: RankingOptions,
    *,
    n_permutations: int,
    as_of: datetime,
    progress: Progress | None,
) -> JudgedTable | None:
    """The same agreement with the metrics scored only on the texts that were judged, where that differs."""
    if table is None or ranking.result.undetermined:
        return None
    campaign, methods = ranking.snapshot.campaign, ranking.counted.methods
    judged = set(ranking.counted.judged_items.tolist())
    if not judged.intersection(table.item_ids.tolist()) or judged.issuperset(table.item_ids.tolist()):
        return None
    named, judged_table = built_in_scores(
        campaign.study,
        methods,
        options,
        as_of=as_of,
        progress=progress,
        only_items=sorted(judged),
        draws=item_draws(ranking.counted, ranking.result),
    )
    if judged_table is None:
        return None
    agreement = agree(
        human_scores(ranking.result),
        [entry.scores for entry in named],
        methods=shown_names(methods),
        seed=options.seed,
        n_permutations=n_permutations,
        runners=lambda work: runner(progress, name=f"{work} on judged items", note=ON_JUDGED_ITEMS),
    )
    return JudgedTable(
        n_items=judged_table.n_items,
        metrics=[metric_row(row, entry) for row, entry in zip(agreement.metrics, named, strict=True)],
        scores={
            entry.scores.name: [finite(value) for value in entry.scores.values.tolist()] for entry in named
        },
    )
