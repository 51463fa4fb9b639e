"""Agreement among annotators: percent, Cohen, Fleiss, Krippendorff and Gwet, with intervals over items.

`label_agreement` takes integer arrays of answers and returns all coefficients. The single coefficients
(`krippendorff_alpha`, `fleiss_kappa`, ...) take a table of counts and return one number, or raise
`UndefinedAgreementError`.

Every coefficient is a function of sums over items. A resample of items is a vector of weights, so many resamples
are one product of a weight matrix and a table of per-item parts.
"""

from hlv.stats.agreement.agreement_report import (
    Coefficient,
    Coefficients,
    LabelAgreement,
    label_agreement,
    label_agreement_of_answers,
)
from hlv.stats.agreement.annotator_agreement import AnnotatorAgreement, annotator_agreement
from hlv.stats.agreement.answer_arrays import Answers, Entered, InvalidAnswersError
from hlv.stats.agreement.coefficients import (
    UndefinedAgreementError,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from hlv.stats.agreement.krippendorff import SET_DISTANCES, jaccard_distance, masi_distance
from hlv.stats.agreement.span_agreement import SpanAgreement, span_agreement, span_f1

__all__ = [
    "SET_DISTANCES",
    "AnnotatorAgreement",
    "Answers",
    "Coefficient",
    "Coefficients",
    "Entered",
    "InvalidAnswersError",
    "LabelAgreement",
    "SpanAgreement",
    "UndefinedAgreementError",
    "annotator_agreement",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "jaccard_distance",
    "krippendorff_alpha",
    "label_agreement",
    "label_agreement_of_answers",
    "masi_distance",
    "percent_agreement",
    "span_agreement",
    "span_f1",
]
