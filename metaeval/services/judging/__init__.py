"""Comparisons and verdicts: who is shown which pair on which side, and how what is said is stored once."""

from metaeval.services.judging.labels_first import SubmittedLabels, record_labelling
from metaeval.services.judging.presentation import (
    lower_key_left,
    next_exposure,
    show_exposure,
    take_back_changed,
)
from metaeval.services.judging.verdicts import (
    VERDICTS,
    InvalidVerdictError,
    OutputsChangedError,
    SubmittedVerdict,
    check_verdict,
    record_judgment,
)

__all__ = [
    "VERDICTS",
    "InvalidVerdictError",
    "OutputsChangedError",
    "SubmittedLabels",
    "SubmittedVerdict",
    "check_verdict",
    "lower_key_left",
    "next_exposure",
    "record_judgment",
    "record_labelling",
    "show_exposure",
    "take_back_changed",
]
