"""JSON of answers and jobs: closed lists of fields, in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from annotations.formats.spans import InvalidSpansError, Span, read_spans
from annotations.models import Annotation, Job
from annotations.services.annotating import Answer
from annotations.submissions import INVALID_SPANS, LONGEST_ACTIVE_MS, MOST_LABELS, ClosedList, ShareField

# The same as in `forms`; a test compares them.
LONGEST_REMARK = 10_000


class Certainties(serializers.DictField):
    """Label keys with a share of 1, or null where no certainty was asked."""

    child = ShareField(min_value=0, max_value=1, allow_null=True)

    def to_internal_value(self, data: Any) -> dict[str, float | None]:
        if isinstance(data, dict) and len(data) > MOST_LABELS:
            raise serializers.ValidationError(_("These are more labels than any study has."))
        given: dict[str, float | None] = super().to_internal_value(data)
        return given


class Spans(serializers.Field[tuple[Span, ...], Any, Any, Any]):
    """A list of spans: label, text, start and end of each."""

    def to_internal_value(self, data: Any) -> tuple[Span, ...]:
        try:
            return read_spans(data)
        except InvalidSpansError:
            raise serializers.ValidationError(INVALID_SPANS) from None


class AnswerSerializer(ClosedList):
    """What a page sends. The author is whoever is signed in; nothing else may be named."""

    client_key = serializers.UUIDField()
    replaces = serializers.UUIDField(required=False, allow_null=True)
    chosen = Certainties(required=False)
    rejected = Certainties(required=False)
    spans = Spans(required=False)
    no_label_applies = serializers.BooleanField(required=False, default=False)
    facts_insufficient = serializers.BooleanField(required=False, default=False)
    guideline_unclear = serializers.BooleanField(required=False, default=False)
    skipped = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_REMARK, trim_whitespace=False
    )
    comment = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_REMARK, trim_whitespace=False
    )
    guideline_version = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**31 - 1
    )
    shown_at = serializers.DateTimeField(required=False, allow_null=True)
    submitted_at = serializers.DateTimeField(required=False, allow_null=True)
    active_ms = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=LONGEST_ACTIVE_MS
    )

    def answer(self) -> Answer:
        given = dict(self.validated_data)
        del given["client_key"]
        given.pop("replaces", None)
        now = timezone.now()
        # Clocks of other machines run ahead: what lies in the future is not believed.
        for moment in ("shown_at", "submitted_at"):
            if given.get(moment) is not None and given[moment] > now:
                given[moment] = None
        return Answer(**given)


# Beside the labels a form has three boxes and the marked words.
MOST_CHOICES = MOST_LABELS + 4
LONGEST_SPANS = 200_000


class Choices(serializers.DictField):
    """Fields of the answer form with their values."""

    child = serializers.CharField(max_length=LONGEST_SPANS)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, dict) and (
            len(data) > MOST_CHOICES
            or any(
                len(str(name)) > 40 or (name != "spans" and len(str(value)) > 20)
                for name, value in data.items()
            )
        ):
            raise serializers.ValidationError(_("These are more choices than any answer has."))
        given: dict[str, str] = super().to_internal_value(data)
        return given


class DraftSerializer(ClosedList):
    """Choices and words on the way to an answer, and the version of them that the page has seen."""

    replaces = serializers.UUIDField(required=False, allow_null=True)
    reason = serializers.CharField(allow_blank=True, max_length=LONGEST_REMARK, trim_whitespace=False)
    comment = serializers.CharField(allow_blank=True, max_length=LONGEST_REMARK, trim_whitespace=False)
    choices = Choices(required=False)
    seen = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    key = serializers.CharField(required=False, max_length=64)
    mine = serializers.ListField(child=serializers.CharField(max_length=64), required=False, max_length=50)


def stored_answer(annotation: Annotation) -> dict[str, Any]:
    """A person's own answer as the database stores it."""
    prefetch_related_objects([annotation], "labels__label")
    given = annotation.labels.all()
    return {
        "uuid": str(annotation.uuid),
        "chosen": {row.label.key: row.certainty for row in given if row.chosen},
        "rejected": {row.label.key: row.certainty for row in given if not row.chosen},
        "no_label_applies": annotation.gives_labels and not any(row.chosen for row in given),
        "facts_insufficient": annotation.facts_insufficient,
        "guideline_unclear": annotation.guideline_unclear,
        "skipped": annotation.skipped,
        "reason": annotation.reason,
        "comment": annotation.comment,
        "spans": annotation.spans or [],
        "submitted_at": _iso(annotation.submitted_at),
    }


def job_state(job: Job) -> dict[str, Any]:
    return {
        "uuid": str(job.uuid),
        "kind": job.kind,
        "state": job.state,
        "done": job.progress_done,
        "total": job.progress_total,
        "note": job.progress_note,
        "reason": job.reason,
        "created_at": _iso(job.created_at),
        "started_at": _iso(job.started_at),
        "finished_at": _iso(job.finished_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
