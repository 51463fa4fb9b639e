"""What the API answers with, as serializers: the schema is made of them."""

from __future__ import annotations

from rest_framework import serializers

from annotations.models import SCOPES


class TokenSchema(serializers.Serializer[object]):
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))
    expires_at = serializers.DateTimeField()
    version = serializers.CharField(help_text="Version of HLV.")


class LabelSchema(serializers.Serializer[object]):
    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()


class StudySchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    task = serializers.CharField()
    state = serializers.CharField()


class StudyDetailSchema(StudySchema):
    labels = LabelSchema(many=True)
    guideline = serializers.CharField(allow_null=True, help_text="Markdown of the newest version.")
    actions = serializers.ListField(child=serializers.CharField(), help_text="What the person may do here.")


class CampaignSchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    question = serializers.CharField()
    state = serializers.CharField()


class JobSchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=("queued", "running", "done", "failed", "cancelled"))
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    note = serializers.CharField()
    reason = serializers.CharField(help_text="Why it failed, in a sentence.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.JSONField(
        help_text="What it stored, or which rows were refused; null until it is over."
    )


class NewJobSchema(serializers.Serializer[object]):
    kind = serializers.CharField(
        help_text="Such as metaeval, scoring, agreement, sensitivity, judges, bundle."
    )
    params = serializers.DictField(required=False, help_text="As the options of the command of this name.")


class ResultSchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    as_of = serializers.DateTimeField()
    computed_at = serializers.DateTimeField()


class ProblemSchema(serializers.Serializer[object]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="One sentence: what is wrong, and what to do.")
