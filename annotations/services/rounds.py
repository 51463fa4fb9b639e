"""Report on a round of annotating: computed by a job, stored as two snapshots with figures."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from annotations.figures.rounds import Drawn, drawn_figures, keep_figures
from annotations.jobs import JobRefusedError, Progress, check_draws, store
from annotations.models import (
    Annotation,
    DrawParams,
    Job,
    JobResult,
    LabelAgreement,
    RoundReport,
    Settlement,
    Study,
    User,
    code_version,
)
from annotations.results.round_report import (
    AnnotationTime,
    AnnotatorRow,
    EntropyHistogram,
    GroupAgreement,
    GrowthPoint,
    ReportedText,
    RoundResult,
    RoundTexts,
    read_label_agreement,
    read_round,
)
from annotations.selectors.answers import current_answers
from annotations.selectors.distributions import AnswerArrays, LabelTable, answer_arrays, label_table
from annotations.selectors.progress import (
    Annotator,
    active_times,
    item_flags,
    item_order,
    round_annotators,
)
from annotations.services.agreement import DEFAULT_RESAMPLES, DEFAULT_SEED, compute_label_agreement
from annotations.work_sharing import runner
from hlv.core.stored_results import dump
from hlv.stats.agreement import Answers, label_agreement_of_answers
from hlv.stats.agreement.agreement_report import Alpha
from hlv.stats.agreement.annotator_agreement import annotator_agreement
from hlv.stats.labels.distributions import Task, checked_task, normalised_entropy
from hlv.stats.resampling.chunks import Runner

# Points of the curve of growth, and draws for each: it shows a course, not a third digit.
N_POINTS = 8
GROWTH_RESAMPLES = 500
N_BINS = 10
# Pages list so many; whoever wants all takes the export.
MOST_TEXTS = 1000
MOST_ANNOTATORS = 200
N_SHOWN_AT_ONCE = 5
STEPS = 5

# A runner of a work with a name of its own within the job, and a note for the job's page.
_Runners: TypeAlias = Callable[[str, str], Runner]


@dataclass(frozen=True)
class RoundStored(JobResult):
    label_agreement: str
    round_report: str


def check_options(study: Study, params: DrawParams) -> None:
    """Refuse, before there is a job, a round that has no labels."""
    check_draws(params)
    if study.task == Study.Task.NONE:
        raise JobRefusedError(_("This study has no labels, so there is no annotation report."))


@dataclass(frozen=True, eq=False)
class ComputedRound:
    """Both snapshots, not yet stored."""

    agreement: LabelAgreement
    report: RoundReport

    def drawings(self) -> list[Drawn]:
        """Drawing takes seconds: before the transaction that stores."""
        return drawn_figures(read_label_agreement(self.agreement), read_round(self.report))

    def keep(self, drawings: list[Drawn]) -> RoundReport:
        """Store them, in the transaction of whoever ends the job."""
        self.agreement.save()
        self.report.agreement = self.agreement
        self.report.save()
        keep_figures(self.report, drawings)
        return self.report


def run_round(job: Job, progress: Progress) -> RoundStored:
    n_resamples, seed = job.read_params(DrawParams).draws(n_resamples=DEFAULT_RESAMPLES, seed=DEFAULT_SEED)
    computed = compute_round(job.study, n_resamples=n_resamples, seed=seed, job=job, progress=progress)
    result = RoundStored(str(computed.agreement.uuid), str(computed.report.uuid))
    progress(STEPS - 1, STEPS, "drawing")
    drawings = computed.drawings()
    progress(STEPS, STEPS, "done")
    with transaction.atomic():
        computed.keep(drawings)
        store(job, result)
    return result


def compute_round(
    study: Study,
    *,
    n_resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
    as_of: datetime | None = None,
    job: Job | None = None,
    progress: Progress | None = None,
) -> ComputedRound:
    """The snapshots, not yet stored."""
    as_of = as_of or timezone.now()

    def report_step(step: int, note: str) -> None:
        if progress is not None:
            progress(step, STEPS, note)

    def run(name: str, note: str) -> Runner:
        return runner(progress, name=name, note=note)

    agreement = compute_label_agreement(
        study,
        n_resamples=n_resamples,
        seed=seed,
        as_of=as_of,
        job=job,
        progress=progress,
        note=noop("agreement overall and by label, in hundreds of resamples"),
    )
    report_step(1, "groups and annotators")
    rng = np.random.default_rng([seed, 1])
    answers = answer_arrays(study, as_of=as_of)
    annotators = round_annotators(study)
    task = checked_task(study.task)
    # Labels that came as counts name nobody.
    has_names = len(answers.item) > 0
    rows_of_annotators = (
        _annotators(answers, annotators, task=task, n_resamples=n_resamples, rng=rng, run=run)
        if has_names
        else []
    )
    groups = _groups(answers, annotators, task=task, n_resamples=n_resamples, rng=rng, run=run)
    report_step(2, "agreement as it grew")
    growth = _growth(answers, task=task, n_resamples=min(n_resamples, GROWTH_RESAMPLES), rng=rng, run=run)
    report_step(3, "texts and times")
    table = label_table(study, as_of=as_of)
    entropies = _entropies(table, one_label_only=study.one_label_only, task=task)
    texts = _texts(study, table, entropies, as_of=as_of)
    result = RoundResult(
        groups=groups,
        annotators=rows_of_annotators,
        n_annotators=len(np.unique(answers.annotator)) if has_names else None,
        n_answers=len(answers.item),
        growth=growth,
        n_from_files=current_answers(study, as_of=as_of).filter(import_batch__isnull=False).count(),
        entropy=_histogram(table, entropies),
        times=_times(study, annotators, as_of=as_of),
        divided=texts.divided[:N_SHOWN_AT_ONCE],
        n_flagged=texts.n_flagged,
        labels=list(table.label_names),
        task=study.task,
        n_resamples=n_resamples,
        seed=seed,
    )
    report = RoundReport(
        study=study,
        job=job,
        seed=seed,
        parameters={"n_resamples": n_resamples},
        code_version=code_version(),
        data_fingerprint=agreement.data_fingerprint,
        as_of=as_of,
        result=dump(result),
        texts=dump(texts),
        undetermined=agreement.undetermined,
    )
    return ComputedRound(agreement, report)


def _read(answers: AnswerArrays, rows: Any, *, task: Task) -> Answers:
    """Some of the answers, as science takes them."""
    item, annotator, chosen = answers.item[rows], answers.annotator[rows], answers.chosen[rows]
    if task == "multilabel":
        return Answers.of_sets(items=item, annotators=annotator, memberships=chosen)
    return Answers.of_labels(
        items=item, annotators=annotator, labels=chosen.argmax(axis=1), n_labels=chosen.shape[1]
    )


def _alpha(read: Answers, *, task: Task, n_resamples: int, rng: np.random.Generator, run: Runner) -> Alpha:
    # Who gave which answer plays no part in alpha; Cohen's kappa, which asks, is spared.
    found = label_agreement_of_answers(
        read, task=task, n_resamples=n_resamples, rng=rng, annotators_are_known=False, run=run
    )
    return found.krippendorff_alpha


def _annotators(
    answers: AnswerArrays,
    annotators: dict[int, Annotator],
    *,
    task: Task,
    n_resamples: int,
    rng: np.random.Generator,
    run: _Runners,
) -> list[AnnotatorRow]:
    """Those with the most shared texts first."""
    codes = np.unique(answers.annotator)
    everybody = _read(answers, slice(None), task=task)
    agreements = annotator_agreement(
        everybody,
        n_resamples=n_resamples,
        seed=int(rng.integers(1 << 63)),
        run=run("annotators", noop("annotators beside the others, in hundreds of resamples")),
    )
    busiest = sorted(agreements, key=lambda found: (-found.agreement.n_items, found.annotator))
    return [
        AnnotatorRow(person.pseudonym, person.group, found.agreement, found.departure)
        for found in busiest[:MOST_ANNOTATORS]
        for person in (annotators[int(codes[found.annotator])],)
    ]


def _groups(
    answers: AnswerArrays,
    annotators: dict[int, Annotator],
    *,
    task: Task,
    n_resamples: int,
    rng: np.random.Generator,
    run: _Runners,
) -> list[GroupAgreement]:
    """Agreement within each group; nothing where all are of one."""
    codes, of_answer = np.unique(answers.annotator, return_inverse=True)
    group_of_code = np.array([annotators[int(code)].group for code in codes], dtype=object)
    names = sorted({name for name in group_of_code if name})
    if len(names) < 2:
        return []
    rows = []
    for place, name in enumerate(names):
        mine = np.flatnonzero((group_of_code == name)[of_answer])
        read = _read(answers, mine, task=task)
        together = run(f"group {place}", noop("agreement within groups, in hundreds of resamples"))
        alpha = _alpha(read, task=task, n_resamples=n_resamples, rng=rng, run=together)
        rows.append(GroupAgreement(name, alpha, read.entered))
    return rows


def _growth(
    answers: AnswerArrays, *, task: Task, n_resamples: int, rng: np.random.Generator, run: _Runners
) -> list[GrowthPoint]:
    """Alpha of the answers that came first, more and more of them; the last point is all."""
    n = len(answers.item)
    reached = sorted({math.ceil(n * point / N_POINTS) for point in range(1, N_POINTS + 1)} if n else set())
    return [
        GrowthPoint(
            first,
            _alpha(
                _read(answers, slice(0, first), task=task),
                task=task,
                n_resamples=n_resamples,
                rng=rng,
                run=run(f"growth {first}", noop("agreement as it grew, in hundreds of resamples")),
            ),
        )
        for first in reached
    ]


def _entropies(table: LabelTable, *, one_label_only: bool, task: Task) -> np.ndarray[Any, Any]:
    """Of each item; in multilabel tasks the mean over labels. Of one answer it would always be 0: NaN."""
    if not len(table.item_ids):
        return np.zeros(0)
    found = normalised_entropy(table.distributions(one_label_only=one_label_only), task=task)
    by_item = found.mean(axis=1) if found.ndim == 2 else found
    return np.where(table.n_annotators >= 2, by_item, np.nan)


def _histogram(table: LabelTable, entropies: np.ndarray[Any, Any]) -> EntropyHistogram:
    defined = entropies[~np.isnan(entropies)]
    counts, edges = np.histogram(defined, bins=N_BINS, range=(0, 1))
    return EntropyHistogram(
        n_items_by_bin=counts.tolist(),
        edges=edges.round(10).tolist(),
        n_items=len(defined),
        n_items_with_one_answer=len(entropies) - len(defined),
        mean=float(defined.mean()) if len(defined) else None,
        fewest_answers=int(table.n_annotators[table.n_annotators >= 2].min()) if len(defined) else None,
    )


def _texts(
    study: Study, table: LabelTable, entropies: np.ndarray[Any, Any], *, as_of: datetime
) -> RoundTexts:
    """Those that divide people most, and those flagged most, as rows that pages list."""
    places = item_order(study)
    flags = item_flags(study, as_of=as_of)
    row_of = {int(item): row for row, item in enumerate(table.item_ids)}

    def line(item: int) -> ReportedText:
        uuid, position = places[item]
        row = row_of.get(item)
        entropy = None if row is None or np.isnan(entropies[row]) else float(entropies[row])
        return ReportedText(
            item=uuid,
            position=position,
            entropy=entropy,
            n=0 if row is None else int(table.n_annotators[row]),
            counts=[] if row is None else [int(n) for n in table.counts[row]],
            flags=flags.get(item, (0, 0, 0)),
        )

    split = list(np.flatnonzero(entropies > 0))
    split.sort(
        key=lambda row: (-entropies[row], -table.n_annotators[row], places[int(table.item_ids[row])][1])
    )
    flagged = sorted(flags, key=lambda item: (-sum(flags[item]), places[item][1]))
    return RoundTexts(
        divided=[line(int(table.item_ids[row])) for row in split[:MOST_TEXTS]],
        n_divided=len(split),
        flagged=[line(item) for item in flagged[:MOST_TEXTS]],
        n_flagged=len(flagged),
    )


def _times(study: Study, annotators: dict[int, Annotator], *, as_of: datetime) -> list[AnnotationTime]:
    """Median seconds of a text, and the middle half, of each person here."""
    found = []
    for participant, times in sorted(active_times(study, as_of=as_of).items()):
        if participant not in annotators:
            continue
        low, median, high = np.quantile(np.array(times) / 1000, [0.25, 0.5, 0.75])
        found.append(
            AnnotationTime(
                annotators[participant].pseudonym,
                n=len(times),
                median_s=round(float(median), 1),
                middle_half_s=(round(float(low), 1), round(float(high), 1)),
            )
        )
    return found


@transaction.atomic
def settle_remark(annotation: Annotation, *, settled: bool, by: User | None) -> Settlement | None:
    """Resolve or reopen a remark; None where nothing changes."""
    # The lock makes the second of two clicks see the first.
    Annotation.objects.select_for_update(no_key=True).get(pk=annotation.pk)
    newest = annotation.settlements.order_by("-pk").first()
    if (newest is not None and newest.settled) == settled:
        return None
    return Settlement.objects.create(annotation=annotation, settled=settled, created_by=by)
