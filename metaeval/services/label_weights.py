"""Whether people's answers count alike or by the certainty given with them: a choice of each run."""

from __future__ import annotations

from datetime import datetime

from annotations.jobs import JobRefusedError
from annotations.models import Study
from annotations.selectors.distributions import HumanLabels, label_table
from hlv.stats.labels.distributions import EQUAL, WEIGHTS, Weights


class NoWeightedLabelsError(JobRefusedError):
    """Certainty was asked for, and no text has a distribution under it."""


def named_weights(name: object) -> Weights:
    """One of `WEIGHTS`; no other name is taken."""
    if name not in WEIGHTS:
        raise JobRefusedError(f"Labels cannot be weighted by {name!r}; known are {', '.join(WEIGHTS)}.")
    return name


def asks_certainty(study: Study) -> bool:
    """Whether there is a choice of weights at all."""
    return study.task != Study.Task.NONE and study.asks_certainty


def check_weights(study: Study, name: object) -> None:
    """Refuse, before there is a job, weights of which the study knows nothing."""
    if named_weights(name) == EQUAL:
        return
    if study.task == Study.Task.NONE:
        raise JobRefusedError("This study has no labels, so there is nothing to weight by certainty.")
    if not study.asks_certainty:
        raise JobRefusedError(
            "This study does not ask how certain an answer is, so labels cannot be weighted by certainty."
        )


def weighted_labels(study: Study, name: object, *, as_of: datetime | None = None) -> HumanLabels:
    """The counted labels under these weights."""
    weights = named_weights(name)
    table = label_table(study, as_of=as_of)
    human = table.human_labels(weights=weights, one_label_only=study.one_label_only)
    if len(table.item_ids) and not human.kept.any():
        raise NoWeightedLabelsError(
            "No text can be weighted by certainty: on each somebody gave none, or all certainties are zero."
        )
    return human
