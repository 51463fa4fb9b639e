"""The paper's metrics on three items, each number worked out by hand from its formula."""

from __future__ import annotations

from math import log2, sqrt
from typing import Final

import pytest

from hlv.stats.metrics.registry import METRICS, Task

LOG3, LOG7 = log2(3), log2(7)
# entropy of 1/4 and 3/4
G = 2 - 0.75 * LOG3

SINGLE: Final = (
    [[1, 0, 0], [0, 0.5, 0.5], [0.5, 0.5, 0]],
    [[0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0.25, 0.75]],
)
# the first of equals wins: people say 0, 1, 0 and the model 0, 1, 2
SINGLE_BY_HAND: Final = {
    "hard_accuracy": 2 / 3,
    # right 1, 1, 0 of predicted 1, 1, 1; of people's 2, 1, 0, and nothing of nothing is 1
    "hard_macro_precision": (1 + 1 + 0) / 3,
    "hard_macro_recall": (1 / 2 + 1 + 1) / 3,
    "hard_macro_f1": (2 / 3 + 1 + 0) / 3,
    # shared .5, 1, .25 of each item; 2 x 1.75 of 3 + 3
    "soft_accuracy": 1.75 / 3,
    "soft_micro_f1": 3.5 / 6,
    # shared 1/2, 3/4, 1/2 of each label; predicted 1/2, 5/4, 5/4; people's 3/2, 1, 1/2
    "soft_macro_precision": (1 + 3 / 5 + 2 / 5) / 3,
    "soft_macro_recall": (1 / 3 + 3 / 4 + 1) / 3,
    "soft_macro_f1": (1 / 2 + 2 / 3 + 4 / 7) / 3,
    # entropy of the middle less the mean entropy: (3/4, 1/4) less (0 + 1) / 2; 0; (1/4, 3/8, 3/8) less (1 + G) / 2
    "po_jsd": 1 - ((G - 0.5) + 0 + (0.5 + 0.75 * (3 - LOG3) - (1 + G) / 2)) / 3,
    # (0, 1, 1) and (1, 1, G), whatever G is
    "entropy_correlation": -1 / 2,
}

MULTILABEL: Final = (
    [[1, 0.25], [0.75, 1], [0, 0.5]],
    [[0.5, 0.75], [1, 0.5], [0.25, 0]],
)
# above one half: people say {0}, {0, 1}, {} and the model {1}, {0}, {}
MULTILABEL_BY_HAND: Final = {
    "hard_micro_f1": 2 * 1 / (3 + 2),
    # right 1, 0; predicted 1, 1; people's 2, 1
    "hard_macro_precision": (1 + 0) / 2,
    "hard_macro_recall": (1 / 2 + 0) / 2,
    "hard_macro_f1": (2 / 3 + 0) / 2,
    # shared 5/4, 3/4 of each label; predicted 7/4, 5/4; people's 7/4, 7/4
    "soft_micro_f1": 2 * 2 / (3.5 + 3),
    "soft_macro_precision": (5 / 7 + 3 / 5) / 2,
    "soft_macro_recall": (5 / 7 + 3 / 7) / 2,
    "soft_macro_f1": (5 / 7 + 1 / 2) / 2,
    # three cells as (1, 1/2) have G - 1/2; (1/4, 3/4) has 1 - G; two as (3/4, 1) have the entropy of 1/8 less G / 2
    "po_jsd": 1 - (3 * (G - 0.5) + (1 - G) + 2 * (3 - 7 / 8 * LOG7 - G / 2)) / 6,
    # of label 0 (0, G, 0) and (1, 0, G), of label 1 (G, 0, 1) and (G, 1, 0)
    "entropy_correlation": (
        -(1 + G) / (2 * sqrt(1 - G + G**2)) + (2 * G**2 - 2 * G - 1) / (2 - 2 * G + 2 * G**2)
    )
    / 2,
}


@pytest.mark.parametrize(
    ("task", "tables", "by_hand"),
    [("single", SINGLE, SINGLE_BY_HAND), ("multilabel", MULTILABEL, MULTILABEL_BY_HAND)],
    ids=["one label", "several labels"],
)
def test_each_metric_by_hand(
    task: Task, tables: tuple[list[list[float]], list[list[float]]], by_hand: dict[str, float]
) -> None:
    found = {name: METRICS[name].score(*tables, task=task) for name in by_hand}

    assert found == pytest.approx(by_hand, abs=1e-12)
