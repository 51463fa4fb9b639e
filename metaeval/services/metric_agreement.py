"""Which metric ranks the methods as the experts do: the job that the rest leads up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from annotations.jobs import JobRefusedError, Progress, store
from annotations.models import Job, Missing, SnapshotStored, Study, code_version
from annotations.work_sharing import runner
from hlv.core.stored_results import dump
from hlv.stats.labels.distributions import EQUAL
from hlv.stats.meta_evaluation.metric_agreement import HumanScores, agree, human_scores
from hlv.stats.meta_evaluation.paired_permutation import SwapNull
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from metaeval.figures.drawn_figures import Drawn, drawn_figures, keep_figures
from metaeval.models import Method, Metric, MetricAgreement, Ranking
from metaeval.results.metric_agreement import MetricAgreementResult, PeopleCompared, read_agreement
from metaeval.results.metric_rows import LabelWeights
from metaeval.results.ranking import read_ranking
from metaeval.results.ranking_options import (
    DEFAULT_NULL,
    DEFAULT_PERMUTATIONS,
    MetricAgreementParameters,
    RankingOptions,
    Setting,
    read_parameters,
)
from metaeval.selectors.scores import method_names, missing_for_metrics, shown_names, uploaded_scores
from metaeval.services.agreement_diagnostics import agreement_diagnostics, agreement_on_judged_items
from metaeval.services.identical_methods import Systems, merged_sentences
from metaeval.services.metric_scores import Named, automatic_judges, built_in_scores, uploaded, uploaded_table
from metaeval.services.outlier_methods import outlier_notes
from metaeval.services.preregistration_compliance import compliance
from metaeval.services.ranking import (
    ComputedRanking,
    campaign_of_study,
    check_ranking_options,
    compute_ranking,
    fit_ranking,
    item_draws,
)
from metaeval.services.score_table import ScoreTable, UploadedTable, n_drawn
from metaeval.services.scored_labels import check_weights
from metaeval.services.scoring import default_resamples, store_scores
from metaeval.services.stored_agreement import (
    HumanSide,
    agreement_table,
    joined_fingerprint,
    stored_scores,
    undetermined_reasons,
)
from metaeval.services.text_blocks import BLOCKED_TESTS, text_blocks

WITH_PEOPLE = noop("comparing metrics with people")
OF_JUDGMENTS = (
    "A base model or judge group selects judgments, but an uploaded human score has none. Each base "
    "model has its own table anyway."
)
# Of the comparison with a score that people gave; the others speak of judgments.
OPTIONS_OF_SCORES: Final = frozenset(
    {"against", "n_resamples", "seed", "without_methods", "as_of", "null", "weights", "block_by"}
)
# Values of parameters that change nothing.
EMPTY: Final[tuple[object, ...]] = (None, "", [], ())
NO_JUDGMENTS: Final = (
    "An uploaded human score has no judgments, so these options do not apply: {options}. Leave them out, "
    "or compare with the judgments of a campaign."
)

NOTHING_WEIGHTED = "No text that can be weighted by certainty has an output of every method."


@dataclass(frozen=True, eq=False)
class ComputedMetricAgreement:
    """A metric agreement with the ranking, scores and figures it rests on, none of them stored yet."""

    snapshot: MetricAgreement
    ranking: ComputedRanking | None
    table: ScoreTable | None
    uploads: UploadedTable
    drawings: list[Drawn]

    def keep(self) -> MetricAgreement:
        """Store all of it, in the transaction of whoever ends the job."""
        snapshot = self.snapshot
        if self.ranking is not None:
            snapshot.ranking = self.ranking.keep()
        if self.table is not None:
            snapshot.scoring = store_scores(
                snapshot.study,
                self.table,
                uploads=self.uploads,
                as_of=snapshot.as_of,
                n_resamples=read_agreement(snapshot).n_resamples,
                seed=snapshot.seed,
                job=snapshot.job,
            )
        snapshot.save()
        keep_figures(snapshot, self.drawings)
        return snapshot


def read_agreement_parameters(study: Study, params: Mapping[str, object]) -> MetricAgreementParameters:
    """The number of resamples depends on the study where none is given."""
    return read_parameters(
        MetricAgreementParameters,
        {"n_resamples": default_resamples(study)} | dict(params),
        job="The agreement of metrics",
    )


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what could not be computed."""
    parameters = read_agreement_parameters(study, params)
    if parameters.against:
        _check_against(study, parameters, {name for name, value in params.items() if value not in EMPTY})
    check_ranking_options(study, parameters)
    parameters.swap_null()
    check_weights(study, parameters.weights)


def _check_against(study: Study, parameters: MetricAgreementParameters, names: set[str]) -> None:
    if not parameters.selection.is_everything:
        raise JobRefusedError(OF_JUDGMENTS)
    _uploaded_metric(study, parameters.against)
    if parameters.weights != EQUAL:
        raise JobRefusedError(_("Only uploaded scores are compared, so no label is weighted."))
    if others := sorted(names - OPTIONS_OF_SCORES):
        raise JobRefusedError(NO_JUDGMENTS.format(options=", ".join(others)))


def run_metric_agreement(job: Job, progress: Progress) -> SnapshotStored:
    parameters = read_agreement_parameters(job.study, job.params)
    if parameters.against:
        computed = agree_with_score(
            job.study,
            parameters.against,
            parameters,
            as_of=parameters.moment(),
            null=parameters.swap_null(),
            job=job,
            progress=progress,
        )
        return _end(job, computed)
    campaign = campaign_of_study(job.study, parameters.campaign)
    ranking = compute_ranking(campaign, parameters, as_of=parameters.moment(), job=job, progress=progress)
    agreement = agree_with_experts(
        ranking, parameters, null=parameters.swap_null(), job=job, progress=progress
    )
    # The ranking is an answer even where there is nothing to compare it with.
    return _end(job, ranking if agreement is None else agreement)


def _end(job: Job, computed: ComputedMetricAgreement | ComputedRanking) -> SnapshotStored:
    if isinstance(computed, ComputedRanking):
        missing = missing_for_metrics(job.study) or Missing.SHARED_TEXTS
        result = SnapshotStored("metric_agreement", None, str(missing.label), missing.value)
    else:
        result = SnapshotStored("metric_agreement", computed.snapshot.uuid, computed.snapshot.undetermined)
    with transaction.atomic():
        computed.keep()
        store(job, result)
    return result


def agree_with_experts(
    ranking: ComputedRanking,
    options: RankingOptions,
    *,
    n_permutations: int = DEFAULT_PERMUTATIONS,
    null: SwapNull = DEFAULT_NULL,
    job: Job | None = None,
    progress: Progress | None = None,
) -> ComputedMetricAgreement | None:
    """Score by every metric and compare with the ranking, each with its resamples; None without a metric.

    Methods with identical outputs are one system: their judgments are pooled and ranked again, beside the ranking that
    is stored, which has each of them.
    """
    campaign, as_of = ranking.snapshot.campaign, ranking.snapshot.as_of
    study = campaign.study
    systems = Systems.judged(study, ranking.counted, as_of=as_of)
    ranking = _merged(ranking, systems, options, progress=progress)
    methods, result = ranking.counted.methods, ranking.result
    # The texts of the systems' own resamples: judgments within a system, and their texts, are not among them.
    draws = item_draws(ranking.counted, result)
    named, table = built_in_scores(study, methods, options, as_of=as_of, draws=draws, progress=progress)
    if table is not None:
        _add_weights(ranking.snapshot, table)
    named += [
        uploaded(scores, options, draws=draws, progress=progress)
        for scores in uploaded_scores(study, methods=methods, as_of=as_of, counts_as=systems.counts_as)
    ]
    named += automatic_judges(
        ranking.counted, campaign, systems, options, as_of=as_of, draws=draws, progress=progress
    )
    if not named:
        return None
    human = human_scores(result) if methods else HumanScores(np.zeros(0), undetermined=result.undetermined)
    return _compared(
        HumanSide(study, methods, human, ranking=ranking, systems=systems),
        named,
        options,
        n_permutations=n_permutations,
        null=null,
        table=table,
        as_of=as_of,
        job=job,
        progress=progress,
        parameters=ranking.snapshot.parameters,
        people=PeopleCompared(
            campaign=campaign.name,
            ranking=str(ranking.snapshot.uuid),
            ranking_notes=result.notes,
            resampling_unit=result.resampling_unit,
            n_judgments=result.n_judgments,
            n_judges=result.n_judges,
            n_judged_items=result.n_items,
            n_cannot_judge=ranking.counted.n_cannot,
            judged_items_only=agreement_on_judged_items(
                ranking, table, options, n_permutations=n_permutations, as_of=as_of, progress=progress
            ),
        ),
    )


def _merged(
    ranking: ComputedRanking, systems: Systems, options: RankingOptions, *, progress: Progress | None
) -> ComputedRanking:
    """The ranking of systems, each once; its snapshot stays that of all methods."""
    if not systems.groups:
        return ranking
    merged = ranking.counted.merged(systems.counts_as)
    result = fit_ranking(merged, options, progress=progress, name="judgments of systems")
    return replace(ranking, counted=merged, result=result)


def _add_weights(snapshot: Ranking, table: ScoreTable) -> None:
    """Record the weights of labels with the ranking that goes with metric scores."""
    snapshot.parameters = snapshot.parameters | {"weights": table.weights}
    plan = compliance(snapshot.campaign, snapshot.parameters, as_of=snapshot.as_of)
    snapshot.result = dump(replace(read_ranking(snapshot), plan=plan))


def agree_with_score(
    study: Study,
    name: str,
    options: RankingOptions,
    *,
    as_of: datetime | None = None,
    n_permutations: int = DEFAULT_PERMUTATIONS,
    null: SwapNull = DEFAULT_NULL,
    job: Job | None = None,
    progress: Progress | None = None,
) -> ComputedMetricAgreement:
    """Compare every other uploaded metric with one that people gave, on the methods that are not left out."""
    as_of = as_of or timezone.now()
    against = _uploaded_metric(study, name)
    names = method_names(study)
    every = list(Method.objects.filter(study=study))
    kept = [method for method in every if names[method.pk] not in options.without_methods]
    systems = Systems.uploaded(study, kept, as_of=as_of)
    methods = systems.of(kept)
    found = {
        scores.metric.name: scores
        for scores in uploaded_scores(study, methods=methods, as_of=as_of, counts_as=systems.counts_as)
    }
    if name not in found:
        raise JobRefusedError(
            f"There are no values of {name!r}: its import was withdrawn, came later, or is of methods that are left out."
        )
    # No ranking draws texts here: a text has the same weight in every score all the same.
    draws = RankingDraws.by_text(options.seed, text_blocks(study, options.block_by))
    people_scores = uploaded(found.pop(name), options, draws=draws, progress=progress)
    people = people_scores.scores
    if not found:
        raise JobRefusedError(f"{name!r} is the only uploaded score: there is nothing to compare it with.")
    sign = 1.0 if people.higher_is_better else -1.0
    human = HumanScores(
        sign * people.values,
        None if people.resampled is None else sign * people.resampled,
        n_units=people.n_units,
        scale=people.scale,
    )
    left_out = [names[method.pk] for method in every if method not in kept]
    return _compared(
        HumanSide(study, methods, human, against=against, uploaded=people_scores, systems=systems),
        [uploaded(scores, options, draws=draws, progress=progress) for scores in found.values()],
        options,
        n_permutations=n_permutations,
        null=null,
        table=None,
        as_of=as_of,
        job=job,
        progress=progress,
        parameters={
            "against": name,
            "without_methods": [*left_out],
            **({} if draws.blocks is None else {"block_by": options.block_by}),
        },
        people=PeopleCompared(against=name, methods_left_out=left_out),
    )


def _uploaded_metric(study: Study, name: str) -> Metric:
    uploads = Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED)
    metric = uploads.filter(name=name).first()
    if metric is None:
        known = ", ".join(uploads.order_by("name").values_list("name", flat=True)) or "none"
        raise JobRefusedError(f"No uploaded score is called {name!r}; known are {known}.")
    return metric


def _compared(
    human: HumanSide,
    named: Sequence[Named],
    options: RankingOptions,
    *,
    n_permutations: int,
    null: SwapNull,
    table: ScoreTable | None,
    as_of: datetime,
    job: Job | None,
    progress: Progress | None,
    parameters: Mapping[str, Setting],
    people: PeopleCompared,
) -> ComputedMetricAgreement:
    """`parameters` are those of the people's side, as it was computed."""
    agreement = agree(
        human.scores,
        [entry.scores for entry in named],
        methods=shown_names(human.methods),
        seed=options.seed,
        n_permutations=n_permutations,
        runners=lambda work: runner(progress, name=f"{work} of metrics", note=WITH_PEOPLE),
    )
    drawn = n_drawn([human.scores.resampled, *(entry.scores.resampled for entry in named)])
    diagnostics = agreement_diagnostics(
        human.scores,
        named,
        human.methods,
        options,
        n_permutations=n_permutations,
        null=null,
        counted=None if human.ranking is None else human.ranking.counted,
        base_models=human.systems.base_models,
        draws=None if human.ranking is None else item_draws(human.ranking.counted, human.ranking.result),
        progress=progress,
    )
    campaign = None if human.ranking is None else human.ranking.snapshot.campaign
    # What was computed: without a test by exchange there is no null hypothesis.
    parameters = dict(parameters) | {
        "seed": agreement.seed,
        "n_resamples": drawn,
        "n_permutations": agreement.n_permutations,
        "null": next((found.null for found in diagnostics.differences.values() if found.null), None),
    }
    names = [entry.scores.name for entry in named]
    plan = None if campaign is None else compliance(campaign, parameters, as_of=as_of, metrics=names)
    identical = human.systems.named(human.study)
    stored = agreement_table(agreement, named)
    rows = [
        replace(row, remark=entry.remark, judged=entry.judged)
        for row, entry in zip(stored.metrics, named, strict=True)
    ]
    notes = [f"Methods left out: {', '.join(people.methods_left_out)}."] if people.methods_left_out else []
    notes += [*merged_sentences(identical), *stored.notes, *outlier_notes(diagnostics.outliers)]
    if options.block_by:
        notes.append(BLOCKED_TESTS.format(column=options.block_by))
    if table is None and options.weights != EQUAL:
        notes.append(NOTHING_WEIGHTED)
    result = MetricAgreementResult(
        **vars(replace(stored, metrics=rows, notes=notes)),
        **vars(LabelWeights() if table is None else table.label_weights),
        **vars(people),
        **vars(diagnostics),
        n_resamples=drawn,
        n_resamples_asked=options.n_resamples,
        plan=plan,
        identical=identical,
        scores=stored_scores(human, named),
    )
    snapshot = MetricAgreement(
        study=human.study,
        campaign=campaign,
        against=human.against,
        job=job,
        seed=agreement.seed,
        parameters=parameters,
        code_version=code_version(),
        data_fingerprint=joined_fingerprint(human, table, named),
        as_of=as_of,
        result=dump(result),
        undetermined=undetermined_reasons(rows),
    )
    uploads = uploaded_table(named, human.methods, n_resamples=options.n_resamples, built_in=table)
    return ComputedMetricAgreement(snapshot, human.ranking, table, uploads, drawn_figures(snapshot))
