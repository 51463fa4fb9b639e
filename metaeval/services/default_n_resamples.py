"""How many resamples a metric agreement takes where nobody says: more metrics need more to be told apart."""

from __future__ import annotations

from math import ceil, comb
from typing import Final

from annotations.models import Study
from hlv.stats.labels.distributions import checked_task
from hlv.stats.metrics.registry import metrics_for
from metaeval.models import AutomaticJudge, Method, Metric
from metaeval.results.ranking_options import FEWEST_RESAMPLES

# No resample decides alone what is told apart at .05: the smallest p that Holm's rule can leave lies well below.
SMALLEST_ADJUSTED_P: Final = 0.01
# What is drawn of each metric and method, and of each text, is held in memory: so many numbers at most.
MOST_SCORES: Final = 20_000_000
MOST_WEIGHTS: Final = 50_000_000


def enough_resamples(*, n_different: int, n_metrics: int, n_methods: int, n_items: int) -> int:
    """For `n_different` metrics, copies once, with a floor of the adjusted p of at most `SMALLEST_ADJUSTED_P`.

    Of many metrics, methods or texts fewer are affordable, but never fewer than `FEWEST_RESAMPLES`.
    """
    wanted = ceil(round(2 * comb(n_different, 2) / SMALLEST_ADJUSTED_P, 6))
    affordable = min(MOST_SCORES // max(1, n_metrics * n_methods), MOST_WEIGHTS // max(1, n_items))
    return max(FEWEST_RESAMPLES, min(wanted, affordable))


def default_resamples(study: Study) -> int:
    """By the metrics that the study has: built in, uploaded, and automatic judges."""
    different: set[str] = set()
    n_metrics = 0
    if study.task != Study.Task.NONE:
        task = checked_task(study.task)
        built_in = metrics_for(task)
        different = {metric.hypothesis(task) for metric in built_in}
        n_metrics = len(built_in)
    n_given = (
        Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED).count()
        + AutomaticJudge.objects.filter(study=study).count()
    )
    return enough_resamples(
        n_different=len(different) + n_given,
        n_metrics=n_metrics + n_given,
        n_methods=Method.objects.filter(study=study).count(),
        n_items=study.items.count(),
    )
