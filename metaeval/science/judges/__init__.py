"""The judges: how they agree, how steady they are, which side they like, and how far they can be relied on.

Arrays over judges go by rising code. What a judge's judgments do not determine is NaN, and the result's
`undetermined` says why, judge by judge; where nothing can be said of any judge, `UndeterminedJudgesError` is raised.
"""

from metaeval.science.judges.agreement_interval import AgreementIntervals, agreement_intervals
from metaeval.science.judges.boards import JudgeBoards, UndeterminedJudgesError
from metaeval.science.judges.coin import CoinEvidence, coin_evidence
from metaeval.science.judges.consensus import ConsensusFit, consensus_fit
from metaeval.science.judges.consistency import (
    SelfConsistency,
    SharedAgreement,
    self_consistency,
    shared_agreement,
)
from metaeval.science.judges.crowd_bt import CrowdBradleyTerry, fit_crowd_bt
from metaeval.science.judges.crowd_posterior import crowd_posterior
from metaeval.science.judges.equal_weights import fit_with_equal_judges
from metaeval.science.judges.leave_one_out import LeaveOneOut, leave_one_judge_out
from metaeval.science.judges.report import JudgesReport, describe_judges
from metaeval.science.judges.side_bias import SideBias, side_bias
from metaeval.science.judges.triads import JudgeTriads, judge_triads

__all__ = [
    "AgreementIntervals",
    "CoinEvidence",
    "ConsensusFit",
    "CrowdBradleyTerry",
    "JudgeBoards",
    "JudgeTriads",
    "JudgesReport",
    "LeaveOneOut",
    "SelfConsistency",
    "SharedAgreement",
    "SideBias",
    "UndeterminedJudgesError",
    "agreement_intervals",
    "coin_evidence",
    "consensus_fit",
    "crowd_posterior",
    "describe_judges",
    "fit_crowd_bt",
    "fit_with_equal_judges",
    "judge_triads",
    "leave_one_judge_out",
    "self_consistency",
    "shared_agreement",
    "side_bias",
]
