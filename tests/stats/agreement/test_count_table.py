"""A coefficient by itself takes the sums of a whole table: they must be those that the report and others find."""

from __future__ import annotations

from typing import Any

import krippendorff
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score

from hlv.stats.agreement import (
    InvalidAnswersError,
    LabelAgreement,
    UndefinedAgreementError,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    label_agreement,
    percent_agreement,
)

COEFFICIENTS = (percent_agreement, fleiss_kappa, gwet_ac1, krippendorff_alpha)
# rows of five labels that do not fit into one block of `count_table`
N_MANY_ITEMS = 20_000


def make_table(labels: npt.NDArray[np.int64], n_labels: int) -> npt.NDArray[np.int64]:
    """Counts of items x labels, from annotators x items where -1 is no answer."""
    return np.stack([(labels == label).sum(axis=0) for label in range(n_labels)], axis=1)


def make_labels(n_items: int, *, n_annotators: int = 5, n_labels: int = 5) -> npt.NDArray[np.int64]:
    generator = np.random.default_rng(3)
    common = generator.integers(n_labels, size=n_items)
    own = generator.integers(-1, n_labels, size=(n_annotators, n_items))
    return np.where(generator.random(own.shape) < 0.6, common, own)


def report_of(labels: npt.NDArray[np.int64], *, n_labels: int, task: Any = "single") -> LabelAgreement:
    annotator, item = np.nonzero(labels >= 0)
    return label_agreement(
        task=task,
        items=item,
        annotators=annotator,
        labels=labels[annotator, item],
        n_labels=n_labels,
        n_resamples=0,
        rng=np.random.default_rng(1),
    )


@settings(deadline=None)
@given(arrays(np.int64, (4, 9), elements=st.integers(-1, 2)))
def test_a_coefficient_by_itself_is_that_of_the_report(labels: npt.NDArray[np.int64]) -> None:
    # the last of four labels is never used, and some items have one answer or none
    counts = make_table(labels, 4)
    assume((counts[counts.sum(axis=1) >= 2].sum(axis=0) > 0).sum() >= 2)
    found, ordinal = report_of(labels, n_labels=4), report_of(labels, n_labels=4, task="ordinal")
    for coefficient, reported in (
        (percent_agreement, found.percent),
        (fleiss_kappa, found.fleiss_kappa),
        (gwet_ac1, found.gwet_ac1),
        (krippendorff_alpha, found.krippendorff_alpha),
    ):
        assert coefficient(counts) == pytest.approx(reported.value, abs=1e-12)
    assert krippendorff_alpha(counts, distance="ordinal") == pytest.approx(
        ordinal.krippendorff_alpha.value, abs=1e-12
    )


def test_many_items_are_added_up_whole() -> None:
    labels = make_labels(N_MANY_ITEMS)
    counts = make_table(labels, 5)
    found = report_of(labels, n_labels=5)
    assert percent_agreement(counts) == pytest.approx(found.percent.value, abs=1e-12)
    assert fleiss_kappa(counts) == pytest.approx(found.fleiss_kappa.value, abs=1e-12)
    assert gwet_ac1(counts) == pytest.approx(found.gwet_ac1.value, abs=1e-12)
    for distance in ("nominal", "ordinal"):
        theirs = krippendorff.alpha(value_counts=counts, level_of_measurement=distance)
        assert krippendorff_alpha(counts, distance=distance) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_the_type_of_the_counts_does_not_matter(dtype: Any) -> None:
    # two counts of 200 are more than a byte holds
    counts = np.array([[200, 200, 0], [0, 255, 3], [250, 0, 0], [1, 0, 0], [0, 0, 0]])[:, ::-1]
    counts = np.minimum(counts, np.iinfo(dtype).max) if np.issubdtype(dtype, np.integer) else counts
    for coefficient in COEFFICIENTS:
        assert coefficient(counts.astype(dtype)) == coefficient(counts)
    typed = krippendorff_alpha(counts.astype(dtype), distance="ordinal")
    assert typed == krippendorff_alpha(counts, distance="ordinal")


@pytest.mark.parametrize("bad", [-1, 0.5, np.nan])
def test_a_row_that_holds_no_counts_is_named_however_far_down(bad: float) -> None:
    counts = np.ones((N_MANY_ITEMS, 5))
    counts[N_MANY_ITEMS - 2, 3] = bad
    with pytest.raises(InvalidAnswersError, match=f"row {N_MANY_ITEMS - 2} holds"):
        krippendorff_alpha(counts)


def test_whole_numbers_below_zero_are_no_counts() -> None:
    with pytest.raises(InvalidAnswersError, match="row 1 holds"):
        fleiss_kappa([[2, 0], [3, -1], [-1, 3]])


@pytest.mark.parametrize("n_answers", [3, 49, 255])
def test_no_rounding_hides_that_nothing_varies(n_answers: int) -> None:
    # 1 / 49 times 49 is less than 1 in floating point
    counts = np.zeros((N_MANY_ITEMS, 3), dtype=np.int64)
    counts[:, 1] = n_answers
    assert percent_agreement(counts) == 1.0
    for coefficient in (fleiss_kappa, krippendorff_alpha):
        with pytest.raises(UndefinedAgreementError):
            coefficient(counts)
    with pytest.raises(UndefinedAgreementError):
        krippendorff_alpha(counts, distance="ordinal")


def test_two_rare_labels_that_nobody_confused_are_full_agreement() -> None:
    counts = np.zeros((N_MANY_ITEMS, 3), dtype=np.int64)
    counts[:, 1] = 3
    counts[:2] = [[7, 0, 0], [0, 0, 7]]
    for distance in ("nominal", "ordinal"):
        assert krippendorff_alpha(counts, distance=distance) == 1.0


def test_cohen_of_many_answers_agrees_with_scikit_learn() -> None:
    first, second = np.maximum(make_labels(N_MANY_ITEMS, n_annotators=2), 0)
    # labels that nobody used, and more of them than a table of labels x labels could hold
    assert cohen_kappa(first, second, n_labels=1_000_000) == pytest.approx(
        cohen_kappa_score(first, second), abs=1e-12
    )


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ([0, 1], [0, 2], "answer 1 has label 2, outside 0 ... 1"),
        ([0, -1], [0, 1], "answer 1 has label -1"),
        ([], [], "no answers"),
        ([0.0, 1.0], [0, 1], "labels must be integers"),
        ([[0], [1]], [[0], [1]], "do not pair up"),
    ],
)
def test_labels_of_two_annotators_that_are_none_are_refused_in_words(
    first: Any, second: Any, words: str
) -> None:
    with pytest.raises(InvalidAnswersError, match=words):
        cohen_kappa(first, second, n_labels=2)
