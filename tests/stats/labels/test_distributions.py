"""Shares of annotators, plain and weighted by certainty."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from hlv.stats.labels.distributions import (
    InvalidDistributionError,
    UndefinedDistributionError,
    answered_items,
    certainty_weighted_multilabel_distributions,
    certainty_weighted_single_label_distributions,
    checked_distributions,
    checked_task,
    entropy_in_nats,
    multilabel_distributions,
    normalised_entropy,
    single_label_distributions,
)


def test_a_single_label_row_is_the_share_of_annotators() -> None:
    assert_allclose(single_label_distributions([[3, 1, 0], [0, 0, 5]]), [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0]])


def test_an_empty_set_counts_in_the_denominator() -> None:
    # four annotators: {a}, {a, b}, {} and {}
    assert_allclose(multilabel_distributions([[2, 1]], [4]), [[0.5, 0.25]])


def test_empty_sets_alone_make_a_row_of_zeros() -> None:
    assert_allclose(multilabel_distributions([[0, 0, 0]], [3]), [[0, 0, 0]])


def test_certainties_of_a_label_are_divided_by_all_certainties() -> None:
    # a with .9, a with .3, b with .8
    assert_allclose(
        certainty_weighted_single_label_distributions([[1.2, 0.8, 0.0]]), [[0.6, 0.4, 0.0]], rtol=1e-15
    )


def test_multilabel_certainty_is_a_mean_over_all_annotators() -> None:
    # three annotators: a with 1 and b with .5; a with .2; the empty set
    assert_allclose(certainty_weighted_multilabel_distributions([[1.2, 0.5]], [3]), [[0.4, 0.5 / 3]])


def test_full_certainty_gives_the_plain_shares() -> None:
    counts = np.array([[2, 1, 0], [1, 1, 3]])
    annotators = np.array([3, 5])
    assert_allclose(certainty_weighted_single_label_distributions(counts), single_label_distributions(counts))
    assert_allclose(
        certainty_weighted_multilabel_distributions(counts, annotators),
        multilabel_distributions(counts, annotators),
    )


def test_rounding_of_certainties_never_gives_a_membership_above_one() -> None:
    sums = np.array([[np.nextafter(3.0, 4.0)]])
    assert certainty_weighted_multilabel_distributions(sums, [3])[0, 0] == 1.0


@settings(deadline=None)
@given(arrays(np.int64, (4, 3), elements=st.integers(0, 50)))
def test_single_label_rows_sum_to_one_where_somebody_answered(counts: np.ndarray) -> None:
    answered = answered_items(counts)
    if answered.any():
        assert_allclose(single_label_distributions(counts[answered]).sum(axis=1), 1, rtol=1e-14)
    if not answered.all():
        with pytest.raises(UndefinedDistributionError):
            single_label_distributions(counts)


def test_a_row_without_answers_is_refused_by_number() -> None:
    with pytest.raises(UndefinedDistributionError, match=r"2 items .*nobody answered.* rows 1, 3") as refusal:
        single_label_distributions([[1, 0], [0, 0], [0, 2], [0, 0]])
    assert refusal.value.rows == (1, 3)


def test_many_rows_without_answers_are_not_all_spelled_out() -> None:
    with pytest.raises(UndefinedDistributionError, match=r"rows 0, 1, 2, 3, 4, \.\.\.$") as refusal:
        single_label_distributions(np.zeros((9, 2)))
    assert len(refusal.value.rows) == 9


def test_certainties_that_are_all_zero_have_no_distribution() -> None:
    with pytest.raises(UndefinedDistributionError, match="all certainties are zero"):
        certainty_weighted_single_label_distributions([[0.0, 0.0]])


def test_an_item_that_nobody_annotated_has_no_memberships() -> None:
    with pytest.raises(UndefinedDistributionError, match="rows 1"):
        multilabel_distributions([[1, 0], [0, 0]], [1, 0])


@pytest.mark.parametrize(
    ("counts", "annotators", "words"),
    [
        ([[2, 0]], [1], "row 0 has more of a label than annotators"),
        ([[1, 0]], [1, 1], "n_annotators has shape"),
        ([[1, 0]], [-1], "n_annotators of row 0"),
        ([[1, 0]], [np.inf], "n_annotators of row 0"),
        ([[-1, 0]], [1], "negative"),
        ([[np.nan, 0]], [1], "not a finite number"),
        ([1, 0], [1], "dimensions"),
        (np.zeros((0, 2)), [], "no items"),
        (np.zeros((1, 0)), [1], "1 or more labels"),
    ],
)
def test_malformed_counts_are_refused_in_words(counts: object, annotators: object, words: str) -> None:
    with pytest.raises(InvalidDistributionError, match=words):
        multilabel_distributions(counts, annotators)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "words", "row"),
    [
        ([[0.5, 0.5], [0.5, 0.4]], "row 1 sums to 0.9", 1),
        ([[0.5, 0.5], [1.5, -0.5]], "row 1 has a negative", 1),
        ([[np.inf, 0.0]], "row 0 has a value that is not a finite", 0),
        ([[1.0]], "2 or more labels", None),
    ],
)
def test_malformed_single_label_distributions_name_the_row(
    values: list[list[float]], words: str, row: int | None
) -> None:
    with pytest.raises(InvalidDistributionError, match=words) as refusal:
        checked_distributions(values, task="single")
    assert refusal.value.row == row


def test_a_membership_above_one_is_refused() -> None:
    with pytest.raises(InvalidDistributionError, match="row 1 has a membership above 1"):
        checked_distributions([[0.5, 1.0], [0.2, 1.0001]], task="multilabel")


def test_a_row_sum_may_be_off_by_a_millionth() -> None:
    checked_distributions([[0.5, 0.5 + 9e-7]], task="single")
    with pytest.raises(InvalidDistributionError):
        checked_distributions([[0.5, 0.5 + 2e-6]], task="single")


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown task 'binary': one of single, multilabel, ordinal"):
        checked_task("binary")


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
