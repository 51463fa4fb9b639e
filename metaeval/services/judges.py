"""The report on the judges of a campaign: computed by a job, stored as a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as noop

from annotations.jobs import Progress, check_draws, store
from annotations.models import Job, SnapshotStored, Study, code_version
from annotations.work_sharing import runner
from hlv.core.rendering.sentences import error_sentence
from hlv.core.stored_results import dump
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.raters import JudgesReport, UndeterminedJudgesError, describe_judges
from hlv.stats.raters.infit_outfit import NOTABLE
from hlv.stats.raters.rater_report import ConsensusFit, JudgeSections, LeftShare
from metaeval.models import Campaign, JudgeReport
from metaeval.results.judges import SECTIONS, AutomaticJudgments, JudgeRow, JudgesResult
from metaeval.results.ranking_options import read_parameters
from metaeval.selectors.judges import JudgeRoster, judge_roster
from metaeval.selectors.scores import shown_names
from metaeval.services.ranking import campaign_of_study, check_fit

DEFAULT_RESAMPLES = 1000
DEFAULT_SEED = 1
BY_TEXT: Final = noop("how judges agree on texts drawn again, in hundreds")


FLAGS: Final = noop(
    "Flags (each p < .01 after Holm correction): erratic differs from the consensus more than the model "
    "expects, muted less; random answers are explained better by chance than by the consensus; left and "
    "right prefer that side."
)


@dataclass(frozen=True)
class JudgeOptions:
    """How to describe the judges; every field is stored with the snapshot."""

    ties: str = "half"
    ridge: float = 0.0
    n_resamples: int = DEFAULT_RESAMPLES
    seed: int = DEFAULT_SEED


@dataclass(frozen=True)
class JudgeParameters(JudgeOptions):
    """The parameters of a job that describes judges."""

    campaign: str = ""


def read_judge_parameters(params: Mapping[str, object]) -> JudgeParameters:
    return read_parameters(JudgeParameters, params, job="The judge report")


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what nothing could be computed with."""
    parameters = read_judge_parameters(params)
    check_fit("bradley-terry", ties=parameters.ties, ridge=parameters.ridge)
    check_draws({"seed": parameters.seed, "n_resamples": parameters.n_resamples})
    campaign_of_study(study, parameters.campaign)


def run_judges(job: Job, progress: Progress) -> SnapshotStored:
    parameters = read_judge_parameters(job.params)
    campaign = campaign_of_study(job.study, parameters.campaign)
    report = report_on_judges(campaign, parameters, job=job, progress=progress)
    result = SnapshotStored("judge_report", report.uuid, report.undetermined)
    with transaction.atomic():
        report.save()
        store(job, result)
    return result


def report_on_judges(
    campaign: Campaign,
    options: JudgeOptions,
    *,
    as_of: datetime | None = None,
    job: Job | None = None,
    progress: Progress | None = None,
) -> JudgeReport:
    """A report that is not yet stored; it may be undetermined."""
    as_of = as_of or timezone.now()
    roster = judge_roster(campaign, as_of=as_of)
    found, why = _described(roster, options, progress)
    return JudgeReport(
        study=campaign.study,
        campaign=campaign,
        job=job,
        seed=options.seed,
        parameters={field.name: getattr(options, field.name) for field in fields(JudgeOptions)},
        code_version=code_version(),
        data_fingerprint=roster.fingerprint,
        as_of=as_of,
        result=dump(_result(campaign, roster, options, found, why)),
        undetermined=why,
    )


def _described(
    roster: JudgeRoster, options: JudgeOptions, progress: Progress | None
) -> tuple[JudgesReport | None, str]:
    """The statistics of the judges, and why there are none."""

    def report_progress(done: int, total: int) -> None:
        if progress is not None:
            progress(done, total, "describing the judges")

    try:
        found = describe_judges(
            roster.board.cells,
            shown_names(roster.board.methods),
            with_repeats=roster.with_repeats.cells,
            ties_rule=cast(TiesRule, options.ties),
            ridge=options.ridge,
            n_resamples=options.n_resamples,
            seed=options.seed,
            run=runner(progress, name="judges", note=BY_TEXT),
            progress=report_progress,
        )
    except (NoRankingError, UndeterminedJudgesError) as refusal:
        return None, error_sentence(refusal)
    if len(found.codes) + (found.n_unknown > 0) < 2:
        return found, noop(
            "There is only one judge. A judge report compares judges with each other: add judges."
        )
    return found, ""


def _result(
    campaign: Campaign, roster: JudgeRoster, options: JudgeOptions, found: JudgesReport | None, why: str
) -> JudgesResult:
    cells = roster.board.cells
    rows = (
        []
        if found is None
        else [_row(roster, code, row) for code, row in zip(found.codes, found.judges, strict=True)]
    )
    return JudgesResult(
        campaign=campaign.name,
        judges=sorted(rows, key=lambda row: row.number),
        methods=shown_names(roster.board.methods),
        n_judgments=cells.n_judgments,
        n_judges=cells.n_judges,
        n_items=cells.n_items,
        n_cannot_judge=roster.board.n_cannot,
        n_repeats=roster.with_repeats.cells.n_judgments - cells.n_judgments,
        n_unknown=0 if found is None else found.n_unknown,
        automatic_judges=[
            AutomaticJudgments(name=name, n_judgments=n) for name, n in roster.n_by_program.items()
        ],
        ties=options.ties,
        ridge=options.ridge,
        n_resamples=options.n_resamples,
        seed=options.seed,
        section_details={} if found is None else found.section_details,
        sections_undetermined={} if found is None else found.undetermined,
        undetermined=why or None,
        notes=[*_notes(roster, found), *([FLAGS] if any(row.flags for row in rows) else [])],
    )


def _row(roster: JudgeRoster, code: int, sections: JudgeSections) -> JudgeRow:
    """The numbers of a judge under the pseudonym: keys of rows stay in the database."""
    judge = roster.judges[code]
    return JudgeRow(
        **vars(sections),
        judge=judge.pseudonym,
        number=judge.number,
        n_cannot_judge=judge.n_cannot,
        median_seconds=judge.median_seconds,
        flags=_flags(sections),
    )


def _flags(found: JudgeSections) -> list[str]:
    """What chance among so many judges does not explain."""
    fit, sides = found.consensus or ConsensusFit(), found.side_bias or LeftShare()
    flags = [] if fit.flag is None else [fit.flag]
    if fit.is_random:
        flags.append("random")
    if sides.adjusted_p is not None and sides.share is not None and sides.adjusted_p < NOTABLE:
        flags.append("left" if sides.share > 0.5 else "right")
    return flags


def _notes(roster: JudgeRoster, found: JudgesReport | None) -> list[str]:
    notes = []
    if roster.n_by_program:
        n, named = sum(roster.n_by_program.values()), ", ".join(roster.n_by_program)
        notes.append(f"Automatic judges are left out: {named} ({n} judgments). They are not people.")
    if found is None:
        return notes
    silent = [judge.pseudonym for pk, judge in roster.judges.items() if pk not in found.codes]
    if silent:
        notes.append(f"Without a verdict, only “cannot judge”: {', '.join(silent)}.")
    if found.n_unknown:
        notes.append(
            f"{found.n_unknown:,} {'judgment names' if found.n_unknown == 1 else 'judgments name'} no judge; the ranking includes them, "
            "but no row here."
        )
    reasons: dict[str, list[str]] = {}
    for section, reason in found.undetermined.items():
        reasons.setdefault(reason, []).append(SECTIONS[section])
    notes += [f"{', '.join(sections)}: {reason}" for reason, sections in reasons.items()]
    return notes
