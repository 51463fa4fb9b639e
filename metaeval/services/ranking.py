"""The experts' ranking of a campaign: computed by a job, kept as a snapshot."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Self, cast

from django.db import transaction
from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress
from annotations.models import Job, code_version
from metaeval.charts import drawn_figures, keep_figures
from metaeval.models import Campaign, Ranking
from metaeval.science import ranking as science
from metaeval.science.ranking_models import RankingModel
from metaeval.science.ranking_result import Ranking as RankingResult
from metaeval.science.resampling import ResamplingUnit
from metaeval.selectors.judgments import Board, board
from metaeval.selectors.methods import shown_names

DEFAULT_RESAMPLES = 2000
DEFAULT_SEED = 1


@dataclass(frozen=True)
class RankingOptions:
    """How to rank; every field is stored with the snapshot."""

    model: str = "bradley-terry"
    ties: str = "half"
    resample: str | None = None
    n_resamples: int = DEFAULT_RESAMPLES
    seed: int = DEFAULT_SEED
    ridge: float = 0.0

    @classmethod
    def of(cls, params: dict[str, Any]) -> Self:
        """The options among the parameters of a job; the others are somebody else's."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in params.items() if name in known})


def campaign_of(job: Job) -> Campaign:
    campaign = Campaign.objects.filter(study=job.study, uuid=job.params.get("campaign")).first()
    if campaign is None:
        raise JobRefusedError("This study has no such campaign.")
    return campaign


def run_ranking(job: Job, progress: Progress) -> dict[str, Any]:
    snapshot, _ = compute_ranking(campaign_of(job), RankingOptions.of(job.params), job=job, progress=progress)
    return {"ranking": str(snapshot.uuid), "undetermined": snapshot.undetermined}


def compute_ranking(
    campaign: Campaign,
    options: RankingOptions,
    *,
    as_of: datetime | None = None,
    job: Job | None = None,
    progress: Progress | None = None,
) -> tuple[Ranking, RankingResult]:
    """Fit, resample and store; no ranking is a stored answer too."""
    as_of = as_of or timezone.now()
    counted = board(campaign, as_of=as_of)
    result = fit_board(counted, options, progress=progress)
    snapshot = Ranking(
        study=campaign.study,
        campaign=campaign,
        job=job,
        seed=options.seed,
        parameters=asdict(options),
        code_version=code_version(),
        data_fingerprint=counted.fingerprint,
        as_of=as_of,
        result={**result.as_dict(), **_beside(counted), "campaign": campaign.name},
        undetermined=result.undetermined or "",
    )
    # Drawing takes seconds: it comes before the transaction, so that nobody's answer waits for it.
    drawings = drawn_figures(snapshot)
    with transaction.atomic():
        snapshot.save()
        keep_figures(snapshot, drawings)
    return snapshot, result


def fit_board(counted: Board, options: RankingOptions, *, progress: Progress | None = None) -> RankingResult:
    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(done, total, "resampling judgments")

    try:
        return science.rank_methods(
            counted.cells,
            shown_names(counted.methods),
            model=cast(RankingModel, options.model),
            ties=options.ties,
            resample=cast("ResamplingUnit | None", options.resample),
            n_resamples=options.n_resamples,
            seed=options.seed,
            ridge=options.ridge,
            progress=told,
        )
    except ValueError as error:
        raise JobRefusedError(str(error)) from error


def _beside(counted: Board) -> dict[str, int]:
    return {
        "n_cannot_judge": counted.n_cannot,
        "n_both_good": counted.n_both,
        "n_neither_good": counted.n_neither,
    }
