"""Targets of training methods: ties, empty sets, counts without annotators, repeated and renamed annotators."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hlv.stats.training import METHODS, LabelledTexts, available_methods, same_objectives
from tests.stats.training.making import make_random_texts, make_texts

ALL = [name for name, method in METHODS.items() if not method.is_on_demand]


def test_of_equally_many_votes_the_first_label_is_the_majority() -> None:
    texts = make_texts([(0, 0, [2]), (0, 1, [1]), (1, 0, [0]), (1, 1, [2])], n_texts=2)
    assert texts.majority.tolist() == [[False, True, False], [True, False, False]]


def test_a_label_of_half_of_the_people_is_no_majority_of_several_labels() -> None:
    texts = make_texts([(0, 0, [0, 1]), (0, 1, [1])], n_texts=1, task="multilabel")
    assert texts.majority.tolist() == [[False, True, False]]


def test_an_empty_set_counts_as_an_answer() -> None:
    texts = make_texts([(0, 0, [0]), (0, 1, [])], n_texts=1, task="multilabel")
    assert texts.shares.tolist() == [[0.5, 0.0, 0.0]]
    assert texts.majority.tolist() == [[False, False, False]]
    assert texts.answer_sets().times.sum() == 2
    assert texts.annotator_answers().times.tolist() == [1.0, 1.0]
    assert texts.annotator_answers().answers.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert len(texts.each_answer()[0]) == 2


def test_counts_of_single_labels_are_answers_of_nobody() -> None:
    texts = make_texts([], n_texts=2, counts=np.array([[2, 1, 0], [0, 0, 3]]), n_answers=np.array([3, 3]))
    assert texts.has_answers
    assert not texts.has_annotators
    assert texts.each_answer()[0].tolist() == [0, 0, 0, 1, 1, 1]
    kept, left_out = available_methods(texts, ALL)
    assert left_out == dict.fromkeys(("AE", "AEh", "AR", "ARh"), "no annotators")
    assert len(kept) == len(ALL) - 4


def test_counts_of_several_labels_have_no_single_answers() -> None:
    texts = make_texts(
        [], n_texts=1, counts=np.array([[2, 1, 0]]), n_answers=np.array([3]), task="multilabel"
    )
    _, left_out = available_methods(texts, ALL)
    assert left_out["ReL"] == left_out["LA-min"] == "no single answers"
    assert left_out["AL"] == "several labels"


def test_an_annotator_who_answers_twice_trains_one_head_with_both_answers() -> None:
    given = make_texts([(0, 7, [0]), (0, 7, [1]), (0, 9, [1])], n_texts=1).annotator_answers()
    assert given.n_annotators == 2
    assert given.answers.tolist() == [[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    assert given.times.tolist() == [2.0, 1.0]


def test_cells_of_some_rows_are_their_answers() -> None:
    texts = make_random_texts(1, n_texts=7)
    given = texts.annotator_answers()
    place, cell = given.of_rows(np.array([5, 2]))
    expected = [(0, *range(given.starts[5], given.starts[6])), (1, *range(given.starts[2], given.starts[3]))]
    assert [(row, *cell[place == row].tolist()) for row in (0, 1)] == expected


def test_weights_of_annotator_ranking_by_hand() -> None:
    # annotator 0 agrees with both majorities (3/4 and 1), annotator 3 never, 1 and 2 once (3/4), 4 once (1)
    answers = [(0, 0, [0]), (0, 1, [0]), (0, 2, [0]), (0, 3, [1]), (1, 0, [1]), (1, 4, [1])]
    texts = make_texts(answers, n_texts=2)
    soft = np.array([0.875 + 0.75 + 0.75 + 0, 0.875 + 1])
    hard = np.array([1 + 1 + 1 + 0, 1 + 1.0])
    np.testing.assert_allclose(texts.reliability_weights(hard=False), soft / soft.mean())
    np.testing.assert_allclose(texts.reliability_weights(hard=True), hard / hard.mean())


def test_in_multilabel_tasks_leaving_a_label_out_may_agree() -> None:
    # label 0: majority yes (2/3); label 1: majority no (1/3). Annotator 2 disagrees with both.
    answers = [(0, 0, [0]), (0, 1, [0]), (0, 2, [1]), (1, 2, [0])]
    texts = make_texts(answers, n_texts=2, n_labels=2, task="multilabel")
    soft = np.array([2 / 3 + 2 / 3 + 1, 1.0])
    np.testing.assert_allclose(texts.reliability_weights(hard=False), soft / soft.mean())
    hard = np.array([1 + 1 + 0.5, 0.5])
    np.testing.assert_allclose(texts.reliability_weights(hard=True), hard / hard.mean())


def test_weights_are_1_where_the_same_people_answer_every_text() -> None:
    texts = make_random_texts(3, n_people=4, n_each=4)
    assert (texts.reliability_weights(hard=False) == 1).all()
    assert same_objectives(texts, ALL) == [["SL", "LA-mean"], ["MV", "AR", "ARh"]]
    others = make_random_texts(3, n_people=6, n_each=4)
    assert same_objectives(others, ALL) == [["SL", "LA-mean"]]


@pytest.mark.parametrize("task", ["single", "multilabel"])
def test_neither_names_of_annotators_nor_the_order_of_answers_matter(task: str) -> None:
    texts = make_random_texts(4, task=task)  # type: ignore[arg-type]
    order = np.random.default_rng(0).permutation(len(texts.item))
    other = replace(
        texts,
        item=texts.item[order],
        annotator=100 - texts.annotator[order],
        chosen=texts.chosen[order],
        times=texts.times[order],
    )
    for hard in (False, True):
        np.testing.assert_allclose(
            other.reliability_weights(hard=hard), texts.reliability_weights(hard=hard), rtol=1e-14
        )
    np.testing.assert_array_equal(other.answer_sets().answers, texts.answer_sets().answers)
    np.testing.assert_array_equal(other.answer_sets().times, texts.answer_sets().times)


def test_the_texts_of_a_part_keep_their_answers() -> None:
    texts = make_random_texts(5, n_texts=6)
    part = texts.of_items(np.array([4, 1]))
    np.testing.assert_array_equal(part.shares, texts.shares[[4, 1]])
    np.testing.assert_array_equal(part.chosen[part.item == 0], texts.chosen[texts.item == 4])
    assert isinstance(LabelledTexts.unpacked(part.packed()), LabelledTexts)
