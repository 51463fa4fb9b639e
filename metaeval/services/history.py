"""Whether what judges and methods gave is as it was written."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from annotations.history import Checked, lost_rows
from annotations.history.erasing import FreeText
from annotations.history.kinds import SNAPSHOT, Kind, Part, linked, without_link
from annotations.models import Import, Item, ItemText, Participant, Study, StudyChange
from metaeval.models import (
    AnalysisPlan,
    AutomaticJudge,
    Campaign,
    Figure,
    JudgeReport,
    Judgment,
    Labelling,
    LabellingLabel,
    Method,
    Metric,
    MetricAgreement,
    MetricDirection,
    MetricScore,
    Output,
    Protocol,
    Ranking,
    Run,
    Scoring,
    Sensitivity,
    SupplementaryAnalysis,
    TextOrder,
    TextReport,
    Training,
    UnaskedTie,
)
from metaeval.services.judging import SubmittedVerdict, labels_digest, verdict_digest
from metaeval.services.preregistration import digest_of

APPEND_ONLY: tuple[type[models.Model], ...] = (
    AnalysisPlan,
    Figure,
    Judgment,
    JudgeReport,
    Labelling,
    LabellingLabel,
    MetricAgreement,
    MetricDirection,
    MetricScore,
    Output,
    Protocol,
    Ranking,
    Scoring,
    Sensitivity,
    SupplementaryAnalysis,
    TextOrder,
    TextReport,
    Training,
    UnaskedTie,
)
CHUNK = 2000

# What is in the log beside the rows of annotations.
PAIR = ("campaign_id", "item_id", "low_id", "high_id")
SHOWN = (
    *(f"exposure__comparison__{name}" for name in PAIR),
    *(f"exposure__{name}" for name in ("low_is_left", "left_hash", "right_hash", "repeats_id")),
)
MORE_PARTS = {
    "import": (
        Part(Output, "import_batch_id"),
        Part(Judgment, "import_batch_id", also=tuple(f"comparison__{name}" for name in PAIR)),
        Part(MetricScore, "import_batch_id"),
    )
}
IS_JUDGED = Exists(Judgment.objects.filter(comparison__item=OuterRef("pk")))
HAS_SCORES = Exists(MetricScore.objects.filter(metric=OuterRef("pk")))
# The direction of the newest correction: turned past the program, a metric has another one.
CORRECTED = Subquery(
    MetricDirection.objects.filter(metric=OuterRef("pk")).order_by("-pk").values("higher_is_better")[:1]
)
ITEM_CHANGES = frozenset(field.name for field in Item._meta.concrete_fields) - {"uuid", "study", "key"}
ALL = frozenset({"*"})
MORE_KINDS = (
    Kind("judgment", "judgment", Judgment, "comparison__campaign__study_id", also=SHOWN,
         where=Q(import_batch__isnull=True), at_submit=True),
    Kind("labels of a judge", "labels of a judge", Labelling, "exposure__comparison__campaign__study_id",
         also=SHOWN, parts=(Part(LabellingLabel, "labelling_id"),), at_submit=True),
    Kind("earlier judgments", "judgments from before the log", Participant, left_out=ALL,
         parts=(Part(Judgment, "participant_id", where=without_link("judgment")),), first_only=True),
    Kind("earlier labels of judges", "labels of judges from before the log", Participant, left_out=ALL,
         parts=(Part(Labelling, "participant_id", where=Q(~linked("labels of a judge"))),), first_only=True),
    Kind("judged text", "judged text", Item, left_out=ITEM_CHANGES, parts=(Part(ItemText, "item_id"),),
         where=Q(IS_JUDGED, evidence=Item.Evidence.NONE)),
    Kind("method", "method", Method),
    Kind("run", "run of a method", Run, "method__study_id"),
    Kind("output", "output", Output, "item__study_id", where=Q(import_batch__isnull=True)),
    Kind("metric", "metric", Metric, where=Q(HAS_SCORES), changes=StudyChange.What.SETTING,
         may_change=Q(higher_is_better=CORRECTED)),
    Kind("metric direction", "correction of a direction", MetricDirection, "metric__study_id"),
    Kind("automatic judge", "automatic judge", AutomaticJudge),
    Kind("campaign", "campaign", Campaign, left_out=frozenset({"state"})),
    Kind("protocol", "protocol", Protocol, "campaign__study_id"),
    Kind("unasked tie", "tie of equal outputs", UnaskedTie, "comparison__campaign__study_id",
         also=tuple(f"comparison__{name}" for name in PAIR)),
    Kind("plan", "preregistration", AnalysisPlan, "campaign__study_id"),
    Kind("scoring", "metric scores", Scoring, left_out=SNAPSHOT, parts=(Part(MetricScore, "scoring_id"),)),
    Kind("text report", "report on texts", TextReport, left_out=SNAPSHOT, parts=(Part(TextOrder, "report_id"),)),
    Kind("training", "training of methods", Training, left_out=SNAPSHOT),
    Kind("ranking", "ranking", Ranking, left_out=SNAPSHOT),
    Kind("metric agreement", "metric agreement", MetricAgreement, left_out=SNAPSHOT),
    Kind("judge report", "judge report", JudgeReport, left_out=SNAPSHOT),
    Kind("sensitivity", "sensitivity analysis", Sensitivity, left_out=SNAPSHOT),
    Kind("supplementary analysis", "supplementary analysis", SupplementaryAnalysis, left_out=SNAPSHOT),
    Kind("figure of a ranking", "figure of a ranking", Figure, "ranking__study_id", where=Q(ranking__isnull=False)),
    Kind("figure of metric agreement", "figure of metric agreement", Figure, "metric_agreement__study_id",
         where=Q(metric_agreement__isnull=False)),
    Kind("figure of an analysis", "figure of a supplementary analysis", Figure, "supplementary_analysis__study_id",
         where=Q(supplementary_analysis__isnull=False)),
)  # fmt: skip
IN_THE_LOG = (MORE_PARTS, MORE_KINDS)
VERDICTS = FreeText("judgment", "earlier judgments", Judgment, ("reason",), "comparison__campaign__study")


def check_judgments(studies: Sequence[Study]) -> Checked:
    """Each verdict given here against the digest of what was sent."""
    rows = Judgment.objects.filter(comparison__campaign__study__in=studies, import_batch=None)
    sealed = rows.exclude(payload_hash="").select_related("exposure", "replaces").order_by("pk")
    n, faults = 0, []
    for row in sealed.iterator(chunk_size=CHUNK):
        n += 1
        submitted = SubmittedVerdict(verdict=row.verdict, confidence=row.confidence, reason=row.reason)
        replaced = row.replaces.uuid if row.replaces else None
        if row.exposure is None or (
            verdict_digest(submitted, exposure=row.exposure.uuid, replaces=replaced) != row.payload_hash
        ):
            faults.append(f"Judgment {row.uuid} does not say what was sent.")
    return Checked("judgments", n, faults, rows.filter(payload_hash="").count())


def check_labellings(studies: Sequence[Study]) -> Checked:
    """The labels that judges gave first, against the digest of what was sent."""
    rows = (
        Labelling.objects.filter(exposure__comparison__campaign__study__in=studies)
        .select_related("exposure")
        .prefetch_related("chosen__label")
        .order_by("pk")
    )
    n, faults = 0, []
    for row in rows.iterator(chunk_size=CHUNK):
        n += 1
        keys = [chosen.label.key for chosen in row.chosen.all()]
        if labels_digest(keys, exposure=row.exposure.uuid) != row.payload_hash:
            faults.append(f"The labels {row.uuid} of a judge are not what was sent.")
    return Checked("labels of judges", n, faults)


def check_order(studies: Sequence[Study]) -> Checked:
    """A revision comes after what it replaces."""
    revisions = Judgment.objects.filter(comparison__campaign__study__in=studies, replaces__isnull=False)
    early = revisions.filter(Q(received_at__lt=F("replaces__received_at")) | Q(pk__lt=F("replaces_id")))
    return Checked(
        "revisions of judgments",
        revisions.count(),
        [
            f"Judgment {uuid} is older than the one it replaces."
            for uuid in early.values_list("uuid", flat=True)
        ],
    )


def check_imports(studies: Sequence[Study]) -> Checked:
    """Whether each import has the number of judgments and outputs that it recorded."""
    of_judgments = Import.objects.filter(study__in=studies, kind=Import.Kind.JUDGMENTS)
    of_outputs = Import.objects.filter(study__in=studies, kind=Import.Kind.OUTPUTS)
    counted = [
        *of_judgments.annotate(n_left=Count("judgments")),
        *of_outputs.annotate(n_left=Count("outputs")),
    ]
    return Checked("imports of judgments and outputs", len(counted), lost_rows(counted))


def check_preregistrations(studies: Sequence[Study]) -> Checked:
    """Each preregistration against its digest, in the chain of its versions."""
    plans = AnalysisPlan.objects.filter(campaign__study__in=studies).select_related("campaign")
    before: dict[int, str] = {}
    n, faults = 0, []
    for plan in plans.order_by("campaign_id", "version"):
        n += 1
        digest = digest_of(
            plan.campaign,
            version=plan.version,
            content=plan.content,
            frozen_at=plan.frozen_at,
            n_judgments_before=plan.n_judgments_before,
            before=before.get(plan.campaign_id, ""),
        )
        if digest != plan.digest:
            faults.append(
                f"Version {plan.version} of the preregistration of {plan.campaign} is not what was frozen."
            )
        before[plan.campaign_id] = plan.digest
    return Checked("preregistrations", n, faults)


def check_history(studies: Sequence[Study]) -> list[Checked]:
    return [
        check_judgments(studies),
        check_labellings(studies),
        check_order(studies),
        check_imports(studies),
        check_preregistrations(studies),
    ]
