"""Entropy, normalised by all labels of the label set."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hlv.stats.labels.distributions import (
    InvalidDistributionError,
    entropy_in_nats,
    normalised_entropy,
    single_label_distributions,
)


def test_an_even_split_over_two_of_ten_labels_is_log_two_over_log_ten() -> None:
    row = [0.5, 0.5] + [0.0] * 8
    assert_allclose(normalised_entropy([row], task="single"), [math.log(2) / math.log(10)])


def test_a_uniform_row_has_entropy_one_and_a_certain_one_zero() -> None:
    entropies = normalised_entropy([[0.25] * 4, [1.0, 0, 0, 0]], task="single")
    assert entropies.tolist() == [1.0, 0.0]


def test_order_plays_no_part() -> None:
    table = [[0.2, 0.3, 0.5]]
    assert_allclose(normalised_entropy(table, task="ordinal"), normalised_entropy(table, task="single"))


def test_multilabel_entropy_is_binary_for_each_label() -> None:
    entropies = normalised_entropy([[0.5, 0.0, 1.0, 0.25]], task="multilabel")
    quarter = -(0.25 * math.log2(0.25) + 0.75 * math.log2(0.75))
    assert_allclose(entropies, [[1.0, 0.0, 0.0, quarter]], rtol=1e-15)


def test_no_distribution_no_entropy() -> None:
    with pytest.raises(InvalidDistributionError, match="sums to"):
        normalised_entropy([[0.5, 0.6]], task="single")


def test_the_entropy_field_of_chaosnli_is_reproduced(shared_data: Path) -> None:
    lines = (shared_data / "chaosnli" / "chaosNLI_snli.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    distributions = single_label_distributions([row["label_count"] for row in rows])
    bits = entropy_in_nats(distributions, task="single") / math.log(2)
    assert len(rows) == 1514
    assert_allclose(bits, np.array([row["entropy"] for row in rows]), atol=1e-12)
