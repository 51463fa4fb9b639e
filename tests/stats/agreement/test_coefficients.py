"""Single coefficients against published examples and independent programs."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from sklearn.metrics import cohen_kappa_score

from hlv.stats.agreement.agreement_report import LabelAgreement, label_agreement
from hlv.stats.agreement.answer_arrays import InvalidAnswersError
from hlv.stats.agreement.coefficients import (
    UndefinedAgreementError,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from tests.published import ratings as published

from .ratings import Ratings, make_counts, make_pair


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        (published.KRIPPENDORFF_A, published.KRIPPENDORFF_A_ALPHA),
        (published.KRIPPENDORFF_B, published.KRIPPENDORFF_B_ALPHA),
        (published.KRIPPENDORFF_C, published.KRIPPENDORFF_C_ALPHA),
    ],
    ids="ABC",
)
def test_alpha_of_krippendorffs_examples(ratings: Ratings, expected: Fraction) -> None:
    assert krippendorff_alpha(make_counts(ratings)) == pytest.approx(float(expected), abs=1e-12)


def test_ordinal_alpha_of_krippendorffs_example() -> None:
    alpha = krippendorff_alpha(make_counts(published.KRIPPENDORFF_C), distance="ordinal")
    assert alpha == pytest.approx(published.KRIPPENDORFF_C_ORDINAL, abs=1e-12)


def test_items_rated_once_enter_gwets_shares_and_not_its_percent_as_in_irrcac() -> None:
    counts = make_counts(published.KRIPPENDORFF_C)
    assert gwet_ac1(counts) == pytest.approx(float(published.GWET_AC1), abs=1e-12)
    assert fleiss_kappa(counts) == pytest.approx(float(published.GWET_FLEISS), abs=1e-12)
    assert percent_agreement(counts) == pytest.approx(float(published.GWET_PERCENT), abs=1e-12)


def test_answers_that_are_missing_count_as_in_irrcac() -> None:
    """Numbers of irrCAC 0.4.4, which pins a numpy of its own, for a table made for this; one item has one answer."""
    by_item = [[0, 0, 1, None], [1, 1, 1, 2], [2, None, 2, 2], [0, 1, 0, None], [1, None, None, None]]
    by_item += [[2, 2, 0, 2], [3, 3, 3, 1]]
    counts = make_counts(list(zip(*by_item, strict=True)))
    assert percent_agreement(counts) == pytest.approx(0.527777777778, abs=1e-12)
    assert fleiss_kappa(counts) == pytest.approx(0.335460710012, abs=1e-12)
    assert gwet_ac1(counts) == pytest.approx(0.381205893277, abs=1e-12)
    assert krippendorff_alpha(counts) == pytest.approx(0.378881987578, abs=1e-12)


@pytest.mark.parametrize(
    ("table", "kappa", "percent"),
    [
        (published.PARADOX, published.PARADOX_KAPPA, published.PARADOX_PERCENT),
        (published.ABSTRACTORS, published.ABSTRACTORS_KAPPA, published.ABSTRACTORS_PERCENT),
        (published.COHEN, published.COHEN_KAPPA, published.COHEN_PERCENT),
    ],
    ids=["2 x 2", "3 x 3", "Cohen 1960"],
)
def test_two_annotators_of_published_tables(
    table: list[list[int]], kappa: Fraction, percent: Fraction
) -> None:
    first, second = make_pair(table)
    found = cohen_kappa(first, second, n_labels=len(table))
    assert found == pytest.approx(float(kappa), abs=1e-12)
    assert percent_agreement(make_counts([first, second])) == pytest.approx(float(percent), abs=1e-12)


@pytest.mark.parametrize(
    ("table", "expected"),
    [(published.PARADOX, published.PARADOX_AC1), (published.ABSTRACTORS, published.ABSTRACTORS_AC1)],
    ids=["2 x 2", "3 x 3"],
)
def test_gwet_of_published_tables(table: list[list[int]], expected: Fraction) -> None:
    assert gwet_ac1(make_counts(make_pair(table))) == pytest.approx(float(expected), abs=1e-12)


def test_fleiss_of_two_annotators_is_scotts_pi() -> None:
    counts = make_counts(make_pair(published.ABSTRACTORS))
    assert fleiss_kappa(counts) == pytest.approx(float(published.ABSTRACTORS_PI), abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (published.PATIENTS, published.PATIENTS_KAPPA),
        (published.FOURTEEN_RATERS, published.FOURTEEN_RATERS_KAPPA),
    ],
    ids=["six raters", "fourteen raters"],
)
def test_fleiss_of_published_tables(counts: list[list[int]], expected: Fraction) -> None:
    assert fleiss_kappa(counts) == pytest.approx(float(expected), abs=1e-12)


def test_percent_of_fleiss_table() -> None:
    percent = percent_agreement(published.PATIENTS)
    assert percent == pytest.approx(float(published.PATIENTS_PERCENT), abs=1e-12)


def test_a_label_that_nobody_chose_changes_only_gwet() -> None:
    counts = np.array([[3, 0], [1, 2], [0, 3], [2, 1]])
    wider = np.column_stack([counts, np.zeros(4, dtype=int)])
    assert gwet_ac1(wider) > gwet_ac1(counts)
    for coefficient in (percent_agreement, fleiss_kappa, krippendorff_alpha):
        assert coefficient(wider) == pytest.approx(coefficient(counts), abs=1e-15)


def test_alpha_of_the_codings_of_evalica(shared_data: Path) -> None:
    counts = make_counts(_rows(shared_data / "evalica" / "codings.csv"))
    assert krippendorff_alpha(counts) == pytest.approx(904 / 1216, abs=1e-12)
    assert krippendorff_alpha(counts, distance="ordinal") == pytest.approx(0.8154, abs=5e-5)


def test_alpha_of_part_of_speech_tags(shared_data: Path) -> None:
    rows = _rows(shared_data / "evalica" / "gcl.csv")
    # each line there is an annotator
    assert krippendorff_alpha(make_counts(rows)) == pytest.approx(0.0833333, abs=5e-8)


def test_cohen_of_the_judges_of_pandalm(shared_data: Path) -> None:
    rows = json.loads((shared_data / "pandalm" / "testset-v1.json").read_text(encoding="utf-8"))
    votes = {k: [row[f"annotator{k}"] for row in rows] for k in (1, 2, 3)}
    kappas = [cohen_kappa(votes[i], votes[j], n_labels=3) for i, j in [(1, 2), (1, 3), (2, 3)]]
    assert sorted(round(kappa, 4) for kappa in kappas) == [0.8520, 0.8617, 0.8789]


@settings(deadline=None)
@given(arrays(np.int64, (7, 4), elements=st.integers(0, 3)))
def test_alpha_agrees_with_the_krippendorff_package(counts: np.ndarray) -> None:
    assume((counts[counts.sum(axis=1) >= 2].sum(axis=0) > 0).sum() >= 2)
    for distance in ("nominal", "ordinal"):
        theirs = krippendorff.alpha(
            value_counts=counts, value_domain=list(range(4)), level_of_measurement=distance
        )
        assert krippendorff_alpha(counts, distance=distance) == pytest.approx(theirs, abs=1e-10)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_cohen_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    assume(len({label for pair in pairs for label in pair}) > 1)
    first, second = zip(*pairs, strict=True)
    theirs = cohen_kappa_score(first, second, labels=list(range(4)))
    assert cohen_kappa(first, second, n_labels=4) == pytest.approx(theirs, abs=1e-12)


@settings(deadline=None)
@given(arrays(np.int64, (6, 3), elements=st.integers(0, 4)), st.randoms(use_true_random=False))
def test_the_order_of_items_and_of_nominal_labels_does_not_matter(counts: np.ndarray, random: Any) -> None:
    assume((counts[counts.sum(axis=1) >= 2].sum(axis=0) > 0).sum() >= 2)
    rows, columns = random.sample(range(6), 6), random.sample(range(3), 3)
    shuffled = counts[rows][:, columns]
    for coefficient in (percent_agreement, fleiss_kappa, gwet_ac1, krippendorff_alpha):
        assert coefficient(shuffled) == pytest.approx(coefficient(counts), abs=1e-12)


def test_reversing_the_scale_leaves_ordinal_alpha_as_it_is() -> None:
    counts = np.array([[2, 1, 0, 0], [0, 2, 1, 0], [0, 0, 1, 2], [1, 0, 0, 2]])
    assert_allclose(
        krippendorff_alpha(counts[:, ::-1], distance="ordinal"),
        krippendorff_alpha(counts, distance="ordinal"),
        rtol=1e-13,
    )


def test_full_agreement_on_two_labels_is_one() -> None:
    counts = [[3, 0], [0, 3], [3, 0]]
    for coefficient in (percent_agreement, fleiss_kappa, gwet_ac1, krippendorff_alpha):
        assert coefficient(counts) == pytest.approx(1.0, abs=1e-15)
    assert krippendorff_alpha(counts, distance="ordinal") == pytest.approx(1.0)


def test_one_answer_for_each_item_determines_nothing() -> None:
    for coefficient in (percent_agreement, fleiss_kappa, gwet_ac1, krippendorff_alpha):
        with pytest.raises(UndefinedAgreementError, match="no item has two answers"):
            coefficient([[1, 0], [0, 1]])
    with pytest.raises(UndefinedAgreementError):
        krippendorff_alpha([[1, 0], [0, 1]], distance="ordinal")


def test_without_variation_chance_corrected_agreement_is_undefined() -> None:
    counts = [[3, 0], [2, 0]]
    assert percent_agreement(counts) == 1.0
    assert gwet_ac1(counts) == 1.0
    for coefficient in (fleiss_kappa, krippendorff_alpha):
        with pytest.raises(UndefinedAgreementError):
            coefficient(counts)
    with pytest.raises(UndefinedAgreementError):
        krippendorff_alpha(counts, distance="ordinal")
    with pytest.raises(UndefinedAgreementError):
        cohen_kappa([1, 1], [1, 1], n_labels=2)


def test_one_label_gives_gwet_no_chance_to_speak_of() -> None:
    with pytest.raises(UndefinedAgreementError):
        gwet_ac1([[3], [2]])


@pytest.mark.parametrize(
    "counts", [[1, 2], np.zeros((0, 2)), np.zeros((2, 0))], ids=["flat", "0 items", "0 labels"]
)
def test_something_else_than_a_table_is_refused(counts: Any) -> None:
    with pytest.raises(InvalidAnswersError, match="items x labels"):
        percent_agreement(counts)


@pytest.mark.parametrize("bad", [-1, 0.5, np.nan, np.inf])
def test_counts_are_whole_numbers(bad: float) -> None:
    with pytest.raises(InvalidAnswersError, match="row 1"):
        percent_agreement(np.array([[1.0, 1.0], [1.0, bad]]))


def test_two_annotators_need_answers_to_the_same_items() -> None:
    with pytest.raises(InvalidAnswersError, match="do not pair up"):
        cohen_kappa([0, 1], [0, 1, 1], n_labels=2)


def _rows(path: Path) -> list[list[str | None]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [[cell or None for cell in row] for row in csv.reader(lines)]


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
    with pytest.raises(InvalidAnswersError, match=f"row {N_MANY_ITEMS - 2} contains"):
        krippendorff_alpha(counts)


def test_whole_numbers_below_zero_are_no_counts() -> None:
    with pytest.raises(InvalidAnswersError, match="row 1 contains"):
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
