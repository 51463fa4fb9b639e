"""Metric agreement without each method in turn, as a snapshot keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hlv.stats.correlation import CORRELATIONS
from hlv.stats.meta_evaluation.agreement_result import HumanScores
from hlv.stats.meta_evaluation.leave_one_method_out import UndeterminedAgreementError, leave_one_method_out
from metaeval.services.metric_scores import Named
from metaeval.services.score_table import finite


def without_each_method(human: HumanScores, named: Sequence[Named], methods: Sequence[str]) -> dict[str, Any]:
    """Of each metric, its coefficients without each method, or why there are none."""
    if human.undetermined is not None:
        return {"undetermined": human.undetermined, "metrics": []}
    return {"undetermined": None, "metrics": [_of_metric(human, entry, methods) for entry in named]}


def _of_metric(human: HumanScores, entry: Named, methods: Sequence[str]) -> dict[str, Any]:
    scores = entry.scores
    row: dict[str, Any] = {"name": scores.name, "undetermined": scores.undetermined, "without": []}
    if scores.undetermined is not None:
        return row
    try:
        found = leave_one_method_out(
            human.values,
            scores.values,
            higher_is_better=scores.higher_is_better,
            methods=methods,
            people_scale=human.scale,
            scale=scores.scale,
        )
    except UndeterminedAgreementError as refusal:
        return row | {"undetermined": refusal.sentence}
    row["without"] = [
        {
            "method": method,
            **{name: finite(found.coefficients[name][place]) for name in CORRELATIONS},
            "undetermined": found.undetermined[place],
        }
        for place, method in enumerate(found.methods)
    ]
    return row
