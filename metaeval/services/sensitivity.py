"""Sensitivity analysis: the newest ranking under other choices, stored as a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_noop as noop

from annotations.jobs import JobRefusedError, MissingDataError, Progress, store
from annotations.models import Job, Missing, Participant, SnapshotStored, Study, code_version
from annotations.work_sharing import runner
from hlv.core.stored_results import dump
from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import Scale
from hlv.stats.meta_evaluation.sensitivity import (
    ComparedVariant,
    Metric,
    Question,
    Variant,
    VariantFacts,
    described,
    variants,
)
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells
from hlv.stats.resampling.chunks import Runner
from metaeval.models import Campaign, MetricAgreement, Ranking, Sensitivity
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.metric_counts import judged_texts
from metaeval.results.metric_rows import MetricRow
from metaeval.results.ranking import SensitivityResult, read_ranking
from metaeval.results.ranking_options import RankingOptions, read_parameters
from metaeval.selectors.judges import FAST_SHARE, answers_in_time
from metaeval.selectors.judgments import ComparisonCounts, comparison_counts
from metaeval.selectors.scores import shown_names
from metaeval.selectors.selections import Exclusions, Selection, selectable
from metaeval.selectors.snapshots import agreement_with_ranking, newest_ranking, snapshot_selection
from metaeval.services.metric_scores import AUTOMATIC_JUDGE
from metaeval.services.ranking import campaign_of_study
from metaeval.services.text_blocks import text_blocks

# Rank intervals rest on the analytic errors where there are some: these are for boards without.
MOST_RESAMPLES: Final = 1000
STEPS: Final = ("ties", "sides", "fast", "judge", "base model", "resampling")
ON_JUDGED_TEXTS: Final = "metrics on judged texts"
FAST_RULE: Final = f"Fast: less than {FAST_SHARE} of the median time that the same judge took, over all judgments with a time."


@dataclass(frozen=True)
class SensitivityParameters:
    """The campaign, and the part of it whose newest ranking is analysed."""

    campaign: str = ""
    base_model: str = ""
    judge_group: str = ""

    def ranking(self, study: Study) -> Ranking:
        """The newest.

        Raises
        ------
        MissingDataError
            If there is none.
        """
        campaign = campaign_of_study(study, self.campaign)
        found = newest_ranking(campaign, Selection(self.base_model, self.judge_group))
        if found is None:
            raise MissingDataError(Missing.RANKING)
        return found


def read_sensitivity_parameters(params: Mapping[str, object]) -> SensitivityParameters:
    job = "The sensitivity analysis, which takes the choices of the newest ranking,"
    return read_parameters(SensitivityParameters, params, job=job)


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what nothing could be computed for."""
    parameters = read_sensitivity_parameters(params)
    if refusal := selectable(study).refusal(Selection(parameters.base_model, parameters.judge_group)):
        raise JobRefusedError(refusal)
    parameters.ranking(study)


def run_sensitivity(job: Job, progress: Progress) -> SnapshotStored:
    ranked = read_sensitivity_parameters(job.params).ranking(job.study)
    snapshot = compute_sensitivity(ranked, job=job, progress=progress)
    with transaction.atomic():
        snapshot.save()
        result = SnapshotStored("sensitivity", snapshot.uuid, snapshot.undetermined)
        store(job, result)
    return result


def compute_sensitivity(
    ranked: Ranking, *, job: Job | None = None, progress: Progress | None = None
) -> Sensitivity:
    """Not yet stored; of the judgments as the ranking knew them."""
    campaign, as_of, selection = ranked.campaign, ranked.as_of, snapshot_selection(ranked)
    exclusions = Exclusions.of(ranked.parameters)
    counted = replace(
        comparison_counts(campaign, as_of=as_of, selection=selection, exclusions=exclusions),
        blocks=text_blocks(campaign.study, RankingOptions.of(ranked.parameters).block_by),
    )
    names = shown_names(counted.methods)
    if ranked.undetermined:
        return _snapshot(ranked, counted, SensitivityResult(), job=job, why=ranked.undetermined)
    question = _question(ranked, counted, names)
    base = _base(ranked, question)
    agreed = agreement_with_ranking(ranked)
    metrics = _metrics(agreed, names)
    timed = _without_fast(campaign, counted, as_of=as_of, selection=selection, exclusions=exclusions)
    steps = _StepProgress(progress)
    found = [] if agreed is None else _on_judged_texts(agreed, base, names, metrics)
    found += [
        described(variant, base, names, metrics)
        for variant in variants(
            question,
            judges=_judges(counted),
            without_fast=timed.cells,
            base_models=_base_models(counted, names),
            progress=steps,
            runners=steps.runner,
        )
    ]
    result = SensitivityResult(
        base=described(base, base, names, metrics),
        variants=found,
        methods=names,
        n_resamples=question.n_resamples,
        fast_rule=FAST_RULE,
        n_fast=timed.n_fast,
        fast_undetermined=timed.why_not,
    )
    return _snapshot(ranked, counted, result, job=job)


class _StepProgress:
    """Progress in the steps that a person would name."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress

    def __call__(self, kind: str) -> None:
        if self.progress is not None:
            self.progress(STEPS.index(kind), len(STEPS), "ranking under other choices")

    def runner(self, unit: str) -> Runner:
        return runner(
            self.progress, name=f"other {unit}", note=noop("drawing other things again, in hundreds")
        )


def _snapshot(
    ranked: Ranking, counted: ComparisonCounts, result: SensitivityResult, *, job: Job | None, why: str = ""
) -> Sensitivity:
    return Sensitivity(
        study=ranked.study,
        campaign=ranked.campaign,
        ranking=ranked,
        job=job,
        seed=ranked.seed,
        parameters=ranked.parameters,
        code_version=code_version(),
        data_fingerprint=counted.fingerprint,
        as_of=ranked.as_of,
        result=dump(result),
        undetermined=why,
    )


def _question(ranked: Ranking, counted: ComparisonCounts, names: list[str]) -> Question:
    stored = read_ranking(ranked)
    return Question(
        cells=counted.drawn_cells,
        names=names,
        model=stored.model,
        ties=stored.ties,
        ridge=stored.ridge,
        unit=stored.resampling_unit,
        n_resamples=min(stored.n_resamples, MOST_RESAMPLES),
        seed=ranked.seed,
    )


def _base(ranked: Ranking, question: Question) -> Variant:
    """The ranking as its snapshot has it."""
    stored = read_ranking(ranked)
    strength = {row.name: row.strength.value for row in stored.ranked}
    firsts = stored.possible_firsts
    return Variant(
        kind="base",
        name="the ranking",
        strengths=np.array([strength.get(name, np.nan) for name in question.names]),
        n_judgments=question.cells.n_judgments,
        possible_firsts=tuple(place for place, name in enumerate(question.names) if name in firsts) or None,
    )


def _metrics(agreed: MetricAgreement | None, names: list[str]) -> list[Metric]:
    """What each metric of the agreement gives the methods; losses turned."""
    result = None if agreed is None else read_agreement(agreed)
    if result is None or result.scores is None:
        return []
    found = []
    for row in result.metrics:
        values = result.scores.of_metric(row.name, row.origin).values
        if values:
            by_method = dict(zip(result.methods, values, strict=True))
            scale: Scale = "strength" if row.origin == AUTOMATIC_JUDGE else "score"
            found.append(
                Metric(row.name, row.label, row.hypothesis, _signed(row, by_method, names), scale=scale)
            )
    return found


def _signed(row: MetricRow, by_method: Mapping[str, float | None], names: list[str]) -> FloatArray:
    """What a metric gives the methods, so that it grows with quality; NaN where it gives nothing."""
    sign = 1.0 if row.higher_is_better else -1.0
    values = [by_method.get(name) for name in names]
    return np.array([np.nan if value is None else sign * value for value in values])


def _on_judged_texts(
    agreed: MetricAgreement, base: Variant, names: list[str], metrics: list[Metric]
) -> list[ComparedVariant]:
    """The ranking itself beside metrics that are scored on nothing but what the judges saw; at most one row."""
    result = read_agreement(agreed)
    judged, stored = judged_texts(result), result.judged_items_only
    if judged is None or stored is None or not stored.scores:
        return []
    rows = {row.name: row for row in stored.metrics}
    there, before = [], []
    for metric in metrics:
        by_method = dict(zip(result.methods, stored.scores.get(metric.name, []), strict=False))
        if any(by_method.get(name) is not None for name in names):
            there.append(replace(metric, values=_signed(rows[metric.name], by_method, names)))
            before.append(metric)
    facts = VariantFacts(
        n_items=judged.n_items,
        n_metrics=judged.n_metrics,
        n_beyond=judged.n_beyond,
        n_beyond_before=len(judged.before),
    )
    variant = replace(base, kind="metrics", name=ON_JUDGED_TEXTS, possible_firsts=None, facts=facts)
    row = described(variant, base, names, there, before=before)
    return [replace(row, changes=[*row.changes, *(["beyond"] if judged.lost or judged.won else [])])]


@dataclass(frozen=True, eq=False)
class _Timed:
    cells: Cells | None
    n_fast: int = 0
    why_not: str = ""


def _without_fast(
    campaign: Campaign,
    counted: ComparisonCounts,
    *,
    as_of: datetime,
    selection: Selection,
    exclusions: Exclusions,
) -> _Timed:
    in_time = answers_in_time(campaign, as_of=as_of)
    if in_time is None:
        return _Timed(None, why_not=noop("No judgment has a time."))
    kept = replace(
        comparison_counts(campaign, as_of=as_of, selection=selection, exclusions=exclusions, only=in_time),
        blocks=counted.blocks,
    )
    n_fast = counted.cells.n_judgments - kept.cells.n_judgments
    if not n_fast:
        return _Timed(None, why_not=noop("No judgment was that fast."))
    # Numbered as the whole board: a method may be in fast judgments alone.
    whole = {method.pk: place for place, method in enumerate(counted.methods)}
    place = np.array([whole[method.pk] for method in kept.methods], dtype=np.int64)
    cells = kept.drawn_cells
    renumbered = Cells(
        place[cells.first],
        place[cells.second],
        cells.outcome,
        cells.count,
        cells.judge,
        cells.item,
        cells.first_is_left,
    )
    return _Timed(renumbered, n_fast)


def _judges(counted: ComparisonCounts) -> dict[int, str]:
    """Pseudonyms by the codes of the cells; nobody where there is one judge, without whom nothing is left."""
    codes = sorted(set(counted.cells.judge.tolist()) - {UNKNOWN})
    if len(codes) < 2:
        return {}
    people = Participant.objects.filter(pk__in=codes).order_by("number", "pk")
    # Not translated: it is kept, and the same in every language.
    return {person.pk: f"{str(person.role).capitalize()} {person.number}" for person in people}


def _base_models(counted: ComparisonCounts, names: list[str]) -> dict[str, list[int]]:
    """Places of the methods of each base model, where there are several with two methods or more."""
    found: dict[str, list[int]] = {}
    for place, method in enumerate(counted.methods):
        found.setdefault(method.base_model, []).append(place)
    if len(found) < 2:
        return {}
    return {base or "without a base model": members for base, members in found.items() if len(members) > 1}
