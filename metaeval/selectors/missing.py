"""What a study still needs before its metrics can be compared with the experts."""

from __future__ import annotations

from annotations.models import Missing, Study
from annotations.selectors.answers import has_labels_of_people
from annotations.selectors.imports import not_withdrawn
from metaeval.models import AutomaticJudge, Metric, MetricScore
from metaeval.selectors.outputs import current_outputs


def missing_for_metrics(study: Study) -> Missing | None:
    """The first thing without which there is no metric; None where there may be one."""
    uploaded = MetricScore.objects.filter(
        not_withdrawn(), metric__study=study, metric__origin=Metric.Origin.UPLOADED
    )
    if uploaded.exists() or AutomaticJudge.objects.filter(study=study).exists():
        return None
    if study.task == Study.Task.NONE:
        return Missing.SCORES
    if not study.labels.exists():
        return Missing.LABELS
    if not current_outputs().filter(item__study=study).exists():
        return Missing.OUTPUTS
    return None if has_labels_of_people(study) else Missing.ANSWERS
