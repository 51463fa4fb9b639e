"""JSON of verdicts: closed lists of fields, in and out."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from annotations.submissions import LONGEST_ACTIVE_MS, MOST_LABELS, ClosedList, ShareField
from metaeval.models import Judgment, Labelling
from metaeval.services.judging import VERDICTS, SubmittedLabels, SubmittedVerdict

# The same as in the form, which stands beside this module: a test holds them equal.
LONGEST_REASON = 2000


class SubmitSerializer(ClosedList):
    """What every submit has. Who sends it is signed in, the pair is in the address; nothing else may be named."""

    client_key = serializers.UUIDField()
    submitted_at = serializers.DateTimeField(required=False, allow_null=True)
    active_ms = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=LONGEST_ACTIVE_MS
    )

    def sent(self) -> dict[str, Any]:
        sent = dict(self.validated_data)
        del sent["client_key"]
        sent.pop("replaces", None)
        # Clocks of other machines run ahead: what lies in the future is not believed.
        if sent.get("submitted_at") is not None and sent["submitted_at"] > timezone.now():
            sent["submitted_at"] = None
        return sent


class VerdictSerializer(SubmitSerializer):
    """A verdict, or one that replaces another."""

    replaces = serializers.UUIDField(required=False, allow_null=True)
    verdict = serializers.ChoiceField(choices=sorted(VERDICTS))
    confidence = ShareField(required=False, allow_null=True, min_value=0, max_value=1)
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_REASON, trim_whitespace=False
    )

    def given(self) -> SubmittedVerdict:
        return SubmittedVerdict(**self.sent())


class LabelsSerializer(SubmitSerializer):
    """Keys of the study's labels; an empty list says that none applies."""

    labels = serializers.ListField(
        child=serializers.CharField(max_length=200), allow_empty=True, max_length=MOST_LABELS
    )

    def given(self) -> SubmittedLabels:
        sent = self.sent()
        return SubmittedLabels(keys=tuple(sent.pop("labels")), **sent)


def stored_labelling(labelling: Labelling) -> dict[str, Any]:
    """A judge's own labels as they were given."""
    return {
        "uuid": str(labelling.uuid),
        "labels": [chosen.label.key for chosen in labelling.chosen.select_related("label")],
        "submitted_at": labelling.submitted_at.isoformat(),
    }


def stored_verdict(judgment: Judgment) -> dict[str, Any]:
    """A judge's own verdict as it stands; sides as that judge saw them, methods nowhere."""
    return {
        "uuid": str(judgment.uuid),
        "verdict": judgment.verdict,
        "confidence": judgment.confidence,
        "reason": judgment.reason,
        "submitted_at": judgment.submitted_at.isoformat(),
    }
