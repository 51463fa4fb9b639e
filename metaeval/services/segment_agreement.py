"""Agreement of metrics with an uploaded human score, text by text and over systems."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from annotations.jobs import JobRefusedError, Progress, check_draws
from annotations.models import Job, SnapshotStored, Study
from hlv.core.rendering.sentences import error_sentence
from hlv.stats.arrays import BoolArray, FloatArray, IntArray
from hlv.stats.meta_evaluation.absolute_agreement import absolute_agreement
from hlv.stats.meta_evaluation.grouped_agreement import (
    N_RESAMPLES,
    RESAMPLED_UNITS,
    GroupedAgreement,
    ResampledUnit,
    grouped_agreement,
)
from hlv.stats.meta_evaluation.outlier_systems import (
    UndeterminedOutliersError,
    coefficients_of,
    outlier_systems,
)
from hlv.stats.meta_evaluation.score_cells import GROUPINGS, UndeterminedGroupedAgreementError
from hlv.stats.meta_evaluation.segment_differences import SegmentDifferences, segment_differences
from hlv.stats.meta_evaluation.significance_clusters import rank_sum_p, significance_clusters
from hlv.stats.meta_evaluation.soft_pairwise_accuracy import SoftAccuracy, soft_accuracy_of_scores
from hlv.stats.metrics.registry import METRICS
from hlv.stats.resampling.item_weights import ItemBlocks
from metaeval.models import Method, Metric, SupplementaryAnalysis
from metaeval.results.ranking_options import DEFAULT_SEED, RankingOptions, read_parameters
from metaeval.results.segment_agreement import (
    HumanSystem,
    MetricSegments,
    SegmentAgreement,
    SystemAgreement,
)
from metaeval.selectors.scores import UploadedScores, shown_names, uploaded_scores
from metaeval.services.identical_methods import Systems, merged_sentences
from metaeval.services.metric_scores import Named, built_in_scores, distinct_names, uploaded
from metaeval.services.supplementary_analyses import Computed, keep_analysis
from metaeval.services.text_blocks import text_blocks


@dataclass(frozen=True)
class SegmentParameters:
    """The parameters of a job that compares metrics with human scores of texts.

    Attributes
    ----------
    against
        An uploaded human score of texts.
    metrics
        Names of uploaded scores and of built-in metrics; none are all that have values of texts.
    block_by
        A column of the texts whose value names a text's document; documents are then drawn whole.
    """

    against: str = ""
    metrics: tuple[str, ...] = ()
    unit: str = "items"
    block_by: str = ""
    n_resamples: int = N_RESAMPLES
    seed: int = DEFAULT_SEED

    def resampled_unit(self) -> ResampledUnit:
        for unit in RESAMPLED_UNITS:
            if unit == self.unit:
                return unit
        raise JobRefusedError(f"{self.unit!r} cannot be resampled; known are {', '.join(RESAMPLED_UNITS)}.")


def read_segment_parameters(params: Mapping[str, object]) -> SegmentParameters:
    return read_parameters(SegmentParameters, params, job="The agreement per text")


def check_options(study: Study, params: Mapping[str, object]) -> None:
    """Refuse, before there is a job, what nothing could be computed with."""
    parameters = read_segment_parameters(params)
    parameters.resampled_unit()
    check_draws({"seed": parameters.seed, "n_resamples": parameters.n_resamples})
    uploads = Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED)
    known = list(uploads.order_by("name").values_list("name", flat=True))
    for name in (parameters.against, *parameters.metrics):
        if name not in known and (name == parameters.against or name not in METRICS):
            listed = ", ".join(known) or "none yet"
            raise JobRefusedError(f"No uploaded score is called {name!r} (known: {listed}).")


def run_segments(job: Job, progress: Progress) -> SnapshotStored:
    parameters, as_of = read_segment_parameters(job.params), timezone.now()
    sides = _sides(job.study, parameters, as_of=as_of, progress=progress)
    result = segment_agreement(sides, parameters, progress=progress)
    settings = asdict(parameters) | {
        "metrics": [metric.name for metric in result.metrics],
        "n_resamples": result.n_resamples,
    }
    return keep_analysis(
        job,
        job.study,
        Computed(
            kind=SupplementaryAnalysis.Kind.SEGMENTS,
            result=result,
            parameters=settings,
            seed=parameters.seed,
            fingerprint=sides.fingerprint,
            as_of=as_of,
            against=sides.metric,
            undetermined="\n".join(
                dict.fromkeys(metric.undetermined for metric in result.metrics)
                if all(metric.undetermined for metric in result.metrics)
                else ()
            ),
        ),
    )


@dataclass(frozen=True, eq=False)
class _Sides:
    """The human score `metric` (M, N), and the metrics' scores of the same methods and texts."""

    metric: Metric
    methods: list[Method]
    # 1, or -1 where low human scores are good: `people` grow with quality.
    sign: int
    systems: Systems
    people: FloatArray
    named: list[Named]
    item_ids: IntArray
    blocks: ItemBlocks | None
    fingerprint: str

    def scores(self, entry: Named) -> FloatArray:
        """Of a metric, (M, N), as it gives them; NaN where there is none."""
        return _on(entry, self.item_ids)

    @property
    def documents(self) -> IntArray | None:
        return None if self.blocks is None else self.blocks.of(self.item_ids)


def _sides(
    study: Study, parameters: SegmentParameters, *, as_of: datetime, progress: Progress | None
) -> _Sides:
    every = list(study.methods.all())
    systems = Systems.uploaded(study, every, as_of=as_of)
    methods = systems.of(every)
    # Nothing is drawn here: the cells of texts are drawn later.
    options = RankingOptions(n_resamples=0, seed=parameters.seed)
    uploads = {
        scores.metric.name: scores
        for scores in uploaded_scores(study, methods=methods, as_of=as_of, counts_as=systems.counts_as)
    }
    human = _of_texts(uploads, parameters.against)
    people = uploaded(human, options)
    named = distinct_names(
        [
            *built_in_scores(study, methods, options, as_of=as_of, progress=progress)[0],
            *(uploaded(scores, options) for name, scores in uploads.items() if name != parameters.against),
        ]
    )
    known = {entry.scores.name: entry for entry in named if entry.of_items is not None}
    for name in parameters.metrics:
        if name not in known:
            raise JobRefusedError(_why_unknown(name, uploads))
    chosen = [known[name] for name in parameters.metrics] or list(known.values())
    if not chosen:
        raise JobRefusedError(
            _("No other score has values of texts: import one with hlv import scores, or labels and outputs.")
        )
    item_ids = np.unique(
        np.concatenate([entry.item_ids for entry in (people, *chosen) if entry.item_ids is not None])
    )
    blocks = text_blocks(study, parameters.block_by, item_ids=item_ids)
    digest = hashlib.sha256(repr([method.pk for method in methods]).encode())
    digest.update(repr(systems.keys).encode())
    for entry in (people, *chosen):
        entry.update(digest)
    if blocks is not None:
        digest.update(blocks.of(item_ids).astype("<i8").tobytes())
    sign = 1 if human.metric.higher_is_better else -1
    return _Sides(
        metric=human.metric,
        methods=methods,
        sign=sign,
        systems=systems,
        people=sign * _on(people, item_ids),
        named=chosen,
        item_ids=item_ids,
        blocks=blocks,
        fingerprint=digest.hexdigest(),
    )


def _why_unknown(name: str, uploads: Mapping[str, UploadedScores]) -> str:
    if name in uploads:
        return f"The score {name} has no values of texts; import it with a column of texts."
    if name in METRICS:
        return f"The metric {name} is no mean over texts, or has no labels and outputs to be computed from."
    return f"No uploaded score is called {name!r} (known: {', '.join(sorted(uploads)) or 'none yet'})."


def segment_agreement(
    sides: _Sides, parameters: SegmentParameters, *, progress: Progress | None = None
) -> SegmentAgreement:
    """Compare every metric with the human score, and the metrics with one another."""
    people, names = sides.people, shown_names(sides.methods)
    scored: BoolArray = np.asarray(~np.isnan(people).all(axis=1))
    outliers, why_no_outliers = _outliers(_means(people[scored]))
    is_outlier = np.zeros(len(sides.methods), dtype=bool)
    if outliers is not None:
        is_outlier[scored] = outliers
    metrics = []
    for place, entry in enumerate(sides.named):
        if progress is not None:
            progress(place, len(sides.named) + 1, "comparing metrics with people text by text")
        metrics.append(
            _metric(
                entry,
                sides.scores(entry),
                people,
                None if outliers is None else is_outlier,
                unit=parameters.resampled_unit(),
                blocks=sides.documents,
                n_resamples=parameters.n_resamples,
                seed=parameters.seed,
            )
        )
    differences, why_no_differences = _differences(sides, seed=parameters.seed)
    drawn = [found.n_resamples for metric in metrics for found in metric.groupings.values()]
    return SegmentAgreement(
        against=parameters.against,
        unit=parameters.unit,
        documents=parameters.block_by,
        n_resamples=max(drawn, default=0),
        seed=parameters.seed,
        metrics=metrics,
        systems=_systems(names, people, scored, is_outlier, sign=sides.sign),
        why_no_outliers=why_no_outliers,
        differences=differences,
        why_no_differences=why_no_differences,
        notes=merged_sentences(sides.systems.named(sides.metric.study)),
    )


def _differences(sides: _Sides, *, seed: int) -> tuple[list[SegmentDifferences], str]:
    """Tests between the metrics, or why there are none."""
    if len(sides.named) < 2:
        return [], noop("There is one metric: nothing to compare it with.")
    signed = {
        entry.scores.name: (1 if entry.scores.higher_is_better else -1) * sides.scores(entry)
        for entry in sides.named
    }
    try:
        found = segment_differences(signed, sides.people, documents=sides.documents, seed=seed)
    except UndeterminedGroupedAgreementError as undetermined:
        return [], error_sentence(undetermined)
    if not any(one.pairs for one in found):
        return [], noop("All metrics agree with people equally on every text: there is nothing to compare.")
    return found, ""


def _of_texts(found: Mapping[str, UploadedScores], name: str) -> UploadedScores:
    if name not in found:
        known = ", ".join(sorted(found)) or "none yet"
        raise JobRefusedError(f"No uploaded score is called {name!r} (known: {known}).")
    if found[name].of_items is None:
        raise JobRefusedError(f"The score {name} has no values of texts; import it with a column of texts.")
    return found[name]


def _on(entry: Named, item_ids: IntArray) -> FloatArray:
    """Values (M, N) on these items; NaN where there is none."""
    values = np.full((len(entry.scores.values), len(item_ids)), np.nan)
    if entry.of_items is not None and entry.item_ids is not None:
        values[:, np.searchsorted(item_ids, entry.item_ids)] = entry.of_items
    return values


def _means(people: FloatArray) -> FloatArray:
    """Of each row (M,), which has a value."""
    return np.asarray(np.nanmean(people, axis=1)) if len(people) else np.empty(0)


def _outliers(means: FloatArray) -> tuple[BoolArray | None, str]:
    try:
        return outlier_systems(means), ""
    except UndeterminedOutliersError as undetermined:
        return None, error_sentence(undetermined)


def _metric(
    entry: Named,
    scores: FloatArray,
    people: FloatArray,
    is_outlier: BoolArray | None,
    *,
    unit: ResampledUnit,
    blocks: IntArray | None,
    n_resamples: int,
    seed: int,
) -> MetricSegments:
    groupings: dict[str, GroupedAgreement] = {}
    undetermined, metric = "", entry.scores
    for grouping in GROUPINGS:
        try:
            groupings[grouping] = grouped_agreement(
                scores,
                people,
                grouping=grouping,
                higher_is_better=metric.higher_is_better,
                unit=unit,
                documents=blocks,
                n_resamples=n_resamples,
                seed=seed,
            )
        except UndeterminedGroupedAgreementError as reason:
            undetermined = error_sentence(reason)
    soft, why_no_soft = _soft(scores, people, higher_is_better=metric.higher_is_better, seed=seed)
    return MetricSegments(
        name=metric.name,
        label=entry.label,
        origin=entry.origin,
        higher_is_better=metric.higher_is_better,
        groupings=groupings,
        systems=_over_systems(scores, people, is_outlier, higher_is_better=metric.higher_is_better),
        soft=soft,
        why_no_soft=why_no_soft,
        undetermined="" if groupings else undetermined,
    )


def _over_systems(
    scores: FloatArray, people: FloatArray, is_outlier: BoolArray | None, *, higher_is_better: bool
) -> SystemAgreement | None:
    """Of means over the texts that both sides scored; None with fewer than two systems."""
    both = ~(np.isnan(scores) | np.isnan(people))
    there = both.any(axis=1)
    if there.sum() < 2:
        return None
    sign = 1 if higher_is_better else -1
    n = both[there].sum(axis=1)
    means, human = (np.where(both, side, 0.0)[there].sum(axis=1) / n for side in (sign * scores, people))
    full = coefficients_of(means, human)
    kept = None if is_outlier is None else ~is_outlier[there]
    r = full["pearson"]
    return SystemAgreement(
        n_systems=int(there.sum()),
        full=full,
        without_outliers=None if kept is None else coefficients_of(means[kept], human[kept]),
        n_without_outliers=None if kept is None else int(kept.sum()),
        strength=None if r is None else absolute_agreement(r).value,
    )


def _soft(
    scores: FloatArray, people: FloatArray, *, higher_is_better: bool, seed: int
) -> tuple[SoftAccuracy | None, str]:
    both = ~(np.isnan(scores) | np.isnan(people))
    there = both.any(axis=1)
    if there.sum() < 2:
        return None, "fewer than two systems have both scores"
    if not both[there].all(axis=0).any():
        return None, "no text has both scores of every system"
    found = soft_accuracy_of_scores(
        scores[there], people[there], higher_is_better=higher_is_better, seed=seed
    )
    return found, ""


def _systems(
    names: Sequence[str], people: FloatArray, scored: BoolArray, is_outlier: BoolArray, *, sign: int
) -> list[HumanSystem]:
    """Best first; nothing where fewer than two systems have human scores."""
    if scored.sum() < 2:
        return []
    table = people[scored]
    means = np.nanmean(table, axis=1)
    clusters = significance_clusters(means, rank_sum_p(table))
    places = np.flatnonzero(scored)
    return [
        HumanSystem(
            name=names[int(places[row])],
            mean=sign * float(means[row]),
            n_texts=int((~np.isnan(table[row])).sum()),
            cluster=int(clusters.cluster[row]),
            best_rank=int(clusters.best_rank[row]),
            worst_rank=int(clusters.worst_rank[row]),
            is_outlier=bool(is_outlier[places[row]]),
        )
        for row in clusters.order.tolist()
    ]
