"""Judges: agreement, consistency, side bias, fit to the consensus, reliability, and the noise ceiling.

Arrays over judges are ordered by rising code. What the judgments do not determine is NaN, and `undetermined` of the
result gives the reason for each judge. Without any result for any judge, `UndeterminedJudgesError` is raised.
"""

from hlv.stats.raters.crowd_bt import CrowdBradleyTerry, crowd_posterior, fit_crowd_bt
from hlv.stats.raters.infit_outfit import InfitOutfit, infit_outfit
from hlv.stats.raters.leave_one_rater_out import LeaveOneOut, fit_with_equal_judges, leave_one_judge_out
from hlv.stats.raters.noise_ceiling import NoiseCeiling, UndeterminedCeilingError, noise_ceiling
from hlv.stats.raters.random_rater_test import RandomRaterTest, random_rater_test
from hlv.stats.raters.rater_agreement_interval import AgreementIntervals, agreement_intervals
from hlv.stats.raters.rater_consistency import (
    JudgeTriads,
    SelfConsistency,
    SharedAgreement,
    judge_triads,
    self_consistency,
    shared_agreement,
)
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.raters.rater_report import JudgesReport, describe_judges
from hlv.stats.raters.side_bias import SideBias, side_bias

__all__ = [
    "AgreementIntervals",
    "CrowdBradleyTerry",
    "InfitOutfit",
    "JudgeTriads",
    "JudgesReport",
    "LeaveOneOut",
    "NoiseCeiling",
    "RandomRaterTest",
    "RaterCounts",
    "SelfConsistency",
    "SharedAgreement",
    "SideBias",
    "UndeterminedCeilingError",
    "UndeterminedJudgesError",
    "agreement_intervals",
    "crowd_posterior",
    "describe_judges",
    "fit_crowd_bt",
    "fit_with_equal_judges",
    "infit_outfit",
    "judge_triads",
    "leave_one_judge_out",
    "noise_ceiling",
    "random_rater_test",
    "self_consistency",
    "shared_agreement",
    "side_bias",
]
