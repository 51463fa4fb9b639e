from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.meta_evaluation.judgment_agreement import UndeterminedJudgmentsError, judgment_agreement
from hlv.stats.meta_evaluation.tie_calibration import TieCalibration, item_folds
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, make_cells
from tests.stats.boards import make_random_cells

# three methods on two items
SCORES = np.array([[0.9, 0.3], [0.5, 0.6], [0.45, 0.58]])


def test_a_threshold_comes_from_other_items_and_the_best_one_flatters() -> None:
    cells = make_cells(
        first=[0, 2, 0, 1, 1, 0],
        second=[1, 1, 2, 0, 2, 2],
        outcome=[FIRST, TIE, FIRST, SECOND, TIE, TIE],
        item=[0, 0, 0, 1, 1, 1],
    )

    found = judgment_agreement(cells, SCORES, higher_is_better=True, n_resamples=0, seed=0)

    # item 0 has differences .4 and .45, both preferred so, and .05, a tie: its own threshold is .05, which meets one
    # of the three on item 1 (.02 a tie; not .28, a tie, nor .30, preferred the other way). Item 1's own is .28, which
    # meets all three on item 0.
    assert sorted(found.fold_thresholds.round(9)) == [0.05, 0.28]
    assert found.accuracy == pytest.approx(4 / 6)
    assert (found.in_sample, found.threshold) == (pytest.approx(5 / 6), pytest.approx(0.28))
    assert found.decided == pytest.approx(2 / 3)
    assert found.always_tie == 0.5
    assert (found.accuracy_interval, found.unit) == (None, None)


def met(differences: FloatArray, verdicts: IntArray, threshold: float) -> int:
    """Verdicts met under a threshold, one by one."""
    said = [0 if abs(d) <= threshold else int(np.sign(d)) for d in differences]
    return sum(s == v for s, v in zip(said, verdicts.tolist(), strict=True))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_thresholds_are_those_found_by_trying_all_on_repeated_verdicts(seed: int, n_folds: int) -> None:
    generator = np.random.default_rng(seed)
    n = 25
    differences = np.round(generator.normal(size=n), 1)
    verdicts = generator.integers(-1, 2, size=n)
    items = generator.integers(6, size=n)
    fold, n_used = item_folds(items, n_folds=n_folds, generator=generator)
    weights = generator.integers(0, 3, size=n)
    calibration = TieCalibration.of(differences, verdicts, fold, n_folds=n_used)

    share, thresholds = calibration.cross_fitted(weights[None].astype(float))

    repeated = np.repeat(np.arange(n), weights)
    d, v, f = differences[repeated], verdicts[repeated], fold[repeated]
    total = 0
    for place in range(n_used):
        candidates = sorted({0.0, *np.abs(d[f != place])})
        scores = [met(d[f != place], v[f != place], candidate) for candidate in candidates]
        best = candidates[int(np.argmax(scores))]
        assert thresholds[0, place] == pytest.approx(best)
        total += met(d[f == place], v[f == place], best)
    if len(repeated):
        assert share[0] == pytest.approx(total / len(repeated))
    else:
        assert np.isnan(share[0])


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_the_side_the_direction_and_the_scale_do_not_matter(seed: int) -> None:
    cells = make_random_cells(seed, n_judgments=150)
    scores = np.random.default_rng(seed).normal(size=(5, 10)) + np.linspace(1, -1, 5)[:, None]
    swapped = make_cells(
        first=cells.second,
        second=cells.first,
        outcome=np.choose(cells.outcome, [SECOND, FIRST, TIE]),
        judge=cells.judge,
        item=cells.item,
    )

    found = judgment_agreement(cells, scores, higher_is_better=True, n_resamples=20, seed=1)
    turned = judgment_agreement(swapped, -8 * scores, higher_is_better=False, n_resamples=20, seed=1)

    for name in ("accuracy", "decided", "in_sample", "accuracy_mean", "decided_mean"):
        assert getattr(turned, name) == pytest.approx(getattr(found, name))
    assert turned.threshold == pytest.approx(8 * found.threshold)
    assert found.accuracy <= found.in_sample


def test_a_metric_that_judges_like_the_judges_agrees_and_noise_does_not() -> None:
    cells = make_random_cells(2, n_judgments=1500, n_items=40, spread=3.0, share_of_ties=0.0)
    good = np.tile(np.linspace(3, -3, 5)[:, None], (1, 40))
    noise = np.random.default_rng(0).normal(size=(5, 40))

    follows = judgment_agreement(cells, good, higher_is_better=True, n_resamples=200, seed=3)
    random = judgment_agreement(cells, noise, higher_is_better=True, n_resamples=200, seed=3)

    assert follows.unit == "both"
    assert follows.accuracy_interval is not None
    assert random.accuracy_interval is not None
    assert follows.accuracy_interval[0] > random.accuracy_interval[1]
    assert random.accuracy_interval[0] < 0.5 < random.accuracy_interval[1]
    assert follows.n_judgments == 1500


def test_bare_judgments_and_single_units_can_be_resampled() -> None:
    cells = make_random_cells(7, n_judgments=200)
    scores = np.random.default_rng(7).normal(size=(5, 10))

    units = [
        judgment_agreement(
            cells, scores, higher_is_better=True, resample=unit, n_resamples=10, seed=0
        ).accuracy_interval
        for unit in ("judgments", "judges", "items")
    ]

    assert len(set(units)) == 3


def test_what_has_no_score_or_no_item_is_left_out_and_counted() -> None:
    scores = SCORES.copy()
    scores[2, 1] = np.nan
    cells = make_cells(
        first=[0, 0, 0, 0], second=[1, 1, 2, 1], outcome=[FIRST, SECOND, FIRST, TIE], item=[0, 1, 1, -1]
    )

    found = judgment_agreement(cells, scores, higher_is_better=True, n_resamples=0, seed=0)

    assert (found.n_judgments, found.n_left_out, found.accuracy) == (2, 2, 1.0)


def test_what_determines_no_agreement_is_refused() -> None:
    def ask(outcome: list[int], item: list[int], scores: FloatArray = SCORES) -> None:
        cells = make_cells(first=[0] * len(item), second=[1] * len(item), outcome=outcome, item=item)
        judgment_agreement(cells, scores, higher_is_better=True, n_resamples=0, seed=0)

    for outcome, item, scores, reason in (
        ([], [], SCORES, "No judgment"),
        ([FIRST], [-1], SCORES, "No judgment"),
        ([FIRST, TIE], [0, 0], SCORES, "one item"),
        ([TIE, TIE], [0, 1], SCORES, "Every verdict is a tie"),
        ([FIRST, TIE], [0, 1], np.ones((2, 2)), "same score"),
    ):
        with pytest.raises(UndeterminedJudgmentsError, match=reason):
            ask(outcome, item, scores)
    for item, scores, reason in (
        ([0, 2], SCORES, "an item beyond"),
        ([0, 1], SCORES[:1], "a method beyond"),
        ([0, 1], np.full((2, 2), np.inf), "infinite"),
    ):
        with pytest.raises(ValueError, match=reason):
            ask([FIRST, TIE], item, scores)
    with pytest.raises(ValueError, match="two folds"):
        judgment_agreement(make_random_cells(1), np.ones((5, 10)), higher_is_better=True, n_folds=1, seed=0)
