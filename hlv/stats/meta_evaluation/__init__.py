"""Agreement of automatic metrics with human rankings, differences between metrics, and their uncertainty.

`agree` gives each metric's correlations with people, with intervals and permutation tests. `metric_differences`
compares metrics with each other. `judgment_agreement` compares a metric with single verdicts.
"""

from hlv.stats.meta_evaluation.agreement_interval import AgreementPosterior, agreement_posterior
from hlv.stats.meta_evaluation.agreement_result import (
    Agreement,
    HumanScores,
    MetricAgreement,
    MetricDifferences,
    MetricScores,
    ScoreErrors,
    UndeterminedDifferencesError,
)
from hlv.stats.meta_evaluation.errors_in_variables import UndeterminedAgreementIntervalError
from hlv.stats.meta_evaluation.group_means import GroupMeans, MethodGroup, agree_over_groups
from hlv.stats.meta_evaluation.judgment_agreement import (
    JudgmentAgreement,
    UndeterminedJudgmentsError,
    judgment_agreement,
)
from hlv.stats.meta_evaluation.method_resampling import (
    LeaveOneMethodOut,
    UndeterminedAgreementError,
    leave_one_method_out,
)
from hlv.stats.meta_evaluation.metric_agreement import agree, human_scores
from hlv.stats.meta_evaluation.metric_differences import compared_metric, metric_differences
from hlv.stats.meta_evaluation.paired_permutation import swap_p_values
from hlv.stats.meta_evaluation.permutation import (
    Permutations,
    correlation_p_values,
    method_permutations,
    smallest_p_value,
)
from hlv.stats.meta_evaluation.shared_systems import shared_systems
from hlv.stats.meta_evaluation.system_generalization import SystemGeneralization, compare_across_systems
from hlv.stats.meta_evaluation.williams import UndeterminedWilliamsError, WilliamsTest, williams_test

__all__ = [
    "Agreement",
    "AgreementPosterior",
    "GroupMeans",
    "HumanScores",
    "JudgmentAgreement",
    "LeaveOneMethodOut",
    "MethodGroup",
    "MetricAgreement",
    "MetricDifferences",
    "MetricScores",
    "Permutations",
    "ScoreErrors",
    "SystemGeneralization",
    "UndeterminedAgreementError",
    "UndeterminedAgreementIntervalError",
    "UndeterminedDifferencesError",
    "UndeterminedJudgmentsError",
    "UndeterminedWilliamsError",
    "WilliamsTest",
    "agree",
    "agree_over_groups",
    "agreement_posterior",
    "compare_across_systems",
    "compared_metric",
    "correlation_p_values",
    "human_scores",
    "judgment_agreement",
    "leave_one_method_out",
    "method_permutations",
    "metric_differences",
    "shared_systems",
    "smallest_p_value",
    "swap_p_values",
    "williams_test",
]
