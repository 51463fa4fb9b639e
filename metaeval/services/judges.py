"""What can be said of each judge of a campaign: computed by a job, kept as a snapshot."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, Self, cast

from django.db import transaction
from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress, check_draws, store
from annotations.models import Job, Study, code_version
from annotations.work_sharing import runner
from hlv.core.stored_results import dump
from hlv.stats.pairwise.mle_existence import NoRankingError, TiesRule
from hlv.stats.pairwise.ranking_models import check_model
from hlv.stats.raters import JudgesReport, UndeterminedJudgesError, describe_judges
from hlv.stats.raters.infit_outfit import NOTABLE
from hlv.stats.raters.rater_sections import ConsensusFit, JudgeSections, LeftShare
from metaeval.models import Campaign, JudgeReport
from metaeval.results.judges import SECTIONS, AutomaticJudgments, JudgeRow, JudgesResult
from metaeval.selectors.judges import JudgeRoster, judge_roster
from metaeval.selectors.scores import shown_names
from metaeval.services.ranking import campaign_named, job_campaign, refuse_others

DEFAULT_RESAMPLES = 1000
DEFAULT_SEED = 1
BY_TEXT: Final = "how judges agree on texts drawn again, in hundreds"


FLAGS: Final = (
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

    @classmethod
    def of(cls, params: dict[str, Any]) -> Self:
        """The options among the parameters of a job; the others are somebody else's."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in params.items() if name in known})


def check_options(study: Study, params: dict[str, Any]) -> None:
    """Refuse, before there is a job, what nothing could be computed with."""
    refuse_others(params, {"campaign", *(field.name for field in fields(JudgeOptions))}, "The judge report")
    options = JudgeOptions.of(params)
    try:
        check_model("bradley-terry", ties=options.ties, ridge=options.ridge)
    except ValueError as error:
        sentence = str(error)
        raise JobRefusedError(f"{sentence[0].upper()}{sentence[1:]}.") from error
    check_draws(params)
    campaign_named(study, params)


def run_judges(job: Job, progress: Progress) -> dict[str, Any]:
    report = report_on_judges(job_campaign(job), JudgeOptions.of(job.params), job=job, progress=progress)
    result = {"judge_report": str(report.uuid), "undetermined": report.undetermined}
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
    """A report that is not yet stored; that nothing can be said is an answer too."""
    as_of = as_of or timezone.now()
    seen = judge_roster(campaign, as_of=as_of)
    found, why = _described(seen, options, progress)
    return JudgeReport(
        study=campaign.study,
        campaign=campaign,
        job=job,
        seed=options.seed,
        parameters=asdict(options),
        code_version=code_version(),
        data_fingerprint=seen.fingerprint,
        as_of=as_of,
        result=dump(_result(campaign, seen, options, found, why)),
        undetermined=why,
    )


def _described(
    seen: JudgeRoster, options: JudgeOptions, progress: Progress | None
) -> tuple[JudgesReport | None, str]:
    """What science says, and why nothing can be said of the judges."""

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(done, total, "describing the judges")

    try:
        found = describe_judges(
            seen.board.cells,
            shown_names(seen.board.methods),
            with_repeats=seen.with_repeats.cells,
            ties_rule=cast(TiesRule, options.ties),
            ridge=options.ridge,
            n_resamples=options.n_resamples,
            seed=options.seed,
            run=runner(progress, name="judges", note=BY_TEXT),
            progress=told,
        )
    except (NoRankingError, UndeterminedJudgesError) as refusal:
        return None, refusal.sentence
    if len(found.codes) + (found.n_unknown > 0) < 2:
        return found, "There is only one judge. A judge report compares judges with each other: add judges."
    return found, ""


def _result(
    campaign: Campaign, seen: JudgeRoster, options: JudgeOptions, found: JudgesReport | None, why: str
) -> JudgesResult:
    cells = seen.board.cells
    rows = (
        []
        if found is None
        else [_row(seen, code, row) for code, row in zip(found.codes, found.judges, strict=True)]
    )
    return JudgesResult(
        campaign=campaign.name,
        judges=sorted(rows, key=lambda row: row.number),
        methods=shown_names(seen.board.methods),
        n_judgments=cells.n_judgments,
        n_judges=cells.n_judges,
        n_items=cells.n_items,
        n_cannot_judge=seen.board.n_cannot,
        n_repeats=seen.with_repeats.cells.n_judgments - cells.n_judgments,
        n_unknown=0 if found is None else found.n_unknown,
        automatic_judges=[
            AutomaticJudgments(name=name, n_judgments=n) for name, n in seen.n_by_program.items()
        ],
        ties=options.ties,
        ridge=options.ridge,
        n_resamples=options.n_resamples,
        seed=options.seed,
        beside={} if found is None else found.beside,
        sections_undetermined={} if found is None else found.undetermined,
        undetermined=why or None,
        notes=[*_notes(seen, found), *([FLAGS] if any(row.flags for row in rows) else [])],
    )


def _row(seen: JudgeRoster, code: int, sections: JudgeSections) -> JudgeRow:
    """The numbers of a judge under the pseudonym: keys of rows stay in the database."""
    judge = seen.judges[code]
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


def _notes(seen: JudgeRoster, found: JudgesReport | None) -> list[str]:
    notes = []
    if seen.n_by_program:
        n, named = sum(seen.n_by_program.values()), ", ".join(seen.n_by_program)
        notes.append(f"Automatic judges are left out: {named} ({n} judgments). They are not people.")
    if found is None:
        return notes
    silent = [judge.pseudonym for pk, judge in seen.judges.items() if pk not in found.codes]
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
