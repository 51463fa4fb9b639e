"""Ratings written as tables of annotators x items, None where there is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hlv.stats.agreement.agreement_report import LabelAgreement, label_agreement

Ratings = Sequence[Sequence[object]]

COEFFICIENTS = ("krippendorff_alpha", "percent", "fleiss_kappa", "cohen_kappa", "gwet_ac1")


def categories_of(ratings: Ratings) -> list[object]:
    return sorted({value for row in ratings for value in row if value is not None}, key=str)


def make_counts(ratings: Ratings) -> npt.NDArray[np.int64]:
    categories = categories_of(ratings)
    counts = np.zeros((len(ratings[0]), len(categories)), dtype=np.int64)
    for row in ratings:
        for item, value in enumerate(row):
            if value is not None:
                counts[item, categories.index(value)] += 1
    return counts


def make_answers(ratings: Ratings) -> dict[str, Any]:
    """Arguments `items`, `annotators` and `labels`."""
    categories = categories_of(ratings)
    answers = np.array(
        [
            (item, annotator, categories.index(value))
            for annotator, row in enumerate(ratings)
            for item, value in enumerate(row)
            if value is not None
        ]
    )
    return {"items": answers[:, 0], "annotators": answers[:, 1], "labels": answers[:, 2]}


def make_pair(table: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """Labels of two annotators from their table of agreement."""
    first, second = [], []
    for i, row in enumerate(table):
        for j, count in enumerate(row):
            first += [i] * count
            second += [j] * count
    return first, second


def agreement_of(
    ratings: Any, *, task: Any = "single", n_resamples: int = 0, **options: Any
) -> LabelAgreement:
    return label_agreement(
        task=task,
        **make_answers(ratings),
        n_labels=options.pop("n_labels", 5),
        n_resamples=n_resamples,
        rng=np.random.default_rng(options.pop("seed", 1)),
        **options,
    )
