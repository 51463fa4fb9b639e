"""Answers as arrays: codes without gaps, sorted by item and annotator, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.agreement.answer_arrays import Answers, InvalidAnswersError


def test_identifiers_become_codes_sorted_by_item_and_annotator() -> None:
    answers = Answers.of_labels(items=[70, 7, 70], annotators=[9, 5, 5], labels=[2, 0, 1], n_labels=4)
    assert answers.item.tolist() == [0, 1, 1]
    assert answers.annotator.tolist() == [0, 0, 1]
    assert answers.category.tolist() == [0, 1, 2]
    assert answers.answers_per_item.tolist() == [1.0, 2.0]
    assert (answers.entered.n_items, answers.entered.n_items_with_two_or_more) == (2, 1)


def test_equal_sets_have_one_category() -> None:
    rows = [[True, False], [False, False], [True, False]]
    answers = Answers.of_sets(items=[0, 0, 1], annotators=[0, 1, 0], memberships=rows)
    assert answers.sets is not None
    assert answers.sets[answers.category].tolist() == rows
    assert answers.n_categories == 2


def test_sets_of_more_labels_than_a_machine_word_has_bits_are_distinct_rows() -> None:
    rows = np.random.default_rng(1).random((40, 70)) < 0.5
    rows[1] = rows[0]
    answers = Answers.of_sets(items=np.arange(40), annotators=np.zeros(40, dtype=int), memberships=rows)
    assert answers.sets is not None
    np.testing.assert_array_equal(answers.sets[answers.category], rows)
    assert answers.n_categories == 39


@pytest.mark.parametrize(
    ("labels", "annotators", "message"),
    [
        ([0, 3], [0, 1], "answer 1 has label 3"),
        ([0, 1], [4, 4], "answers 0 and 1 are both of annotator 4"),
        ([0], [0, 1], "do not pair up"),
        ([0.5, 1.0], [0, 1], "labels must be integers"),
        ([], [], "there are no answers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_row(
    labels: list[float], annotators: list[int], message: str
) -> None:
    with pytest.raises(InvalidAnswersError, match=message):
        Answers.of_labels(items=[0, 0], annotators=annotators, labels=labels, n_labels=3)
