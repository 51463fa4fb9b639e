"""Which metric ranks the methods as the experts do: the job that the rest leads up to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress
from annotations.models import Job, Study, code_version
from annotations.science.distributions import checked_task
from metaeval.charts import drawn_figures, keep_figures
from metaeval.models import (
    AutomaticJudge,
    Campaign,
    Comparison,
    Method,
    Metric,
    MetricAgreement,
    Ranking,
    Scoring,
)
from metaeval.science.metric_agreement import (
    HumanScores,
    MetricScores,
    agree,
    automatic_judge_scores,
    human_scores,
)
from metaeval.science.ranking_result import Ranking as RankingResult
from metaeval.science.resampling import draw_weights
from metaeval.selectors.judgments import board
from metaeval.selectors.methods import shown_names
from metaeval.selectors.scores import UploadedScores, uploaded_scores
from metaeval.services.ranking import RankingOptions, campaign_of, compute_ranking, fit_board
from metaeval.services.scoring import STREAM_OF_ITEMS, ScoreTable, score_methods, store_scores

FloatArray = npt.NDArray[np.float64]

DEFAULT_PERMUTATIONS = 9999
# Streams of the one seed: 0 the judgments, 1 the scored items, then tables without item names.
STREAM_OF_OBSERVATIONS = 2


@dataclass(frozen=True)
class Named:
    """A metric's scores with what the table and the figures call it."""

    scores: MetricScores
    label: str
    origin: str
    hypothesis: str
    remark: str = ""


def run_metric_agreement(job: Job, progress: Progress) -> dict[str, Any]:
    options = RankingOptions.of(job.params)
    if job.params.get("against"):
        snapshot = agree_with_score(
            job.study, str(job.params["against"]), options, job=job, progress=progress
        )
    else:
        snapshot = agree_with_experts(campaign_of(job), options, job=job, progress=progress)
    return {"metric_agreement": str(snapshot.uuid), "undetermined": snapshot.undetermined}


def agree_with_experts(
    campaign: Campaign,
    options: RankingOptions,
    *,
    n_permutations: int = DEFAULT_PERMUTATIONS,
    job: Job | None = None,
    progress: Progress | None = None,
) -> MetricAgreement:
    """Rank by the judgments, score by every metric, and compare the two, each with its resamples."""
    as_of = timezone.now()
    study = campaign.study
    ranking, result = compute_ranking(campaign, options, as_of=as_of, job=job, progress=progress)
    counted = board(campaign, as_of=as_of)
    methods = counted.methods
    named, table = _built_in(study, methods, options, as_of=as_of, progress=progress)
    named += [_uploaded(scores, options) for scores in uploaded_scores(study, methods=methods, as_of=as_of)]
    named += _automatic_judges(campaign, methods, options, as_of=as_of)
    if not named:
        raise JobRefusedError(
            "There is no metric to compare with the ranking: import outputs of the methods, metric scores, "
            "or the judgments of an automatic judge."
        )
    return _keep(
        study,
        human_scores(result) if methods else HumanScores(np.zeros(0), undetermined=result.undetermined),
        named,
        methods,
        options,
        n_permutations=n_permutations,
        ranking=ranking,
        campaign=campaign,
        against=None,
        table=table,
        fingerprint=counted.fingerprint,
        as_of=as_of,
        job=job,
        progress=progress,
        beside={
            "campaign": campaign.name,
            "ranking": str(ranking.uuid),
            "ranking_notes": result.notes,
            "resampling_unit": result.resampling_unit,
            "n_judgments": result.n_judgments,
            "n_judges": result.n_judges,
            "n_judged_items": result.n_items,
            "n_cannot_judge": counted.n_cannot,
            "judged_items_only": _on_judged_items(campaign, methods, table, result, options, as_of=as_of),
        },
    )


def agree_with_score(
    study: Study,
    name: str,
    options: RankingOptions,
    *,
    n_permutations: int = DEFAULT_PERMUTATIONS,
    job: Job | None = None,
    progress: Progress | None = None,
) -> MetricAgreement:
    """Compare every other uploaded metric with one that people gave."""
    as_of = timezone.now()
    methods = list(Method.objects.filter(study=study))
    found = {scores.metric.name: scores for scores in uploaded_scores(study, methods=methods, as_of=as_of)}
    if name not in found:
        raise JobRefusedError(
            f"No uploaded score is called {name!r}; known are {', '.join(sorted(found)) or 'none'}."
        )
    people = _uploaded(found.pop(name), options).scores
    sign = 1.0 if people.higher_is_better else -1.0
    human = HumanScores(sign * people.values, None if people.resampled is None else sign * people.resampled)
    if not found:
        raise JobRefusedError(f"{name!r} is the only uploaded score: there is nothing to compare it with.")
    named = [_uploaded(scores, options) for scores in found.values()]
    return _keep(
        study,
        human,
        named,
        methods,
        options,
        n_permutations=n_permutations,
        ranking=None,
        campaign=None,
        against=Metric.objects.get(study=study, name=name, origin=Metric.Origin.UPLOADED),
        table=None,
        fingerprint="",
        as_of=as_of,
        job=job,
        progress=progress,
        beside={"against": name},
    )


def _built_in(
    study: Study,
    methods: Sequence[Method],
    options: RankingOptions,
    *,
    as_of: datetime,
    progress: Progress | None,
    only_items: Sequence[int] | None = None,
) -> tuple[list[Named], ScoreTable | None]:
    """The built-in metrics, where the study has labels and outputs; otherwise there are none."""
    if study.task == Study.Task.NONE or not methods:
        return [], None

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(done, total, "scoring methods")

    try:
        table = score_methods(
            study,
            methods=methods,
            n_resamples=options.n_resamples,
            seed=options.seed,
            as_of=as_of,
            only_items=only_items,
            progress=told,
        )
    except JobRefusedError:
        # Without labels or outputs there is nothing to score; uploaded metrics may still be there.
        return [], None
    return _named_scores(study, table, methods), table


def _named_scores(study: Study, table: ScoreTable, methods: Sequence[Method]) -> list[Named]:
    place = {method.pk: index for index, method in enumerate(table.methods)}
    columns = [place.get(method.pk) for method in methods]
    named = []
    for scored in table.metrics:
        values = np.array([np.nan if column is None else scored.values[column] for column in columns])
        resampled = np.full((len(scored.resampled), len(methods)), np.nan)
        for index, column in enumerate(columns):
            if column is not None:
                resampled[:, index] = scored.resampled[:, column]
        reasons = [reason for reason in scored.reasons if reason]
        named.append(
            Named(
                MetricScores(
                    scored.definition.name,
                    scored.definition.higher_is_better,
                    values,
                    resampled if len(resampled) else None,
                    reasons[0] if len(reasons) == len(scored.reasons) else None,
                ),
                label=scored.definition.label,
                origin="built-in",
                hypothesis=scored.definition.hypothesis(checked_task(study.task)),
            )
        )
    return named


def _uploaded(scores: UploadedScores, options: RankingOptions) -> Named:
    """An uploaded metric, resampled over its items, or over the values of each method, or not at all."""
    resampled = None
    if options.n_resamples and scores.of_items is not None:
        weights = draw_weights(
            scores.of_items.shape[1],
            n_resamples=options.n_resamples,
            seed=options.seed,
            stream=STREAM_OF_ITEMS,
        )
        resampled = _weighted_means(weights, scores.of_items)
    elif options.n_resamples and scores.observations is not None:
        resampled = np.stack(
            [
                _resampled_mean(values, options, stream=STREAM_OF_OBSERVATIONS + index)
                for index, values in enumerate(scores.observations)
            ],
            axis=1,
        )
    blank = f"{scores.n_blank} blank" if scores.n_blank else ""
    return Named(
        MetricScores(scores.metric.name, scores.metric.higher_is_better, scores.values, resampled),
        label=scores.metric.name,
        origin="uploaded",
        hypothesis=scores.metric.name,
        remark=f"{scores.n_values} values" + (f", {blank}" if blank else ""),
    )


def _weighted_means(weights: FloatArray, of_items: FloatArray) -> FloatArray:
    """Means of each method (R, M) over its own items; NaN where a resample holds none of them."""
    there = ~np.isnan(of_items)
    sums = weights @ np.where(there, of_items, 0.0).T
    numbers = weights @ there.astype(np.float64).T
    means: FloatArray = np.divide(sums, numbers, out=np.full(sums.shape, np.nan), where=numbers > 0)
    return means


def _resampled_mean(values: FloatArray, options: RankingOptions, *, stream: int) -> FloatArray:
    if not len(values):
        return np.full(options.n_resamples, np.nan)
    weights = draw_weights(len(values), n_resamples=options.n_resamples, seed=options.seed, stream=stream)
    means: FloatArray = weights @ values / len(values)
    return means


def _automatic_judges(
    campaign: Campaign, methods: Sequence[Method], options: RankingOptions, *, as_of: datetime
) -> list[Named]:
    """Each automatic judge as one more metric: the strengths that its own verdicts give."""
    named = []
    keys = [str(method.pk) for method in methods]
    for number, judge in enumerate(AutomaticJudge.objects.filter(study=campaign.study), start=1):
        counted = board(campaign, automatic_judge=judge, as_of=as_of)
        if not len(counted.cells):
            continue
        # Another seed than the people's: the same numbers would draw the same items for both.
        own = replace(options, seed=options.seed + number, resample=None)
        result = fit_board(counted, own)
        named.append(
            Named(
                automatic_judge_scores(judge.name, _by_key(result, counted.methods), keys),
                label=judge.name,
                origin="automatic judge",
                hypothesis=judge.name,
                remark=f"{counted.cells.n_judgments} judgments; {'; '.join(result.notes)}"[:500],
            )
        )
    return named


def _by_key(result: RankingResult, methods: Sequence[Method]) -> RankingResult:
    """Methods called by their keys: an automatic judge may have seen others than the experts."""
    return replace(result, names=[str(method.pk) for method in methods])


def _on_judged_items(
    campaign: Campaign,
    methods: Sequence[Method],
    table: ScoreTable | None,
    result: RankingResult,
    options: RankingOptions,
    *,
    as_of: datetime,
) -> dict[str, Any] | None:
    """The same agreement with the metrics scored only on the texts that were judged, where that differs."""
    if table is None or result.undetermined:
        return None
    judged = set(
        Comparison.objects.filter(campaign=campaign, item__isnull=False, judgments__isnull=False)
        .values_list("item_id", flat=True)
        .distinct()
    )
    if not judged.intersection(table.item_ids.tolist()) or judged.issuperset(table.item_ids.tolist()):
        return None
    named, judged_table = _built_in(
        campaign.study, methods, options, as_of=as_of, progress=None, only_items=sorted(judged)
    )
    if judged_table is None:
        return None
    agreement = agree(
        human_scores(result),
        [entry.scores for entry in named],
        methods=shown_names(methods),
        seed=options.seed,
        n_permutations=DEFAULT_PERMUTATIONS,
    )
    return {"n_items": judged_table.n_items, "metrics": agreement.as_dict()["metrics"]}


def _keep(
    study: Study,
    human: HumanScores,
    named: Sequence[Named],
    methods: Sequence[Method],
    options: RankingOptions,
    *,
    n_permutations: int,
    ranking: Ranking | None,
    campaign: Campaign | None,
    against: Metric | None,
    table: ScoreTable | None,
    fingerprint: str,
    as_of: datetime,
    job: Job | None,
    progress: Progress | None,
    beside: dict[str, Any],
) -> MetricAgreement:
    def told(done: int, total: int) -> None:
        if progress is not None:
            progress(done, total, "comparing metrics with people")

    agreement = agree(
        human,
        [entry.scores for entry in named],
        methods=shown_names(methods),
        seed=options.seed,
        n_permutations=n_permutations,
        progress=told,
    )
    result = agreement.as_dict() | {"n_resamples": options.n_resamples} | beside
    for row, entry in zip(result["metrics"], named, strict=True):
        row |= {
            "label": entry.label,
            "origin": entry.origin,
            "hypothesis": entry.hypothesis,
            "remark": entry.remark,
        }
    all_undetermined = all(row["undetermined"] for row in result["metrics"])
    snapshot = MetricAgreement(
        study=study,
        campaign=campaign,
        ranking=ranking,
        against=against,
        job=job,
        seed=options.seed,
        parameters={**vars(options), "n_permutations": n_permutations},
        code_version=code_version(),
        data_fingerprint=_joined_fingerprint(fingerprint, table, named),
        as_of=as_of,
        result=result,
        undetermined=(result["metrics"][0]["undetermined"] or "") if all_undetermined else "",
    )
    drawings = drawn_figures(snapshot)
    with transaction.atomic():
        snapshot.scoring = _stored(study, table, options, job)
        snapshot.save()
        keep_figures(snapshot, drawings)
    return snapshot


def _stored(
    study: Study, table: ScoreTable | None, options: RankingOptions, job: Job | None
) -> Scoring | None:
    if table is None:
        return None
    return store_scores(study, table, n_resamples=options.n_resamples, seed=options.seed, job=job)


def _joined_fingerprint(judgments: str, table: ScoreTable | None, named: Sequence[Named]) -> str:
    """One text for all that went in: judgments, labels and outputs, and the scores of other programs."""
    digest = hashlib.sha256(judgments.encode())
    digest.update((table.fingerprint if table is not None else "").encode())
    for entry in named:
        digest.update(entry.scores.name.encode())
        digest.update(np.ascontiguousarray(entry.scores.values).astype("<f8").tobytes())
    return digest.hexdigest()
