"""Answers of annotators that were printed, and their coefficients."""

from __future__ import annotations

from fractions import Fraction
from typing import Final


def _row(answers: str) -> list[str | None]:
    """A letter or digit for each item, a point for no answer."""
    return [None if answer == "." else answer for answer in answers]


# Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania, examples A, B, C. A row
# for each observer. Printed: 0.095; 0.692; of C nominal 0.743, ordinal 0.815.
KRIPPENDORFF_A: Final = [_row("0100000010"), _row("1110010000")]
KRIPPENDORFF_A_ALPHA: Final = Fraction(2, 21)
KRIPPENDORFF_B: Final = [_row("aabbdcccedda"), _row("babbbccceddd")]
KRIPPENDORFF_B_ALPHA: Final = Fraction(155, 224)
KRIPPENDORFF_C: Final = [
    _row("123321412..."),
    _row("1233224125.3"),
    _row(".3332342251."),
    _row("12332441251."),
]
KRIPPENDORFF_C_ALPHA: Final = Fraction(113, 152)
KRIPPENDORFF_C_ORDINAL: Final = 0.8153875037548814

# Gwet, K. L. (2014). Handbook of Inter-Rater Reliability (4th ed.): the same table; irrCAC 0.4.4 prints 0.77544, 0.76117
# and 0.81818.
GWET_AC1: Final = Fraction(31825, 41041)
GWET_FLEISS: Final = Fraction(7343, 9647)
GWET_PERCENT: Final = Fraction(9, 11)

# Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. British Journal
# of Mathematical and Statistical Psychology 61, 29-48: high agreement, kappa below 0.
PARADOX: Final = [[118, 5], [2, 0]]
PARADOX_AC1: Final = Fraction(27799, 29549)
PARADOX_KAPPA: Final = Fraction(-4, 171)
PARADOX_PERCENT: Final = Fraction(118, 125)

# Table "cont3x3abstractors" of the R package irrCAC, whose overview prints kappa 0.7964094 and pi 0.7962397.
ABSTRACTORS: Final = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
ABSTRACTORS_KAPPA: Final = Fraction(4303, 5403)
ABSTRACTORS_PI: Final = Fraction(8597, 10797)
ABSTRACTORS_AC1: Final = Fraction(24803, 29203)
ABSTRACTORS_PERCENT: Final = Fraction(89, 100)

# Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 37-46.
COHEN: Final = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
COHEN_KAPPA: Final = Fraction(29, 59)
COHEN_PERCENT: Final = Fraction(7, 10)

# Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin 76, 378-382: six
# psychiatrists on each of thirty patients. How many chose each diagnosis, a digit each; kappa 0.430 is printed.
DIAGNOSES: Final = ("depression", "personality disorder", "schizophrenia", "neurosis", "other")
PATIENTS: Final = [
    [int(digit) for digit in patient]
    for patient in [
        "00060",
        "03003",
        "01401",
        "00006",
        "03030",
        "20400",
        "00402",
        "20310",
        "20040",
        "00006",
        "10050",
        "11040",
        "03300",
        "10050",
        "02031",
        "00501",
        "30012",
        "51000",
        "02040",
        "10203",
        "00006",
        "01050",
        "02013",
        "20040",
        "10041",
        "05010",
        "40002",
        "02040",
        "10500",
        "00006",
    ]
]
PATIENTS_KAPPA: Final = Fraction(5437, 12637)
PATIENTS_PERCENT: Final = Fraction(5, 9)
PATIENTS_KAPPA_OF_EACH: Final = (0.2448, 0.2448, 0.5200, 0.4711, 0.5661)

# The example of the article "Fleiss' kappa" of Wikipedia, fourteen raters, which prints 0.210.
FOURTEEN_RATERS: Final = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
FOURTEEN_RATERS_KAPPA: Final = Fraction(4211, 20059)
