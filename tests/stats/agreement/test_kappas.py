"""Cohen's kappa over pairs of annotators, and shares of categories, against values by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.agreement.answer_arrays import Answers
from hlv.stats.agreement.coefficients import cohen_kappa
from hlv.stats.agreement.kappas import OverallCohen, SharedItems, chance_corrected, share_coefficients

# Three annotators on six items; the third answers four of them.
LABELS = [[0, 0, 0], [0, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, -1], [1, 0, -1]]
TABLE = np.array(LABELS)


def answers() -> Answers:
    item, annotator = np.nonzero(TABLE >= 0)
    return Answers.of_labels(items=item, annotators=annotator, labels=TABLE[item, annotator], n_labels=2)


def test_overall_kappa_is_the_mean_over_pairs_of_annotators() -> None:
    given = answers()
    cohen = OverallCohen(given, SharedItems(given))
    expected = []
    for first, second in ((0, 1), (0, 2), (1, 2)):
        both = (TABLE[:, first] >= 0) & (TABLE[:, second] >= 0)
        expected.append(cohen_kappa(TABLE[both, first], TABLE[both, second], n_labels=2))
    kappas = cohen.of_pairs(np.ones((1, 6)))[0]
    assert sorted(kappas) == pytest.approx(sorted(expected))
    assert cohen(np.ones((1, 6)))[0, 0] == pytest.approx(np.mean(expected))


def test_a_pair_with_one_and_the_same_label_has_no_kappa_and_is_left_out() -> None:
    given = answers()
    cohen = OverallCohen(given, SharedItems(given))
    only_the_first_item = np.eye(1, 6)
    assert np.isnan(cohen.of_pairs(only_the_first_item)).all()
    assert np.isnan(cohen(only_the_first_item)).all()
    assert cohen.count_undefined() == 0


def test_shares_of_two_items_by_hand() -> None:
    # Observed agreement 1/2; shares of the categories (3/4, 1/4).
    percent, fleiss, gwet = share_coefficients(
        np.array([[1.0, 2.0, 2.0]]), np.array([[1.5, 0.5]]), n_possible=2.0
    )[0]
    assert percent == 0.5
    assert fleiss == pytest.approx((0.5 - 0.625) / 0.375)
    assert gwet == pytest.approx((0.5 - 0.375) / 0.625)


def test_complete_agreement_by_chance_leaves_nothing_to_correct() -> None:
    assert np.isnan(chance_corrected(np.array([1.0]), np.array([1.0]))).all()
