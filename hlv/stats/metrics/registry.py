"""Every automatic metric by name.

A new metric is an entry in one of the families below; it then takes part in the property tests, the commands and
the pages without more work.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hlv.stats.labels.distributions import InvalidDistributionError, Task
from hlv.stats.metrics.distances import CALIBRATION_METRICS, DISTANCES
from hlv.stats.metrics.hard import HARD_METRICS
from hlv.stats.metrics.metric import Metric, Statistic, UndefinedScoreError, UnsupportedTaskError
from hlv.stats.metrics.perspectives import PERSPECTIVES
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.soft import SOFT_METRICS

__all__ = [
    "METRICS",
    "InvalidDistributionError",
    "Metric",
    "Statistic",
    "Targets",
    "Task",
    "UndefinedScoreError",
    "UnsupportedTaskError",
    "metrics_for",
]

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (*HARD_METRICS, *SOFT_METRICS, *DISTANCES, *CALIBRATION_METRICS, *PERSPECTIVES)
    }
)


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """Metrics that are defined for a kind of task, in the order of the registry.

    Examples
    --------
    >>> from hlv.stats.metrics import METRICS, metrics_for
    >>> human, output = [[0.75, 0.25], [0.5, 0.5]], [[1.0, 0.0], [0.5, 0.5]]
    >>> METRICS["soft_accuracy"].score(human, output, task="single")
    0.875
    >>> round(METRICS["po_jsd"].score(human, output, task="single"), 3)
    0.931
    >>> "wasserstein_distance" in {metric.name for metric in metrics_for("single")}
    False
    """
    return tuple(metric for metric in METRICS.values() if task in metric.tasks)
