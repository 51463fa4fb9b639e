"""Comparisons and verdicts: who is shown which pair on which side, and how what is said is stored once."""

from metaeval.services.judging.labels_first import LabelsGiven, record_labelling
from metaeval.services.judging.presentation import (
    low_goes_left,
    next_exposure,
    show_exposure,
    take_back_changed,
)
from metaeval.services.judging.verdicts import (
    VERDICTS,
    InvalidVerdictError,
    OutputsChangedError,
    VerdictGiven,
    check_verdict,
    record_judgment,
)

__all__ = [
    "VERDICTS",
    "InvalidVerdictError",
    "LabelsGiven",
    "OutputsChangedError",
    "VerdictGiven",
    "check_verdict",
    "low_goes_left",
    "next_exposure",
    "record_judgment",
    "record_labelling",
    "show_exposure",
    "take_back_changed",
]
