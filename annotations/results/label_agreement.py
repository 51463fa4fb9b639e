"""How far annotators agree, as its snapshot stores it."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.models import LabelAgreement
from hlv.core.stored_results import read, stored_as
from hlv.stats.agreement import agreement_report


@stored_as("agreement of annotators")
@dataclass(frozen=True, kw_only=True)
class LabelAgreementResult(agreement_report.LabelAgreement):
    seed: int = 0


def read_label_agreement(snapshot: LabelAgreement) -> LabelAgreementResult:
    return read(LabelAgreementResult, snapshot)
