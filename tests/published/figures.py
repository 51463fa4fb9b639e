"""Printed numbers of tests and of single metrics."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

# Steiger, J. H. (1980). Tests for comparing elements of a correlation matrix. Psychological Bulletin 87, 245-251: case A,
# also an example of r.test in the R package psych, t = -0.89 and p = 0.37.
STEIGER_N: Final = 103
STEIGER_R12: Final = 0.4
STEIGER_R13: Final = 0.5
STEIGER_R23: Final = 0.1
STEIGER_T: Final = -0.8912799047605414
STEIGER_DEGREES: Final = 100
STEIGER_P: Final = 0.3749185174912553

# Kendall, M. G. (1938). A new measure of rank correlation. Biometrika 30, 81-93: without ties, of so many methods the
# smallest |tau| with a two-sided p of at most .05, and that p; inversions counted. Of four none is.
SMALLEST_TAU: Final = {
    4: None,
    5: (1.0, 0.016667),
    6: (0.8667, 0.016667),
    7: (0.7143, 0.030159),
    8: (0.6429, 0.031151),
    9: (0.5556, 0.044615),
    10: (0.5111, 0.046623),
    13: (0.4359, 0.042182),
    14: (0.4066, 0.047176),
    30: (0.2552, 0.049077),
}

# Tests of the code of Kurniawan et al. 2025, Training and evaluating with human label variation (kmkurn/train-eval-hlv).
SHARES_OF_PEOPLE: Final = (0.2, 0.8)
SHARES_OF_A_MODEL: Final = (0.6, 0.4)
PO_JSD: Final = 0.875488750216347
SOFT_ACCURACY: Final = 0.6
# The first label wins a tie: right there, wrong once both labels are swapped.
TIED_PEOPLE: Final = (0.5, 0.5)
CERTAIN_MODEL: Final = (0.6, 0.4)
TIED_ACCURACY: Final = 1
TIED_ACCURACY_SWAPPED: Final = 0

# Of 190 tests at .05, the smallest adjusted p of 1,000 permutations, and the permutations that reach .05.
HOLM_TESTS: Final = 190
HOLM_PERMUTATIONS: Final = 1000
HOLM_SMALLEST_P: Final = Fraction(190, 1001)
HOLM_NEEDED: Final = 3799
