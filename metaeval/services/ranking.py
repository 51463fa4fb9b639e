"""The experts' ranking of a campaign: computed by a job, kept as a snapshot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Self, cast, get_args

import numpy as np
from django.db import transaction
from django.utils import timezone

from annotations.helping import runner
from annotations.jobs import JobRefusedError, Progress, check_draws, store
from annotations.models import Job, Study, code_version
from metaeval.charts.figures import Drawn, drawn_figures, keep_figures
from metaeval.models import Campaign, Ranking
from metaeval.science import ranking as science
from metaeval.science.item_weights import RankingDraws
from metaeval.science.pair_findings import pair_findings
from metaeval.science.ranking_checks import ranking_checks
from metaeval.science.ranking_models import RankingModel, check_model
from metaeval.science.ranking_result import Ranking as RankingResult
from metaeval.science.resampling import ResamplingUnit
from metaeval.selectors.exclusions import Exclusions
from metaeval.selectors.judgments import Board, board, n_left_out
from metaeval.selectors.methods import shown_names
from metaeval.selectors.selections import Selection, selectable
from metaeval.services.following import beside_the_plan
from metaeval.services.weights import EQUAL, named_weights

DEFAULT_RESAMPLES = 2000
DEFAULT_SEED = 1


@dataclass(frozen=True)
class RankingOptions:
    """How to rank, as somebody asks for it; a snapshot records what was computed (`parameters_of`)."""

    model: str = "bradley-terry"
    ties: str = "half"
    resample: str | None = None
    n_resamples: int = DEFAULT_RESAMPLES
    seed: int = DEFAULT_SEED
    ridge: float = 0.0
    # Of the labels that built-in metrics are scored against; the judgments know nothing of it.
    weights: str = EQUAL
    # Of a campaign's methods and judges only these; empty leaves nothing out.
    base_model: str = ""
    judge_group: str = ""
    # Verdicts that are left out: see `selectors.exclusions`.
    without_judges: tuple[int, ...] = ()
    without_methods: tuple[str, ...] = ()
    without_texts: tuple[str, ...] = ()
    under_seconds: float = 0.0

    @property
    def selection(self) -> Selection:
        return Selection(self.base_model, self.judge_group)

    @property
    def exclusions(self) -> Exclusions:
        return Exclusions.of(vars(self))

    @classmethod
    def of(cls, params: dict[str, Any]) -> Self:
        """The options among the parameters of a job; the others are somebody else's."""
        known = {field.name for field in fields(cls)}
        # JSON has no tuples.
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in params.items()
            if name in known
        }
        return cls(**given)


OPTIONS: Final = frozenset({field.name for field in fields(RankingOptions)} - {"weights"}) | {
    "campaign",
    "as_of",
}


def refuse_others(params: Mapping[str, Any], known: Collection[str], what: str) -> None:
    """Refuse an option that would be ignored; one that says nothing is none."""
    others = sorted(name for name, value in params.items() if name not in known and value not in (None, ""))
    if others:
        raise JobRefusedError(
            f"{what} has no option {', '.join(map(repr, others))}; it has {', '.join(sorted(known))}."
        )


def check_options(study: Study, params: dict[str, Any]) -> None:
    """Refuse, before there is a job, what no ranking could be computed with."""
    refuse_others(params, OPTIONS, "A ranking")
    check_choices(study, params)


def check_choices(study: Study, params: dict[str, Any]) -> None:
    """The same, of whatever else has options of its own."""
    options = RankingOptions.of(params)
    try:
        check_model(options.model, ties=options.ties, ridge=options.ridge)
    except ValueError as error:
        sentence = str(error)
        raise JobRefusedError(f"{sentence[0].upper()}{sentence[1:]}.") from error
    if options.resample is not None and options.resample not in get_args(ResamplingUnit):
        known = ", ".join(get_args(ResamplingUnit))
        raise JobRefusedError(f"{options.resample!r} cannot be resampled; known are {known}.")
    named_weights(options.weights)
    check_draws(params)
    check_as_of(params)
    if refusal := selectable(study).refusal(options.selection):
        raise JobRefusedError(refusal)
    if options.under_seconds < 0:
        raise JobRefusedError("Answers are left out that took less than so many seconds, 0 or more.")
    if unknown := options.exclusions.unknown_in(study):
        raise JobRefusedError(f"This study has no {unknown} to leave out.")
    if "campaign" in params:
        campaign_named(study, params)


def check_as_of(params: dict[str, Any]) -> datetime | None:
    """The moment that a job is to look back to, or None for now."""
    if not params.get("as_of"):
        return None
    try:
        moment = datetime.fromisoformat(str(params["as_of"]))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise JobRefusedError("The time to look back to must be a date and time with its zone.")
    return moment


def campaign_of(job: Job) -> Campaign:
    return campaign_named(job.study, job.params)


def campaign_named(study: Study, params: dict[str, Any]) -> Campaign:
    wanted = params.get("campaign")
    campaign = None if wanted is None else Campaign.objects.filter(study=study, uuid=str(wanted)).first()
    if campaign is None:
        raise JobRefusedError("This study has no such campaign.")
    return campaign


@dataclass(frozen=True, eq=False)
class ComputedRanking:
    """A ranking and its figures, not yet stored: drawing takes seconds, and nobody's answer waits for it."""

    snapshot: Ranking
    result: RankingResult
    board: Board
    drawings: list[Drawn]

    def keep(self) -> Ranking:
        """Store it, in the transaction of whoever ends the job."""
        self.snapshot.save()
        keep_figures(self.snapshot, self.drawings)
        return self.snapshot


def run_ranking(job: Job, progress: Progress) -> dict[str, Any]:
    options = RankingOptions.of(job.params)
    computed = compute_ranking(
        campaign_of(job), options, as_of=check_as_of(job.params), job=job, progress=progress
    )
    result = {"ranking": str(computed.snapshot.uuid), "undetermined": computed.snapshot.undetermined}
    with transaction.atomic():
        computed.keep()
        store(job, result)
    return result


def compute_ranking(
    campaign: Campaign,
    options: RankingOptions,
    *,
    as_of: datetime | None = None,
    job: Job | None = None,
    progress: Progress | None = None,
) -> ComputedRanking:
    """Fit, resample and draw; no ranking is an answer too."""
    as_of = as_of or timezone.now()
    counted = board(campaign, as_of=as_of, selection=options.selection, exclusions=options.exclusions)
    result = fit_board(counted, options, progress=progress)
    parameters = parameters_of(result, counted, options)
    snapshot = Ranking(
        study=campaign.study,
        campaign=campaign,
        base_model=counted.selection.base_model,
        judge_group=counted.selection.judge_group,
        job=job,
        seed=result.seed,
        parameters=parameters,
        code_version=code_version(),
        data_fingerprint=counted.fingerprint,
        as_of=as_of,
        result={
            **result.as_dict(),
            **_beside(counted),
            "campaign": campaign.name,
            "pairs": _pairs(result, counted),
            "checks": _checks(result, counted, progress=progress),
            "selectable": selectable(campaign.study).as_dict(),
            "base_models_alone": _base_models_alone(result, counted, options),
            "n_left_out": n_left_out(campaign, counted.exclusions, as_of=as_of),
            "plan": beside_the_plan(campaign, parameters, as_of=as_of),
        },
        undetermined=result.undetermined or "",
    )
    return ComputedRanking(snapshot, result, counted, drawn_figures(snapshot))


def parameters_of(result: RankingResult, counted: Board, options: RankingOptions) -> dict[str, Any]:
    """What a ranking was computed with, ready for JSON: of the ranking and its board, not of what was asked.

    Where there is no ranking nothing was resampled, and what was asked stands.
    """
    resamples = result.resamples
    return {
        "model": result.model,
        "ties": result.ties,
        # None stays: the widest unit that the judgments know, whichever that is.
        "resample": options.resample and (result.resampling_unit or options.resample),
        "n_resamples": options.n_resamples if resamples is None else resamples.n_resamples,
        "seed": result.seed,
        "ridge": result.ridge,
        **asdict(counted.selection),
        **counted.exclusions.as_params(),
    }


def _checks(result: RankingResult, counted: Board, *, progress: Progress | None) -> dict[str, Any] | None:
    """Whether one scale fits, whether sides matter, what ties said, and what other models say; nothing without a ranking."""
    if result.undetermined:
        return None
    checks = ranking_checks(
        counted.cells,
        result.names,
        result.strengths,
        cannot=counted.cannot,
        model=result.model,
        ties=result.ties,
        ridge=result.ridge,
        seed=result.seed,
        run=runner(progress, name="boards from the ranking", note="drawing boards from the ranking"),
    )
    return checks | {"kinds_of_ties": counted.kinds.as_dict(result.names)}


def _base_models_alone(result: RankingResult, counted: Board, options: RankingOptions) -> list[str]:
    """Where no ranking joins all methods, the base models that the same judgments rank by themselves."""
    bases = np.array([method.base_model for method in counted.methods])
    names = [name for name in dict.fromkeys(bases.tolist()) if name and (bases == name).sum() > 1]
    if result.undetermined is None or len(set(bases.tolist())) < 2:
        return []
    without_resamples = replace(options, n_resamples=0)
    return [
        name
        for name in names
        if fit_board(counted.between(np.flatnonzero(bases == name)), without_resamples).undetermined is None
    ]


def item_draws(counted: Board, result: RankingResult) -> RankingDraws | None:
    """How the resamples of a ranking draw its texts, so that metrics draw them alike; None where it draws none.

    Where no ranking joins all methods, each text has a weight of its own, which the rankings of groups share.
    """
    if result.undetermined is not None:
        return RankingDraws.by_text(result.seed)
    resamples = result.resamples
    if resamples is None or not resamples.n_resamples or resamples.unit not in ("both", "items"):
        return None
    return RankingDraws.of(counted.cells, unit=resamples.unit, seed=resamples.seed)


def fit_board(
    counted: Board,
    options: RankingOptions,
    *,
    progress: Progress | None = None,
    name: str = "judgments",
    draws: RankingDraws | None = None,
) -> RankingResult:
    """Rank; with the progress of a job, idle workers help. `name` tells this board from others of the job.

    With `draws`, its texts are drawn again as those of another ranking.
    """
    return science.rank_methods(
        counted.cells,
        shown_names(counted.methods),
        model=cast(RankingModel, options.model),
        ties=options.ties,
        resample=cast("ResamplingUnit | None", options.resample),
        n_resamples=options.n_resamples,
        seed=options.seed,
        ridge=options.ridge,
        draws=draws,
        run=runner(progress, name=name, note="resampling judgments, in hundreds"),
    )


def _pairs(result: RankingResult, counted: Board) -> dict[str, Any] | None:
    found = pair_findings(result, counted.cells)
    return None if found is None else found.as_dict()


def _beside(counted: Board) -> dict[str, int]:
    return {
        "n_cannot_judge": counted.n_cannot,
        "n_both_good": counted.n_both,
        "n_neither_good": counted.n_neither,
        "n_unasked_ties": counted.n_unasked,
    }
