"""The judges: how they agree, how steady they are, which side they like, and how far they can be relied on.

Arrays over judges go by rising code. What a judge's judgments do not determine is NaN, and the result's
`undetermined` says why, judge by judge; where nothing can be said of any judge, `UndeterminedJudgesError` is raised.
"""

from hlv.stats.raters.crowd_bt import CrowdBradleyTerry, crowd_posterior, fit_crowd_bt
from hlv.stats.raters.infit_outfit import InfitOutfit, infit_outfit
from hlv.stats.raters.leave_one_rater_out import LeaveOneOut, fit_with_equal_judges, leave_one_judge_out
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
    "RandomRaterTest",
    "RaterCounts",
    "SelfConsistency",
    "SharedAgreement",
    "SideBias",
    "UndeterminedJudgesError",
    "agreement_intervals",
    "crowd_posterior",
    "describe_judges",
    "fit_crowd_bt",
    "fit_with_equal_judges",
    "infit_outfit",
    "judge_triads",
    "leave_one_judge_out",
    "random_rater_test",
    "self_consistency",
    "shared_agreement",
    "side_bias",
]
