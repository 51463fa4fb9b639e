"""How far annotators agree: computed by a job, kept as a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from annotations.jobs import JobRefusedError, MissingDataError, Progress, check_draws, store
from annotations.models import (
    DrawParams,
    Job,
    JobResult,
    LabelAgreement,
    LabelCount,
    Missing,
    Study,
    code_version,
)
from annotations.results.round_report import LabelAgreementResult
from annotations.selectors.distributions import AnswerArrays, answer_arrays, label_table
from annotations.selectors.marked_texts import spans_of_study
from annotations.work_sharing import runner
from hlv.core.stored_results import dump
from hlv.stats.agreement import label_agreement, span_agreement
from hlv.stats.labels.distributions import Task, checked_task
from hlv.stats.resampling.chunks import Runner

DEFAULT_RESAMPLES = 2000
DEFAULT_SEED = 1


@dataclass(frozen=True)
class AgreementStored(JobResult):
    label_agreement: str


def check_options(study: Study, params: DrawParams) -> None:
    """Refuse, before there is a job, what no agreement could be computed with."""
    check_draws(params)
    _require_labels(study)


def run_agreement(job: Job, progress: Progress) -> AgreementStored:
    n_resamples, seed = job.read_params(DrawParams).draws(n_resamples=DEFAULT_RESAMPLES, seed=DEFAULT_SEED)
    snapshot = compute_label_agreement(
        job.study, n_resamples=n_resamples, seed=seed, job=job, progress=progress
    )
    result = AgreementStored(str(snapshot.uuid))
    with transaction.atomic():
        snapshot.save()
        store(job, result)
    return result


def compute_label_agreement(
    study: Study,
    *,
    n_resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
    as_of: datetime | None = None,
    job: Job | None = None,
    progress: Progress | None = None,
    note: str = noop("resampling texts, in hundreds"),
) -> LabelAgreement:
    """The snapshot, not yet stored; `note` is what the job's page says meanwhile."""
    _require_labels(study)
    as_of = as_of or timezone.now()
    answers, has_names = _answers(study, as_of=as_of)
    if not len(answers.item):
        raise MissingDataError(Missing.ANSWERS)
    result = _agreement(
        answers,
        checked_task(study.task),
        n_resamples=n_resamples,
        seed=seed,
        has_names=has_names,
        run=runner(progress, name="agreement", note=note),
    )
    marked = spans_of_study(study, as_of=as_of)
    if marked:
        on_spans = span_agreement(marked, n_resamples=n_resamples, rng=np.random.default_rng(seed))
        result = replace(result, spans=on_spans)
    return LabelAgreement(
        study=study,
        job=job,
        seed=seed,
        parameters={"n_resamples": n_resamples},
        code_version=code_version(),
        data_fingerprint=answers.fingerprint,
        as_of=as_of,
        result=dump(result),
        undetermined=result.krippendorff_alpha.undetermined or "",
    )


def _require_labels(study: Study) -> None:
    if study.task == Study.Task.NONE:
        raise JobRefusedError(
            _("This study has no labels, so there is no agreement of annotators to compute.")
        )


def _agreement(
    answers: AnswerArrays, task: Task, *, n_resamples: int, seed: int, has_names: bool, run: Runner
) -> LabelAgreementResult:
    sets = (
        {"memberships": answers.chosen} if task == "multilabel" else {"labels": answers.chosen.argmax(axis=1)}
    )
    found = label_agreement(
        task=task,
        items=answers.item,
        annotators=answers.annotator,
        n_labels=len(answers.label_keys),
        label_names=answers.label_names,
        n_resamples=n_resamples,
        rng=np.random.default_rng(seed),
        annotators_are_known=has_names,
        run=run,
        **sets,
    )
    result = LabelAgreementResult(**vars(found), seed=seed)
    return result if has_names else replace(result, entered=replace(found.entered, n_annotators=None))


def _answers(study: Study, *, as_of: datetime) -> tuple[AnswerArrays, bool]:
    """The answers of annotators, or, where there are only counts, answers nobody's in particular."""
    answers = answer_arrays(study, as_of=as_of)
    if len(answers.item) or not LabelCount.objects.filter(item__study=study).exists():
        return answers, True
    if study.task == Study.Task.MULTILABEL:
        raise JobRefusedError(
            _("The labels were imported as counts of several labels, without who chose which together.")
        )
    table = label_table(study, as_of=as_of)
    rows, columns = np.nonzero(table.counts)
    repeats = table.counts[rows, columns].astype(np.int64)
    chosen = np.repeat(np.eye(len(table.label_keys), dtype=bool)[columns], repeats, axis=0)
    return (
        AnswerArrays(
            item=np.repeat(table.item_ids[rows], repeats),
            annotator=np.arange(len(chosen), dtype=np.int64),
            chosen=chosen,
            label_names=table.label_names,
            label_keys=table.label_keys,
            fingerprint=table.fingerprint,
        ),
        False,
    )
