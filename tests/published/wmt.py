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

# WMT19 German to English, 16 systems (DA-newstest2019-deen-sys-nohy-scores.csv, as above): mean human score and scores
# of metrics, some of which fall with quality.
WMT19_DE_EN_HUMAN: Final = (
    0.011, -0.192, 0.086, 0.05, 0.121, -0.128, 0.136, 0.136, 0.066, 0.146, 0.009, -0.051, 0.066, 0.006, 0.067, 0.039,
)  # fmt: skip
WMT19_DE_EN_METRICS: Final = {
    "LASIM": (
        0.9104067648, 0.90967849895, 0.908842652655, 0.907588961545, 0.914098718825, 0.902912214305, 0.91037930611,
        0.912917221255, 0.90845023988, 0.90352000633, 0.912774817645, 0.907231696855, 0.91010032901, 0.9109522696,
        0.908207282335, 0.91418499775,
    ),
    "LP": (
        2.197692, 2.2901505, 2.02833, 2.260343, 2.0396695, 2.2230895, 2.1066875, 2.030034, 2.0448775, 2.250546,
        2.2220405, 2.115494, 2.121809, 2.031529, 2.0855715, 1.9892985,
    ),
    "TER": (
        0.5182, 0.4594, 0.5299, 0.5186, 0.5969, 0.4765, 0.5442, 0.5748, 0.5431, 0.5538, 0.5513, 0.4974, 0.5416, 0.5100,
        0.5423, 0.5568,
    ),
    "ibm1-morpheme": (
        -243518.429694, -208518.057394, -228018.514936, -235018.640595, -217018.007656, -211018.391689, -212018.413677,
        -218018.43685, -220018.414051, -236018.75115, -226019.038295, -206518.07759, -226018.389021, -225518.136323,
        -234018.334154, -198518.373581,
    ),
    "sacreBLEU-BLEU": (
        0.3686, 0.3474, 0.3930, 0.3855, 0.4686, 0.3361, 0.4130, 0.4424, 0.4148, 0.4217, 0.4108, 0.3809, 0.4192, 0.3607,
        0.4077, 0.4226,
    ),
}  # fmt: skip
# |r| with all systems, to three digits, and the sign of r.
WMT19_DE_EN_ABSOLUTE_R: Final = {
    "LASIM": (0.247, 1), "LP": (0.474, -1), "TER": (0.874, 1), "ibm1-morpheme": (0.345, -1), "sacreBLEU-BLEU": (0.813, 1),
}  # fmt: skip
