"""Scores of systems and worked examples of WMT's metrics tasks."""

from __future__ import annotations

from math import nan
from typing import Final

# WMT19 English to German, 22 systems (file DA-newstest2019-ende-sys-nohy-scores.csv of nitikam/tangled, the data of
# Mathur, Baldwin and Cohn 2020): mean human score, BLEU and sacreBLEU.
WMT19_EN_DE_HUMAN: Final = (
    0.213, 0.094, 0.214, 0.001, 0.296, 0.094, 0.119, 0.208, 0.189, 0.347, -1.769,
    0.081, 0.077, -0.129, 0.01, 0.13, -0.4, -0.072, 0.038, -0.119, 0.311, -0.132,
)  # fmt: skip
WMT19_EN_DE_BLEU: Final = (
    0.1807, 0.1846, 0.1861, 0.1639, 0.1861, 0.1807, 0.1774, 0.1844, 0.1741, 0.1803, 0.0803,
    0.1761, 0.1777, 0.1678, 0.1748, 0.1755, 0.1301, 0.1706, 0.1793, 0.1726, 0.1564, 0.1597,
)  # fmt: skip
WMT19_EN_DE_SACREBLEU: Final = (
    0.4458, 0.4470, 0.4639, 0.3881, 0.4517, 0.4195, 0.4377, 0.4497, 0.4284, 0.4406, 0.1718,
    0.4390, 0.4303, 0.3988, 0.4191, 0.4347, 0.3233, 0.4224, 0.4344, 0.4027, 0.4514, 0.3721,
)  # fmt: skip
# Places of the systems that the rule of the source leaves out: en_de_task and online-X.
WMT19_EN_DE_OUTLIERS: Final = (10, 16)
# Pearson's r with all systems, as printed in the results of WMT19 (Ma et al. 2019).
WMT19_EN_DE_R: Final = {"BLEU": 0.921, "sacreBLEU": 0.969}

# Tests of google-research/mt-metrics-eval: stats_test.py, two systems with three items each, and the values that
# Correlation.Pearson and Correlation.Kendall give to three digits.
TWO_SYSTEMS_HUMAN: Final = ((1, 2, 3), (4, 5, 6))
TWO_SYSTEMS_METRIC: Final = ((2, 1, 4), (3, 3, 7))
TWO_SYSTEMS_VALUES: Final = {
    "none": {"pearson": 0.776, "kendall_tau_b": 0.552},
    "system": {"pearson": 0.760, "kendall_tau_b": 0.575},
    "item": {"pearson": 1.0, "kendall_tau_b": 1.0},
}
# tau_optimization_test.py, test_regression_example: accuracy at each threshold, rows as groups.
OPTIMISED_METRIC: Final = (
    (0, 5, 2, 3, 2), (nan, 2, 1, 5, 3), (9, 1, 5, 3, 8), (9, 3, 4, 4, 1), (nan, nan, nan, nan, nan),
)  # fmt: skip
OPTIMISED_HUMAN: Final = (
    (1, 5, 2, 1, 1), (4, 2, 2, 1, 4), (5, 9, 2, 8, 7), (7, 6, nan, 3, 2), (nan, nan, nan, nan, nan),
)  # fmt: skip
OPTIMISED_ACCURACY: Final = 0.4916666666666668
OPTIMISED_THRESHOLD: Final = 1
UNOPTIMISED_ACCURACY: Final = 0.4666666666666667
# stats_test.py, testKendallWithTiesOpt: one vector of five, 7 of 10 pairs at the best threshold and 6 at 0.
FIVE_HUMAN: Final = (1, 2, 2, 3, 4)
FIVE_METRIC: Final = (2, 1, 1.5, 5, 3)
FIVE_ACCURACY: Final = 0.7
FIVE_UNOPTIMISED: Final = 0.6
# The example in the documentation of compute_pairwise_p_values: of all 32 exchanges one is as large as the difference.
PAIRED_SCORES: Final = ((0.8, 0.9, 0.7, 1.0, 0.6), (0.2, 0.3, 0.1, 0.4, 0.0))
PAIRED_DIFFERENCE: Final = 3.0
PAIRED_P: Final = 1 / 32
