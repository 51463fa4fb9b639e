"""Statistics of human label variation and meta-evaluation: a library that needs numpy and scipy only.

The functions here take lists, arrays, and columns of pandas or polars, and return results with intervals that show
themselves as text, notebook table, data frame or figure:

| question | function |
|---|---|
| what did people answer | `label_distributions` |
| how far do annotators agree | `label_agreement`, `krippendorff_alpha` |
| how good are predictions | `soft_micro_f1`, `po_jsd` and every other metric, `score_methods` |
| which method is better | `rank_methods`, `fit_bradley_terry` |
| which metric agrees with people | `metric_agreement` |
| how many judgments does a campaign need | `campaign_power` |

The packages take integer arrays, as the web application does:

| package | content |
|---|---|
| `labels` | human label distributions, entropy, progress of annotation |
| `agreement` | agreement among annotators: percent, Cohen, Fleiss, Krippendorff, Gwet |
| `metrics` | automatic metrics of outputs against human distributions |
| `pairwise` | rankings from pairwise judgments, with intervals |
| `raters` | the judges: agreement, consistency, side bias, reliability |
| `meta_evaluation` | agreement of metrics with human rankings |
| `power` | power analysis and designs of judging campaigns |
| `training` | training methods on human label variation, heads on fixed features, tables of methods |
| `resampling` | bootstrap weights and percentile intervals |

All of it loads when it is first used, so that `import hlv.stats` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hlv.stats import (
        agreement,
        labels,
        meta_evaluation,
        metrics,
        pairwise,
        power,
        raters,
        resampling,
        training,
    )
    from hlv.stats.frames.annotator_agreement import AnnotatorAgreement, krippendorff_alpha, label_agreement
    from hlv.stats.frames.campaign_power import CampaignPower, campaign_power
    from hlv.stats.frames.columns import InvalidColumnError
    from hlv.stats.frames.label_distributions import LabelDistributions, label_distributions
    from hlv.stats.frames.metric_agreements import AgreementOfMetrics, metric_agreement
    from hlv.stats.frames.metric_functions import (
        brier_loss,
        dist_ce,
        ent_ce,
        entropy_correlation,
        hard_accuracy,
        hard_macro_f1,
        hard_macro_precision,
        hard_macro_recall,
        hard_micro_f1,
        hellinger_distance,
        jensen_shannon_distance,
        kl_divergence,
        manhattan_distance,
        perspectivist_error_rate,
        po_jsd,
        rank_cs,
        reverse_kl_divergence,
        rmse,
        soft_accuracy,
        soft_cross_entropy,
        soft_macro_f1,
        soft_macro_precision,
        soft_macro_recall,
        soft_micro_f1,
        total_variation_distance,
        wasserstein_distance,
    )
    from hlv.stats.frames.rankings import MethodRanking, rank_methods
    from hlv.stats.frames.scores import MethodScores, Score, score_methods
    from hlv.stats.pairwise.bradley_terry import fit_bradley_terry

PACKAGES = (
    "agreement",
    "labels",
    "meta_evaluation",
    "metrics",
    "pairwise",
    "power",
    "raters",
    "resampling",
    "training",
)
# The names of each module.
_NAMES = {
    "frames.campaign_power": ("CampaignPower", "campaign_power"),
    "frames.annotator_agreement": (
        "AnnotatorAgreement",
        "krippendorff_alpha",
        "label_agreement",
    ),
    "frames.columns": ("InvalidColumnError",),
    "frames.label_distributions": (
        "LabelDistributions",
        "label_distributions",
    ),
    "frames.metric_agreements": (
        "AgreementOfMetrics",
        "metric_agreement",
    ),
    "frames.metric_functions": (
        "brier_loss",
        "dist_ce",
        "ent_ce",
        "entropy_correlation",
        "hard_accuracy",
        "hard_macro_f1",
        "hard_macro_precision",
        "hard_macro_recall",
        "hard_micro_f1",
        "hellinger_distance",
        "jensen_shannon_distance",
        "kl_divergence",
        "manhattan_distance",
        "perspectivist_error_rate",
        "po_jsd",
        "rank_cs",
        "reverse_kl_divergence",
        "rmse",
        "soft_accuracy",
        "soft_cross_entropy",
        "soft_macro_f1",
        "soft_macro_precision",
        "soft_macro_recall",
        "soft_micro_f1",
        "total_variation_distance",
        "wasserstein_distance",
    ),
    "frames.rankings": (
        "MethodRanking",
        "rank_methods",
    ),
    "frames.scores": (
        "MethodScores",
        "Score",
        "score_methods",
    ),
    "pairwise.bradley_terry": ("fit_bradley_terry",),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "AgreementOfMetrics",
    "AnnotatorAgreement",
    "CampaignPower",
    "InvalidColumnError",
    "LabelDistributions",
    "MethodRanking",
    "MethodScores",
    "Score",
    "agreement",
    "brier_loss",
    "campaign_power",
    "dist_ce",
    "ent_ce",
    "entropy_correlation",
    "fit_bradley_terry",
    "hard_accuracy",
    "hard_macro_f1",
    "hard_macro_precision",
    "hard_macro_recall",
    "hard_micro_f1",
    "hellinger_distance",
    "jensen_shannon_distance",
    "kl_divergence",
    "krippendorff_alpha",
    "label_agreement",
    "label_distributions",
    "labels",
    "manhattan_distance",
    "meta_evaluation",
    "metric_agreement",
    "metrics",
    "pairwise",
    "perspectivist_error_rate",
    "po_jsd",
    "power",
    "rank_cs",
    "rank_methods",
    "raters",
    "resampling",
    "reverse_kl_divergence",
    "rmse",
    "score_methods",
    "soft_accuracy",
    "soft_cross_entropy",
    "soft_macro_f1",
    "soft_macro_precision",
    "soft_macro_recall",
    "soft_micro_f1",
    "total_variation_distance",
    "training",
    "wasserstein_distance",
]


def __getattr__(name: str) -> Any:
    if name in PACKAGES:
        return import_module(f"{__name__}.{name}")
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
