"""The human labels that outputs are scored against: of which texts, and how annotators are weighted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from annotations.jobs import JobRefusedError
from annotations.models import Study
from annotations.selectors.distributions import HumanLabels, label_table
from annotations.selectors.item_facts import item_facts
from hlv.stats.labels.distributions import EQUAL, WEIGHTS, Weights

# Of a fact, as a refusal lists them.
MOST_VALUES: Final = 10


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
        raise JobRefusedError(_("This study has no labels, so labels cannot be weighted by certainty."))
    if not study.asks_certainty:
        raise JobRefusedError(
            _("This study does not ask for certainty, so labels cannot be weighted by certainty.")
        )


def weighted_labels(study: Study, name: object, *, as_of: datetime | None = None) -> HumanLabels:
    """The counted labels under these weights."""
    weights = named_weights(name)
    table = label_table(study, as_of=as_of)
    human = table.human_labels(weights=weights, one_label_only=study.one_label_only)
    if len(table.item_ids) and not human.kept.any():
        raise NoWeightedLabelsError(
            "No text can be weighted by certainty: on each text, an annotator gave no certainty or all "
            "certainties are 0."
        )
    return human


def texts_where(study: Study, where: str) -> list[int]:
    """Keys of the texts with a fact, as "split=test".

    Raises
    ------
    JobRefusedError
        If no text has it.
    """
    name, is_pair, value = where.partition("=")
    if not (name and is_pair):
        raise JobRefusedError(f"Choose texts by a fact and its value, such as split=test, not by {where!r}.")
    facts = item_facts(study, name)
    found = [pk for pk, fact in facts.items() if fact == value]
    if not found:
        known = sorted(set(facts.values()))[:MOST_VALUES]
        listed = f"Its values are {', '.join(known)}." if known else "No text has such a fact."
        raise JobRefusedError(f"No text has the value {value!r} of {name!r}. {listed}")
    return found


def labels_where(study: Study, weights: object, where: str, *, as_of: datetime | None = None) -> HumanLabels:
    """The counted labels under these weights, of all texts or of those with a fact."""
    human = weighted_labels(study, weights, as_of=as_of)
    if not where:
        return human
    kept = human.kept & np.isin(human.table.item_ids, texts_where(study, where))
    if not kept.any():
        raise JobRefusedError(f"No text with {where} has labels. Import annotations of these texts.")
    return replace(human, kept=kept)
