"""Which metric ranks the methods as the experts do: the job that the rest leads up to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.utils import timezone

from annotations.jobs import JobRefusedError, Progress, store
from annotations.models import Job, Missing, Study, code_version
from annotations.work_sharing import runner
from hlv.core.stored_results import plain
from hlv.stats.labels.distributions import EQUAL
from hlv.stats.meta_evaluation.metric_agreement import HumanScores, MetricScores, agree, human_scores
from hlv.stats.meta_evaluation.paired_permutation import SWAP_NULLS, SwapNull
from hlv.stats.resampling.percentiles import percentile_intervals
from metaeval.figures.drawn_figures import Drawn, drawn_figures, keep_figures
from metaeval.models import Method, Metric, MetricAgreement
from metaeval.results.ranking_options import DEFAULT_PERMUTATIONS, RankingOptions
from metaeval.selectors.methods import shown_names
from metaeval.selectors.missing import missing_for_metrics
from metaeval.selectors.scores import uploaded_scores
from metaeval.services.agreement_diagnostics import agreement_diagnostics
from metaeval.services.default_n_resamples import default_resamples
from metaeval.services.judged_items import agreement_on_judged_items
from metaeval.services.label_weights import check_weights
from metaeval.services.metric_scores import Named, automatic_judges, built_in_scores, uploaded
from metaeval.services.preregistration_compliance import compliance
from metaeval.services.ranking import ComputedRanking, check_as_of, compute_ranking, job_campaign
from metaeval.services.ranking import check_options as check_ranking_options
from metaeval.services.score_table import ScoreTable, UploadedTable, finite
from metaeval.services.scoring import store_scores
from metaeval.services.uploaded_scores import uploaded_table

DEFAULT_NULL: Final[SwapNull] = "methods-xor-items"
WITH_PEOPLE = "comparing metrics with people"
OF_JUDGMENTS = (
    "A part of a campaign, of one base model or one group of judges, is a part of its judgments: a score that people "
    "gave has none. Each base model has its own table beside that of all."
)

NOTHING_WEIGHTED = (
    "No label was weighted by certainty: no text that can be so weighted has an output of every method."
)


@dataclass(frozen=True, eq=False)
class HumanSide:
    """What the metrics are compared with: a ranking by judgments, or a score that people gave."""

    study: Study
    methods: Sequence[Method]
    scores: HumanScores
    ranking: ComputedRanking | None = None
    against: Metric | None = None

    @property
    def fingerprint(self) -> str:
        return "" if self.ranking is None else self.ranking.board.fingerprint


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
                n_resamples=snapshot.parameters["n_resamples"],
                seed=snapshot.seed,
                job=snapshot.job,
            )
        snapshot.save()
        keep_figures(snapshot, self.drawings)
        return snapshot


def check_options(study: Study, params: dict[str, Any]) -> None:
    """Refuse, before there is a job, what could not be computed."""
    check_ranking_options(study, params)
    exchange_null(params)
    weights = params.get("weights", EQUAL)
    check_weights(study, weights)
    name = params.get("against")
    if name:
        if not RankingOptions.of(params).selection.is_everything:
            raise JobRefusedError(OF_JUDGMENTS)
        _uploaded_metric(study, str(name))
        if weights != EQUAL:
            raise JobRefusedError(
                "Uploaded scores alone are compared with one another: no label is weighted."
            )


def exchange_null(params: Mapping[str, Any]) -> SwapNull:
    """The null hypothesis of exchanging scores that a job's parameters name, or the usual one."""
    wanted = str(params.get("null") or DEFAULT_NULL)
    for null in SWAP_NULLS:
        if null == wanted:
            return null
    raise JobRefusedError(f"{wanted!r} is no null hypothesis; known are {', '.join(SWAP_NULLS)}.")


def run_metric_agreement(job: Job, progress: Progress) -> dict[str, Any]:
    options = RankingOptions.of({"n_resamples": default_resamples(job.study)} | job.params)
    null = exchange_null(job.params)
    if job.params.get("against"):
        name = str(job.params["against"])
        return _end(job, agree_with_score(job.study, name, options, null=null, job=job, progress=progress))
    ranking = compute_ranking(
        job_campaign(job), options, as_of=check_as_of(job.params), job=job, progress=progress
    )
    computed = agree_with_experts(ranking, options, null=null, job=job, progress=progress)
    if computed is None:
        # The ranking is an answer even where there is nothing to compare it with.
        return _end(job, ranking)
    return _end(job, computed)


def _end(job: Job, computed: ComputedMetricAgreement | ComputedRanking) -> dict[str, Any]:
    result: dict[str, Any]
    if isinstance(computed, ComputedRanking):
        missing = missing_for_metrics(job.study) or Missing.SHARED_TEXTS
        result = {"metric_agreement": None, "undetermined": str(missing.label), "missing": missing.value}
    else:
        snapshot = computed.snapshot
        result = {"metric_agreement": str(snapshot.uuid), "undetermined": snapshot.undetermined}
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
    """Score by every metric and compare with the ranking, each with its resamples; None without a metric."""
    campaign, as_of = ranking.snapshot.campaign, ranking.snapshot.as_of
    study = campaign.study
    methods, result = ranking.board.methods, ranking.result
    named, table = built_in_scores(study, methods, options, as_of=as_of, progress=progress)
    named += [
        uploaded(scores, options, progress=progress)
        for scores in uploaded_scores(study, methods=methods, as_of=as_of)
    ]
    named += automatic_judges(campaign, methods, options, as_of=as_of, progress=progress)
    if not named:
        return None
    human = human_scores(result) if methods else HumanScores(np.zeros(0), undetermined=result.undetermined)
    return _compared(
        HumanSide(study, methods, human, ranking=ranking),
        named,
        options,
        n_permutations=n_permutations,
        null=null,
        table=table,
        as_of=as_of,
        job=job,
        progress=progress,
        beside={
            "campaign": campaign.name,
            "plan": plain(
                compliance(
                    campaign,
                    vars(options) | {"n_permutations": n_permutations},
                    as_of=as_of,
                    metrics=[entry.scores.name for entry in named],
                )
            ),
            "ranking": str(ranking.snapshot.uuid),
            "ranking_notes": result.notes,
            "resampling_unit": result.resampling_unit,
            "n_judgments": result.n_judgments,
            "n_judges": result.n_judges,
            "n_judged_items": result.n_items,
            "n_cannot_judge": ranking.board.n_cannot,
            "judged_items_only": agreement_on_judged_items(
                ranking, table, options, n_permutations=n_permutations, as_of=as_of, progress=progress
            ),
        },
    )


def agree_with_score(
    study: Study,
    name: str,
    options: RankingOptions,
    *,
    n_permutations: int = DEFAULT_PERMUTATIONS,
    null: SwapNull = DEFAULT_NULL,
    job: Job | None = None,
    progress: Progress | None = None,
) -> ComputedMetricAgreement:
    """Compare every other uploaded metric with one that people gave."""
    as_of = timezone.now()
    against = _uploaded_metric(study, name)
    methods = list(Method.objects.filter(study=study))
    found = {scores.metric.name: scores for scores in uploaded_scores(study, methods=methods, as_of=as_of)}
    if name not in found:
        raise JobRefusedError(f"The import that gave {name!r} was withdrawn: there are no values of it.")
    people = uploaded(found.pop(name), options, progress=progress).scores
    if not found:
        raise JobRefusedError(f"{name!r} is the only uploaded score: there is nothing to compare it with.")
    sign = 1.0 if people.higher_is_better else -1.0
    human = HumanScores(sign * people.values, None if people.resampled is None else sign * people.resampled)
    return _compared(
        HumanSide(study, methods, human, against=against),
        [uploaded(scores, options, progress=progress) for scores in found.values()],
        options,
        n_permutations=n_permutations,
        null=null,
        table=None,
        as_of=as_of,
        job=job,
        progress=progress,
        beside={"against": name},
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
    beside: dict[str, Any],
) -> ComputedMetricAgreement:
    agreement = agree(
        human.scores,
        [entry.scores for entry in named],
        methods=shown_names(human.methods),
        seed=options.seed,
        n_permutations=n_permutations,
        runners=lambda work: runner(progress, name=f"{work} of metrics", note=WITH_PEOPLE),
    )
    result = agreement.as_dict() | {"n_resamples": options.n_resamples} | beside
    if table is not None:
        result |= asdict(table.label_weights)
    elif options.weights != EQUAL:
        result["notes"] = [*result["notes"], NOTHING_WEIGHTED]
    for row, entry in zip(result["metrics"], named, strict=True):
        row |= {
            "label": entry.label,
            "origin": entry.origin,
            "hypothesis": entry.hypothesis,
            "remark": entry.remark,
        }
        if entry.judged is not None:
            row["judged"] = entry.judged
    result |= agreement_diagnostics(
        human.scores,
        named,
        human.methods,
        options,
        n_permutations=n_permutations,
        null=null,
        counted=None if human.ranking is None else human.ranking.board,
        progress=progress,
    )
    result["scores"] = _stored_scores(human, named)
    snapshot = MetricAgreement(
        study=human.study,
        campaign=None if human.ranking is None else human.ranking.snapshot.campaign,
        against=human.against,
        job=job,
        seed=options.seed,
        parameters={**vars(options), "n_permutations": n_permutations, "null": null},
        code_version=code_version(),
        data_fingerprint=_joined_fingerprint(human.fingerprint, table, named),
        as_of=as_of,
        result=result,
        undetermined=_undetermined(result["metrics"]),
    )
    uploads = uploaded_table(named, human.methods, n_resamples=options.n_resamples, beside=table)
    return ComputedMetricAgreement(snapshot, human.ranking, table, uploads, drawn_figures(snapshot))


def _stored_scores(human: HumanSide, named: Sequence[Named]) -> dict[str, Any]:
    """What people and each metric give each method, in the order of `methods`, with 95 % intervals."""
    ranking = None if human.ranking is None else human.ranking.result
    people = {"values": list(map(finite, human.scores.values.tolist()))}
    if ranking is not None and ranking.undetermined is None:
        people |= {"low": list(map(finite, ranking.low)), "high": list(map(finite, ranking.high))}
    return {
        "human": people,
        "human_label": "Strength by the experts" if human.against is None else human.against.name,
        "metrics": _by_name(named),
    }


def _by_name(named: Sequence[Named]) -> dict[str, dict[str, list[float | None]]]:
    """Under the name of each metric; where two share it, an upload and an automatic judge, the origin tells them apart."""
    columns: dict[str, dict[str, list[float | None]]] = {}
    for entry in named:
        name = entry.scores.name
        columns[f"{name} ({entry.origin})" if name in columns else name] = _with_interval(entry.scores)
    return columns


def _with_interval(scores: MetricScores) -> dict[str, list[float | None]]:
    columns = {"values": list(map(finite, scores.values.tolist()))}
    if scores.resampled is None:
        return columns
    bounds = percentile_intervals(scores.resampled)
    if bounds.low is None or bounds.high is None:
        return columns
    return columns | {"low": list(map(finite, bounds.low)), "high": list(map(finite, bounds.high))}


def _undetermined(rows: Sequence[dict[str, Any]]) -> str:
    """Where no metric has an answer, a line for each reason, with the metrics it holds for."""
    if not all(row["undetermined"] for row in rows):
        return ""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row["undetermined"], []).append(row["label"])
    return "\n".join(f"{reason} ({', '.join(labels)})" for reason, labels in by_reason.items())


def _joined_fingerprint(judgments: str, table: ScoreTable | None, named: Sequence[Named]) -> str:
    """One text for all that went in: judgments, labels and outputs, and the scores of other programs."""
    digest = hashlib.sha256(judgments.encode())
    digest.update((table.fingerprint if table is not None else "").encode())
    for entry in named:
        digest.update(entry.scores.name.encode())
        # The values of single items too: the resamples are made of them.
        for values in (entry.scores.values, entry.of_items):
            if values is not None:
                digest.update(np.ascontiguousarray(values).astype("<f8").tobytes())
    return digest.hexdigest()
