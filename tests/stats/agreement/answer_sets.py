"""Answers that are sets of labels, drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from hlv.stats.agreement.agreement_report import LabelAgreement, label_agreement


def make_sets(seed: int, *, n_items: int = 12, n_annotators: int = 4, n_labels: int = 3) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    items, annotators = (grid.ravel() for grid in np.mgrid[0:n_items, 0:n_annotators])
    answered = rng.random(len(items)) < 0.8
    memberships = rng.random((len(items), n_labels)) < 0.4
    return {
        "items": items[answered],
        "annotators": annotators[answered],
        "memberships": memberships[answered],
        "n_labels": n_labels,
    }


def sets_agreement(sets: dict[str, Any], *, n_resamples: int = 0, seed: int = 1) -> LabelAgreement:
    return label_agreement(
        task="multilabel", **sets, n_resamples=n_resamples, rng=np.random.default_rng(seed)
    )
