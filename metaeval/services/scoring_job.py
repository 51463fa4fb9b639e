"""What metrics say of the methods of a study, computed by a job: the built-in ones, and beside them those uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress, check_draws, store
from annotations.models import Job, Study
from annotations.selectors.imports import not_withdrawn
from annotations.work_sharing import runner
from hlv.stats.labels.distributions import EQUAL
from hlv.stats.metrics.registry import METRICS
from metaeval.models import Method, Metric, MetricScore
from metaeval.results.ranking_options import RankingOptions
from metaeval.selectors.scores import uploaded_scores
from metaeval.services.label_weights import check_weights
from metaeval.services.metric_scores import SCORING, uploaded
from metaeval.services.ranking import refuse_others
from metaeval.services.score_table import ScoreTable
from metaeval.services.scoring import (
    DEFAULT_RESAMPLES,
    DEFAULT_SEED,
    chosen_metrics,
    require_labels,
    score_methods,
    store_scores,
)
from metaeval.services.uploaded_scores import uploaded_table

OPTIONS: Final = ("metrics", "n_resamples", "seed", "weights")


@dataclass(frozen=True)
class ScoringRequest:
    """Which metrics; `built_in` is None where nobody named any, and all are wanted."""

    built_in: tuple[str, ...] | None
    uploads: tuple[str, ...]


def requested_metrics(study: Study, names: Sequence[str] | None) -> ScoringRequest:
    uploads = Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED).order_by("name")
    standing = uploads.filter(Exists(MetricScore.objects.filter(not_withdrawn(), metric=OuterRef("pk"))))
    known = tuple(standing.values_list("name", flat=True))
    if not names:
        return ScoringRequest(None, known)
    for name in names:
        if name in METRICS or name in known:
            continue
        if uploads.filter(name=name).exists():
            raise JobRefusedError(f"The import that gave {name!r} was withdrawn: there are no values of it.")
        raise JobRefusedError(
            f"No metric is called {name!r}; known are {', '.join([*known, *sorted(METRICS)])}."
        )
    return ScoringRequest(
        tuple(name for name in names if name in METRICS),
        tuple(dict.fromkeys(name for name in names if name in known)),
    )


def check_options(study: Study, params: dict[str, Any]) -> None:
    """Refuse, before there is a job, metrics that cannot be scored here, and draws and weights that cannot be."""
    refuse_others(params, OPTIONS, "Scoring")
    check_draws(params)
    check_weights(study, params.get("weights", EQUAL))
    wanted = requested_metrics(study, params.get("metrics"))
    if wanted.built_in or not wanted.uploads:
        require_labels(study)
        chosen_metrics(study, wanted.built_in)


def run_scoring(job: Job, progress: Progress) -> dict[str, Any]:
    n_resamples = int(job.params.get("n_resamples", DEFAULT_RESAMPLES))
    seed = int(job.params.get("seed", DEFAULT_SEED))
    study, as_of = job.study, timezone.now()
    methods = list(Method.objects.filter(study=study))
    wanted = requested_metrics(study, job.params.get("metrics"))
    options = RankingOptions(n_resamples=n_resamples, seed=seed)
    given = [
        uploaded(scores, options, progress=progress)
        for scores in uploaded_scores(study, methods=methods, as_of=as_of)
        if scores.metric.name in wanted.uploads
    ]
    table: ScoreTable | None = None
    why_none = ""
    if wanted.built_in is None or wanted.built_in:
        try:
            table = score_methods(
                study,
                methods=methods,
                metrics=wanted.built_in,
                n_resamples=n_resamples,
                seed=seed,
                as_of=as_of,
                weights=job.params.get("weights", EQUAL),
                runners=lambda work: runner(progress, name=work, note=SCORING),
            )
        except JobRefusedError as refusal:
            # Uploaded scores are an answer where nobody asked for others by name.
            if wanted.built_in or not given:
                raise
            why_none = str(refusal)
    with transaction.atomic():
        scoring = store_scores(
            study,
            table,
            uploads=uploaded_table(given, methods, n_resamples=n_resamples, beside=table),
            why_none=why_none,
            n_resamples=n_resamples,
            seed=seed,
            as_of=as_of,
            job=job,
        )
        result = {"scoring": str(scoring.uuid)}
        store(job, result)
    return result
