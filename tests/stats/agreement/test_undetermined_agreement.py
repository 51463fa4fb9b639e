"""Agreement without an interval or without a value, with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hlv.stats.agreement import agreement_report as report
from hlv.stats.agreement import bootstrap_agreement
from hlv.stats.agreement.agreement_report import label_agreement
from hlv.stats.agreement.bootstrap_agreement import NO_SPREAD
from tests.published.ratings import (
    KRIPPENDORFF_C,
)

from .ratings import COEFFICIENTS, agreement_of


def make_drifting() -> list[list[str | None]]:
    # Twelve pairs, each with two items of its own, always the other label: kappa -1 for every pair. A resample that
    # draws one of the two items more often has a kappa nearer to 0, and none has a mean near -1.
    ratings: list[list[str | None]] = [[None] * 24 for _ in range(24)]
    for pair in range(12):
        ratings[2 * pair][2 * pair : 2 * pair + 2] = ["a", "b"]
        ratings[2 * pair + 1][2 * pair : 2 * pair + 2] = ["b", "a"]
    return ratings


def test_nine_resamples_may_lie_on_one_side_by_chance_and_ten_drift() -> None:
    nine, ten = (agreement_of(make_drifting(), n_labels=2, n_resamples=n).cohen_kappa for n in (9, 10))
    assert nine.interval is not None
    assert nine.interval[0] > -1
    assert (ten.interval, ten.undetermined) == (None, report.COHEN_DRIFTED)


def test_an_interval_of_cohen_that_drifts_from_its_value_is_withheld() -> None:
    overall = agreement_of(make_drifting(), n_labels=2, n_resamples=200)
    assert overall.cohen_kappa.value == pytest.approx(-1.0)
    assert overall.cohen_kappa.interval is None
    assert overall.cohen_kappa.undetermined == report.COHEN_DRIFTED


def test_fewer_than_five_items_have_a_value_and_no_interval() -> None:
    percent = agreement_of([["a", "a", "a", "b"], ["b", "a", "a", None]], n_labels=2, n_resamples=50).percent
    assert percent.value == pytest.approx(2 / 3)
    assert percent.interval is None
    assert percent.undetermined == report.FEW_ITEMS


def test_where_all_agree_no_interval_is_made_of_resamples_that_are_alike() -> None:
    percent = agreement_of([["a", "b"] * 4, ["a", "b"] * 4], n_labels=2, n_resamples=50).percent
    assert (percent.value, percent.interval) == (1.0, None)
    assert percent.undetermined == NO_SPREAD


def test_no_interval_is_no_fault_where_none_was_asked_for() -> None:
    alpha = agreement_of(KRIPPENDORFF_C).krippendorff_alpha
    assert (alpha.interval, alpha.undetermined) == (None, None)


@pytest.mark.parametrize("task", ["single", "ordinal"])
def test_items_with_one_answer_leave_all_undetermined(task: Any) -> None:
    found = agreement_of([["a", None], [None, "b"]], task=task, n_labels=2, n_resamples=20)
    for coefficients in (found, *found.per_label):
        for name in COEFFICIENTS:
            assert getattr(coefficients, name).value is None
            assert getattr(coefficients, name).undetermined == report.NO_PAIRS
    assert found.cohen_kappa.n_annotator_pairs == 0


def test_sets_with_one_answer_each_leave_all_undetermined() -> None:
    found = label_agreement(
        task="multilabel",
        items=[0, 1],
        annotators=[0, 1],
        memberships=[[True], [False]],
        n_labels=1,
        n_resamples=5,
        rng=np.random.default_rng(0),
    )
    assert {alpha.undetermined for alpha in found.krippendorff_alpha_by_distance.values()} == {
        report.NO_PAIRS
    }


def test_a_label_that_nobody_chose_says_so() -> None:
    found = agreement_of([["a", "b", "a"], ["a", "b", "b"]], n_labels=3, n_resamples=50)
    unused = found.per_label[2]
    assert unused.percent.value == 1.0
    assert unused.gwet_ac1.value == 1.0
    assert unused.krippendorff_alpha.undetermined == report.NO_VARIATION_OF_LABEL
    assert unused.fleiss_kappa.undetermined == report.NO_VARIATION_OF_LABEL
    assert unused.cohen_kappa.undetermined == report.NO_PAIR_OF_ANNOTATORS


def test_agreement_without_variation_says_so() -> None:
    overall = agreement_of([["a", "a"], ["a", "a"]], n_labels=2, n_resamples=50)
    assert overall.krippendorff_alpha.undetermined == report.NO_VARIATION
    assert overall.percent.value == 1.0


def test_a_single_possible_label_has_no_gwet() -> None:
    overall = agreement_of([["a", "a"], ["a", "a"]], n_labels=1)
    assert overall.gwet_ac1.undetermined == report.ONE_LABEL


def test_too_many_pairs_of_answers_leave_cohen_out_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap_agreement, "MOST_PAIRS_OF_ANSWERS", 3)
    found = agreement_of(KRIPPENDORFF_C)
    assert found.cohen_kappa.undetermined == report.TOO_MANY_PAIRS
    assert found.krippendorff_alpha.value is not None
    assert found.cohen_kappa.n_annotator_pairs is None
