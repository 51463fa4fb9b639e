"""What the API answers with, as serializers: the schema is made of them."""

from __future__ import annotations

from rest_framework import serializers

from annotations.models import SCOPES, Participant, Study
from annotations.services.invitations import DEFAULT_DAYS
from annotations.submissions import ClosedList
from metaeval.models import Campaign, Protocol


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


class NewLabelSchema(ClosedList):
    key = serializers.CharField(max_length=200)
    name = serializers.CharField(required=False, default="", allow_blank=True)
    description = serializers.CharField(required=False, default="", allow_blank=True)
    group = serializers.CharField(
        max_length=100,
        required=False,
        default="",
        allow_blank=True,
        help_text="Labels of a group are shown together.",
    )


class NewStudySchema(ClosedList):
    slug = serializers.CharField(help_text="Permanent short name: a-z, 0-9, - and _.")
    name = serializers.CharField(required=False, allow_blank=True)
    task = serializers.ChoiceField(
        choices=Study.Task.values, required=False, help_text="none: for judgments only."
    )
    labels = NewLabelSchema(many=True, required=False)
    question = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    asks_certainty = serializers.BooleanField(required=False)
    asks_spans = serializers.BooleanField(
        required=False, help_text="Ask which words of the text decided each label."
    )
    answers_wanted = serializers.IntegerField(
        required=False, min_value=1, max_value=1000, help_text="Annotators per text; 3."
    )
    order = serializers.ChoiceField(choices=Study.Order.values, required=False)
    assignment = serializers.ChoiceField(choices=Study.AssignmentRule.values, required=False)
    time_zone = serializers.CharField(required=False)


class NewGuidelineSchema(ClosedList):
    text = serializers.CharField(trim_whitespace=False, help_text="Markdown.")


class GuidelineSchema(serializers.Serializer[object]):
    version = serializers.IntegerField()


class ParticipantSchema(serializers.Serializer[object]):
    pseudonym = serializers.CharField()
    role = serializers.ChoiceField(choices=Participant.Role.values)
    group = serializers.CharField()
    quota = serializers.IntegerField(allow_null=True)
    is_active = serializers.BooleanField()
    email = serializers.EmailField(
        source="user.known_email", help_text="Blank, as is name, in a study that shows no names any more."
    )
    name = serializers.CharField(source="user.name")


class NewInvitationSchema(ClosedList):
    role = serializers.ChoiceField(choices=Participant.Role.values)
    group = serializers.CharField(required=False, default="", allow_blank=True)
    quota = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="The most texts or pairs for this person."
    )
    days = serializers.IntegerField(required=False, default=DEFAULT_DAYS)
    email = serializers.EmailField(
        required=False, default="", allow_blank=True, help_text="Only this address may then accept."
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class InvitationSchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Participant.Role.values)
    expires_at = serializers.DateTimeField()
    link = serializers.URLField(required=False)


class CampaignSchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    name = serializers.CharField()
    question = serializers.CharField()
    state = serializers.CharField()


class NewCampaignSchema(ClosedList):
    """As the options of `hlv plan-campaign`."""

    name = serializers.CharField()
    question = serializers.CharField(required=False, allow_blank=True)
    explanation = serializers.CharField(required=False, allow_blank=True)
    preset = serializers.ChoiceField(choices=["paper"], required=False)
    methods = serializers.ListField(child=serializers.CharField(), required=False, min_length=2)
    group = serializers.CharField(required=False, help_text="Only methods of this base model.")
    across_groups = serializers.BooleanField(required=False)
    against = serializers.CharField(required=False)
    opponents = serializers.IntegerField(required=False, min_value=2)
    items = serializers.IntegerField(required=False, min_value=1)
    judges_per_comparison = serializers.IntegerField(required=False, min_value=1)
    threshold = serializers.FloatField(required=False, min_value=0, max_value=1)
    seed = serializers.IntegerField(required=False, min_value=0)
    labels_first = serializers.ChoiceField(choices=Protocol.LabelsFirst.values, required=False)
    identical = serializers.ChoiceField(choices=Protocol.Identical.values, required=False)
    label_order = serializers.ChoiceField(choices=Protocol.LabelOrder.values, required=False)
    outputs_as = serializers.ChoiceField(choices=Protocol.OutputsAs.values, required=False)
    offers_marks = serializers.BooleanField(required=False)
    repeat_share = serializers.FloatField(required=False, min_value=0, max_value=0.5)
    quota = serializers.IntegerField(required=False, min_value=1)
    break_every = serializers.IntegerField(required=False, min_value=0)
    open = serializers.BooleanField(required=False, default=False)
    dry_run = serializers.BooleanField(required=False, default=False)


class PlannedCampaignSchema(CampaignSchema):
    n_comparisons = serializers.IntegerField()
    n_judgments = serializers.IntegerField()
    hours = serializers.FloatField(help_text="Expected time of all judges together.")
    notes = serializers.ListField(child=serializers.CharField())


class CampaignStateSchema(ClosedList):
    state = serializers.ChoiceField(choices=Campaign.State.values)


class TextToLabelSchema(serializers.Serializer[object]):
    assignment = serializers.UUIDField(allow_null=True, help_text="null: there is no text now.")
    waiting = serializers.CharField(help_text="Why: done, quota, nothing_now, paused or closed; else blank.")
    texts = serializers.DictField(child=serializers.CharField())
    lang = serializers.CharField()
    guideline_version = serializers.IntegerField(allow_null=True)


class StoredAnswerSchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    chosen = serializers.DictField(help_text="Label keys with certainties from 0 to 1, or null.")
    rejected = serializers.DictField()
    no_label_applies = serializers.BooleanField()
    facts_insufficient = serializers.BooleanField()
    guideline_unclear = serializers.BooleanField()
    skipped = serializers.BooleanField()
    reason = serializers.CharField()
    comment = serializers.CharField()
    submitted_at = serializers.DateTimeField()


class ShownSideSchema(serializers.Serializer[object]):
    """An output as a judge sees it."""

    labels = serializers.DictField(
        child=serializers.FloatField(), help_text="Shares of two digits, in the order shown."
    )
    text = serializers.CharField(allow_null=True)


class PairToJudgeSchema(serializers.Serializer[object]):
    exposure = serializers.UUIDField(allow_null=True, help_text="null: there is no pair now.")
    waiting = serializers.CharField(
        help_text="Why: done, quota, nothing_now, paused, closed, seen_results or labels_first; else blank."
    )
    question = serializers.CharField()
    texts = serializers.DictField(child=serializers.CharField())
    left = ShownSideSchema(allow_null=True)
    right = ShownSideSchema(allow_null=True)


class StoredVerdictSchema(serializers.Serializer[object]):
    uuid = serializers.UUIDField()
    verdict = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)
    reason = serializers.CharField()
    submitted_at = serializers.DateTimeField()


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


class NewBundleSchema(ClosedList):
    as_of = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=60, help_text="Blank: now."
    )
    names = serializers.BooleanField(
        required=False, default=False, help_text="Names, not pseudonyms; needs the scope people."
    )
    round_times = serializers.BooleanField(
        required=False, default=False, help_text="Times rounded to the hour."
    )
    without_free_text = serializers.BooleanField(
        required=False, default=False, help_text="Leave out reasons and comments."
    )


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
