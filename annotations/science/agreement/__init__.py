"""Agreement among annotators: percent, Cohen, Fleiss, Krippendorff and Gwet, with intervals over items.

`label_agreement` takes integer arrays of answers and returns everything at once. The single coefficients
(`krippendorff_alpha`, `fleiss_kappa`, ...) take a table of counts and return one number, or raise
`UndefinedAgreementError`.

Every coefficient is a function of sums over items. A resample of items is a vector of weights, so many resamples
are one product of a weight matrix and a table of per-item parts. A single coefficient takes the sums at once (`count_table`).
"""

from annotations.science.agreement.answers import Answers, Entered, InvalidAnswersError
from annotations.science.agreement.coefficients import (
    UndefinedAgreementError,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from annotations.science.agreement.report import agreement_of_answers, label_agreement
from annotations.science.agreement.result import Coefficient, Coefficients, LabelAgreement
from annotations.science.agreement.set_distances import SET_DISTANCES, jaccard_distance, masi_distance

__all__ = [
    "SET_DISTANCES",
    "Answers",
    "Coefficient",
    "Coefficients",
    "Entered",
    "InvalidAnswersError",
    "LabelAgreement",
    "UndefinedAgreementError",
    "agreement_of_answers",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "jaccard_distance",
    "krippendorff_alpha",
    "label_agreement",
    "masi_distance",
    "percent_agreement",
]
