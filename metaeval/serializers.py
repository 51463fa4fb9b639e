"""JSON of verdicts: closed lists of fields, in and out."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from metaeval.models import Judgment
from metaeval.services.judging import VERDICTS, VerdictGiven

# The same as in the form, which stands beside this module: a test holds them equal.
LONGEST_REASON = 2000
LONGEST_ACTIVE_MS = 24 * 60 * 60 * 1000


class VerdictSerializer(serializers.Serializer[VerdictGiven]):
    """What a page sends. The judge is whoever is signed in, the pair is in the address; nothing else may be named."""

    client_key = serializers.UUIDField()
    replaces = serializers.UUIDField(required=False, allow_null=True)
    verdict = serializers.ChoiceField(choices=sorted(VERDICTS))
    confidence = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_REASON, trim_whitespace=False
    )
    submitted_at = serializers.DateTimeField(required=False, allow_null=True)
    active_ms = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=LONGEST_ACTIVE_MS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError(
                _("These fields are not taken here: %(names)s.") % {"names": ", ".join(unknown)}
            )
        return attrs

    def given(self) -> VerdictGiven:
        sent = dict(self.validated_data)
        del sent["client_key"]
        sent.pop("replaces", None)
        # Clocks of other machines run ahead: what lies in the future is not believed.
        if sent.get("submitted_at") is not None and sent["submitted_at"] > timezone.now():
            sent["submitted_at"] = None
        return VerdictGiven(**sent)


def stored_verdict(judgment: Judgment) -> dict[str, Any]:
    """A judge's own verdict as it stands; sides as that judge saw them, methods nowhere."""
    return {
        "uuid": str(judgment.uuid),
        "verdict": judgment.verdict,
        "confidence": judgment.confidence,
        "reason": judgment.reason,
        "submitted_at": judgment.submitted_at.isoformat(),
    }
