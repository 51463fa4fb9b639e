"""Outputs, judgments, scores and snapshots as they are taken away: streamed, in an order that does not change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotations.models import LabelAgreement, Study
from annotations.selectors.imports import not_withdrawn
from metaeval.models import (
    AutomaticJudge,
    Campaign,
    Exposure,
    Figure,
    JudgeReport,
    Judgment,
    Labelling,
    Method,
    MetricAgreement,
    MetricScore,
    Output,
    Ranking,
    Scoring,
    Sensitivity,
    SupplementaryAnalysis,
    UnaskedTie,
)
from metaeval.selectors.judgments import current_judgments, is_newest_of, known_judgments
from metaeval.selectors.outputs import current_outputs

CHUNK_ROWS = 5000


@dataclass(frozen=True, slots=True)
class ExportedJudgment:
    """One judgment; judge and item are None where nobody recorded them, the time where a file gave none."""

    item_key: str | None
    judge: str | None
    left: str
    right: str
    verdict: str
    confidence: float | None
    submitted_at: dt.datetime | None
    active_ms: int | None
    reason: str
    is_current: bool
    is_repeat: bool
    exposure: int | None
    metadata: dict[str, str]


def exported_methods(study: Study, *, as_of: dt.datetime) -> QuerySet[Method]:
    return Method.objects.filter(study=study, created_at__lte=as_of).order_by("position")


def exported_campaigns(study: Study, *, as_of: dt.datetime) -> list[Campaign]:
    return list(Campaign.objects.filter(study=study, created_at__lte=as_of).order_by("pk"))


def automatic_judges(campaign: Campaign, *, as_of: dt.datetime) -> list[AutomaticJudge]:
    """The programs that have judged in this campaign."""
    judged = Judgment.objects.filter(
        comparison__campaign=campaign, received_at__lte=as_of, automatic_judge__isnull=False
    )
    return list(
        AutomaticJudge.objects.filter(pk__in=judged.values("automatic_judge").distinct()).order_by("pk")
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Whether judgments name their item and their judge: a table has a column for neither or both of all rows."""

    item: bool
    judge: bool


def judgment_context(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None, as_of: dt.datetime
) -> list[Known]:
    """Which kinds of judgments there are, those that name most first."""
    pairs = (
        current_judgments(campaign, automatic_judge=automatic_judge, as_of=as_of)
        .annotate(has_item=Q(comparison__item__isnull=False), has_judge=Q(participant__isnull=False))
        .order_by()
        .values_list("has_item", "has_judge")
        .distinct()
    )
    return [Known(item, judge) for item, judge in sorted(set(pairs), reverse=True)]


def exported_judgments(
    campaign: Campaign,
    *,
    automatic_judge: AutomaticJudge | None,
    as_of: dt.datetime,
    methods: dict[int, str],
    judges: dict[int, str],
) -> Iterator[ExportedJudgment]:
    """Judgments of people, or of one automatic judge, by item, pair and judge; withdrawn imports are left out.

    The order in which they came would tell which judge stood where in the imported file.
    """
    for row in _rows_of_judgments(campaign, automatic_judge=automatic_judge, as_of=as_of):
        low, high = methods[row.comparison__low_id], methods[row.comparison__high_id]
        yield ExportedJudgment(
            item_key=row.comparison__item__key,
            judge=None if row.participant_id is None else judges[row.participant_id],
            left=low if row.low_is_left else high,
            right=high if row.low_is_left else low,
            verdict=row.verdict,
            confidence=row.confidence,
            # The importer stores its own time where a file gives none.
            submitted_at=None if row.submitted_at == row.import_batch__created_at else row.submitted_at,
            active_ms=row.active_ms,
            reason=row.reason,
            is_current=row.is_current,
            is_repeat=row.is_repeat,
            exposure=row.exposure_id,
            metadata=row.metadata,
        )


def _rows_of_judgments(
    campaign: Campaign, *, automatic_judge: AutomaticJudge | None, as_of: dt.datetime
) -> Iterator[Any]:
    known = known_judgments(as_of=as_of)
    rows = (
        known.filter(comparison__campaign=campaign, automatic_judge=automatic_judge)
        .annotate(is_current=is_newest_of(known), is_repeat=Q(exposure__repeats__isnull=False))
        .order_by(
            F("comparison__item__position").asc(nulls_first=True),
            "comparison__low__position",
            "comparison__high__position",
            F("participant__number").asc(nulls_first=True),
            "pk",
        )
    )
    return rows.values_list(
        "comparison__item__key",
        "participant_id",
        "comparison__low_id",
        "comparison__high_id",
        "low_is_left",
        "verdict",
        "confidence",
        "submitted_at",
        "import_batch__created_at",
        "active_ms",
        "reason",
        "is_current",
        "is_repeat",
        "exposure_id",
        "metadata",
        named=True,
    ).iterator(chunk_size=CHUNK_ROWS)


def exported_unasked_ties(
    campaign: Campaign, *, as_of: dt.datetime, methods: dict[int, str]
) -> Iterator[tuple[str | None, str, str, str]]:
    """(item, method, other method, why nobody is asked)."""
    rows = (
        UnaskedTie.objects.filter(comparison__campaign=campaign, created_at__lte=as_of)
        .order_by(
            "comparison__item__position", "comparison__low__position", "comparison__high__position", "pk"
        )
        .values_list("comparison__item__key", "comparison__low_id", "comparison__high_id", "reason")
        .iterator(chunk_size=CHUNK_ROWS)
    )
    for item, low, high, reason in rows:
        yield item, methods[low], methods[high], reason


def exported_outputs(
    study: Study, *, as_of: dt.datetime
) -> Iterator[tuple[str, str, str, str, bytes | None, str | None]]:
    """(item, method, base model, run, stored distribution, text)."""
    rows = (
        current_outputs(as_of=as_of)
        .filter(run__method__study=study)
        .order_by("run__method__position", "run_id", "item__position")
        .values_list(
            "item__key", "run__method__name", "run__method__base_model", "run__name", "probabilities", "text"
        )
        .iterator(chunk_size=CHUNK_ROWS)
    )
    for item, method, base_model, run, stored, text in rows:
        yield item, method, base_model, run, None if stored is None else bytes(stored), text


def kinds_of_outputs(study: Study) -> list[str]:
    """What outputs contain: distribution, text, or both."""
    outputs = Output.objects.filter(run__method__study=study)
    found = (
        ("distribution", outputs.filter(probabilities__isnull=False).exists()),
        ("text", outputs.filter(probabilities__isnull=True).exists()),
    )
    return [kind for kind, is_there in found if is_there] or ["distribution"]


def uploaded_metric_scores(study: Study, *, as_of: dt.datetime) -> QuerySet[MetricScore]:
    return (
        MetricScore.objects.filter(
            not_withdrawn(as_of=as_of), metric__study=study, import_batch__created_at__lte=as_of
        )
        .select_related("metric", "method", "item")
        .order_by("metric_id", "method__position", "item__position", "occurrence", "pk")
    )


def exported_scorings(study: Study, *, as_of: dt.datetime) -> QuerySet[Scoring]:
    return Scoring.objects.filter(study=study, created_at__lte=as_of).order_by("pk")


def computed_metric_scores(study: Study, *, as_of: dt.datetime) -> QuerySet[MetricScore]:
    """Of the newest scoring by built-in metrics."""
    with_rows = Exists(MetricScore.objects.filter(scoring=OuterRef("pk")))
    newest = exported_scorings(study, as_of=as_of).filter(with_rows).last()
    return (
        MetricScore.objects.filter(scoring=newest)
        .select_related("metric", "method", "run")
        # The mean over runs first: databases place what is empty differently.
        .order_by("metric_id", "method__position", F("run_id").asc(nulls_first=True), "pk")
        if newest is not None
        else MetricScore.objects.none()
    )


def exported_rankings(study: Study, *, as_of: dt.datetime) -> QuerySet[Ranking]:
    return Ranking.objects.filter(study=study, created_at__lte=as_of).order_by("pk")


def exported_agreements(study: Study, *, as_of: dt.datetime) -> QuerySet[MetricAgreement]:
    return (
        MetricAgreement.objects.filter(study=study, created_at__lte=as_of)
        .select_related("ranking")
        .order_by("pk")
    )


def exported_judge_reports(study: Study, *, as_of: dt.datetime) -> QuerySet[JudgeReport]:
    return JudgeReport.objects.filter(study=study, created_at__lte=as_of).order_by("pk")


def exported_sensitivities(study: Study, *, as_of: dt.datetime) -> QuerySet[Sensitivity]:
    return (
        Sensitivity.objects.filter(study=study, created_at__lte=as_of)
        .select_related("campaign", "ranking")
        .order_by("pk")
    )


def exported_analyses(
    study: Study, *, as_of: dt.datetime, kind: SupplementaryAnalysis.Kind | None = None
) -> QuerySet[SupplementaryAnalysis]:
    """Those of all kinds without `kind`."""
    kinds = [*SupplementaryAnalysis.Kind] if kind is None else [kind]
    found = SupplementaryAnalysis.objects.filter(study=study, kind__in=kinds, created_at__lte=as_of)
    return found.select_related("campaign", "against").order_by("pk")


def exported_label_agreements(study: Study, *, as_of: dt.datetime) -> QuerySet[LabelAgreement]:
    return LabelAgreement.objects.filter(study=study, created_at__lte=as_of).order_by("pk")


def snapshot_figures(
    *,
    ranking: Ranking | None = None,
    agreement: MetricAgreement | None = None,
    analysis: SupplementaryAnalysis | None = None,
) -> QuerySet[Figure]:
    figures = Figure.objects.order_by("name", "theme", "media_type")
    if analysis is not None:
        return figures.filter(supplementary_analysis=analysis)
    return (
        figures.filter(ranking=ranking) if ranking is not None else figures.filter(metric_agreement=agreement)
    )


def exported_labellings(
    campaign: Campaign, *, as_of: dt.datetime, judges: dict[int, str]
) -> Iterator[tuple[str | None, str, list[str], dt.datetime, int | None]]:
    """(item, judge, labels, time, milliseconds) of what judges found in the texts before they saw outputs."""
    rows = (
        Labelling.objects.filter(exposure__comparison__campaign=campaign, received_at__lte=as_of)
        .select_related("exposure__comparison__item")
        .prefetch_related("chosen__label")
        .order_by("exposure__comparison__item__position", "participant__number", "pk")
    )
    for row in rows.iterator(chunk_size=5000):
        item = row.exposure.comparison.item
        labels = [chosen.label.key for chosen in row.chosen.all()]
        yield (
            None if item is None else item.key,
            judges[row.participant_id],
            labels,
            row.submitted_at,
            row.active_ms,
        )


def labels_before_pairs(campaign: Campaign, *, as_of: dt.datetime) -> dict[int, tuple[list[str], int | None]]:
    """Of each exposure, the labels that its judge gave before it, or before an earlier pair of the same text."""
    given: dict[int, tuple[list[str], int | None]] = {}
    of_text: dict[tuple[int, int | None], tuple[list[str], int | None]] = {}
    rows = Labelling.objects.filter(exposure__comparison__campaign=campaign, received_at__lte=as_of)
    for row in rows.select_related("exposure__comparison").prefetch_related("chosen__label").order_by("pk"):
        said = [chosen.label.key for chosen in row.chosen.all()], row.active_ms
        given[row.exposure_id] = said
        of_text.setdefault((row.participant_id, row.exposure.comparison.item_id), said)
    exposures = Exposure.objects.filter(comparison__campaign=campaign, created_at__lte=as_of)
    if of_text:
        for pk, judge, item in exposures.values_list("pk", "participant_id", "comparison__item_id"):
            if pk not in given and (judge, item) in of_text:
                given[pk] = of_text[judge, item]
    return given
