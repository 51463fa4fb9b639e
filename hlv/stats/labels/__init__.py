"""Human label distributions: shares of annotators, weights by certainty, entropy, and the progress of annotation."""

from hlv.stats.labels.completion_forecast import NoProjectionError, Projection, projected_end
from hlv.stats.labels.distributions import (
    InvalidDistributionError,
    Task,
    UndefinedDistributionError,
    certainty_weighted_multilabel_distributions,
    certainty_weighted_single_label_distributions,
    entropy_in_nats,
    multilabel_distributions,
    normalised_entropy,
    single_label_distributions,
)
from hlv.stats.labels.quota_allocation import allocate_quotas

__all__ = [
    "InvalidDistributionError",
    "NoProjectionError",
    "Projection",
    "Task",
    "UndefinedDistributionError",
    "allocate_quotas",
    "certainty_weighted_multilabel_distributions",
    "certainty_weighted_single_label_distributions",
    "entropy_in_nats",
    "multilabel_distributions",
    "normalised_entropy",
    "projected_end",
    "single_label_distributions",
]
