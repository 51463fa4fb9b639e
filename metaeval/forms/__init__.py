"""What may come in by forms, in words when it may not."""

from metaeval.forms.campaigns import (
    PRESETS,
    CampaignForm,
    ComparisonFilter,
    ComputeForm,
    ComputeRequest,
    PlanForm,
)
from metaeval.forms.judging import (
    CANNOT,
    LONGEST_REASON,
    VERDICT_BUTTONS,
    VERDICT_WORDS,
    EnteredVerdict,
    LabelChoice,
    LabelsForm,
    VerdictForm,
    first_entries,
)

__all__ = [
    "CANNOT",
    "LONGEST_REASON",
    "PRESETS",
    "VERDICT_BUTTONS",
    "VERDICT_WORDS",
    "CampaignForm",
    "ComparisonFilter",
    "ComputeForm",
    "ComputeRequest",
    "EnteredVerdict",
    "LabelChoice",
    "LabelsForm",
    "PlanForm",
    "VerdictForm",
    "first_entries",
]
