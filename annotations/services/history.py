"""Integrity of history: stored answers against their digests, and imports against their counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import models
from django.db.models import Count, F, Q

from annotations.formats.spans import read_spans
from annotations.history import Checked, lost_rows
from annotations.models import (
    Annotation,
    AnnotationLabel,
    HistoryLink,
    Import,
    ImportReversal,
    LabelAgreement,
    LabelCount,
    Remark,
    RoundFigure,
    RoundReport,
    Settlement,
    Study,
    StudyChange,
)
from annotations.services.annotating import Answer, answer_digest

APPEND_ONLY: tuple[type[models.Model], ...] = (
    Annotation,
    AnnotationLabel,
    HistoryLink,
    ImportReversal,
    LabelAgreement,
    LabelCount,
    Remark,
    RoundFigure,
    RoundReport,
    Settlement,
    StudyChange,
)
CHUNK = 2000


def check_answers(studies: Sequence[Study]) -> Checked:
    """Each answer given here against the digest of what was sent."""
    rows = Annotation.objects.filter(item__study__in=studies, import_batch=None)
    n, faults = 0, []
    for answer in _sealed_answers(rows):
        n += 1
        if answer.assignment is None:
            faults.append(f"Answer {answer.uuid} has lost its assignment.")
            continue
        replaced = answer.replaces.uuid if answer.replaces else None
        if (
            answer_digest(answer_as_submitted(answer), assignment=answer.assignment.uuid, replaces=replaced)
            != answer.payload_hash
        ):
            faults.append(f"Answer {answer.uuid} does not say what was sent.")
    return Checked("answers", n, faults, rows.filter(payload_hash="").count())


def _sealed_answers(rows: models.QuerySet[Annotation]) -> Iterator[Annotation]:
    return (
        rows.exclude(payload_hash="")
        .select_related("assignment", "replaces")
        .prefetch_related("labels__label")
        .order_by("pk")
        .iterator(chunk_size=CHUNK)
    )


def answer_as_submitted(answer: Annotation) -> Answer:
    """A stored answer in the shape in which it came."""
    labels = list(answer.labels.all())
    chosen = {row.label.key: row.certainty for row in labels if row.chosen}
    return Answer(
        chosen=chosen,
        rejected={row.label.key: row.certainty for row in labels if not row.chosen},
        no_label_applies=answer.gives_labels and not chosen,
        facts_insufficient=answer.facts_insufficient,
        guideline_unclear=answer.guideline_unclear,
        skipped=answer.skipped,
        reason=answer.reason,
        comment=answer.comment,
        spans=read_spans(answer.spans or []),
    )


def check_order(studies: Sequence[Study]) -> Checked:
    """A revision comes after what it replaces."""
    revisions = Annotation.objects.filter(item__study__in=studies, replaces__isnull=False)
    early = revisions.filter(Q(received_at__lt=F("replaces__received_at")) | Q(pk__lt=F("replaces_id")))
    return Checked(
        "revisions of answers",
        revisions.count(),
        [
            f"Answer {uuid} is older than the one it replaces."
            for uuid in early.values_list("uuid", flat=True)
        ],
    )


def check_imports(studies: Sequence[Study]) -> Checked:
    """As many answers as each import says it gave; files of counts give none."""
    imports = Import.objects.filter(study__in=studies, kind=Import.Kind.ANNOTATIONS).annotate(
        n_left=Count("annotations")
    )
    counted = [one for one in imports if one.n_left or not one.label_counts.exists()]
    return Checked("imports of answers", len(counted), lost_rows(counted))


def check_history(studies: Sequence[Study]) -> list[Checked]:
    return [check_answers(studies), check_order(studies), check_imports(studies)]
