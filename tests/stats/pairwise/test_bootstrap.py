from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.bootstrap import (
    CHUNK,
    RESAMPLING_UNITS,
    Resamples,
    ResamplingUnit,
    chunks,
    comparison_resampler,
    few_judges_note,
    resample_fits,
    resampling_unit,
)
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import Cells, make_cells, pair_counts
from hlv.stats.pairwise.mle_existence import TIES_RULES, TiesRule
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.resampling.item_weights import Weights
from tests.stats.boards import make_random_cells


def resampled(
    cells: Cells,
    *,
    n_methods: int = 5,
    unit: ResamplingUnit = "both",
    ties_rule: TiesRule = "half",
    seed: int = 1,
    n_resamples: int = 150,
    only: list[int] | None = None,
) -> Resamples:
    wins, ties = pair_counts(cells, n_methods)
    fit = fit_bradley_terry(wins, ties, ties_rule=ties_rule)
    resampler = comparison_resampler(cells, pair_table(wins, ties), unit=unit, seed=seed)
    return resample_fits(resampler, fit, n_resamples=n_resamples, only=only)


def thin_cells() -> Cells:
    """Two judges of whom only one ever let the second method win."""
    return make_cells(first=[0, 0, 0], second=[1, 1, 1], outcome=[0, 1, 0], count=[5, 2, 5], judge=[0, 0, 1])


@pytest.mark.parametrize("unit", RESAMPLING_UNITS)
def test_the_same_seed_gives_the_same_bits_however_chunks_are_shared_out(unit: ResamplingUnit) -> None:
    cells = make_random_cells(1)
    whole = resampled(cells, unit=unit, n_resamples=250)

    parts = [resampled(cells, unit=unit, n_resamples=250, only=[index]) for index in (2, 0, 1)]

    joined = np.full_like(whole.strengths, np.nan)
    for index, part in zip((2, 0, 1), parts, strict=True):
        rows = chunks(250)[index]
        joined[rows] = part.strengths[rows]
    np.testing.assert_array_equal(joined, whole.strengths)


def test_another_seed_gives_other_resamples() -> None:
    cells = make_random_cells(1)

    assert not np.array_equal(resampled(cells, seed=1).strengths, resampled(cells, seed=2).strengths)


def test_more_resamples_begin_with_the_same_ones() -> None:
    cells = make_random_cells(1)

    few, many = resampled(cells, n_resamples=CHUNK), resampled(cells, n_resamples=2 * CHUNK)

    np.testing.assert_array_equal(few.strengths, many.strengths[:CHUNK])


@pytest.mark.parametrize("ties_rule", TIES_RULES)
def test_resampled_strengths_spread_around_the_estimate(ties_rule: TiesRule) -> None:
    cells = make_random_cells(4, n_judgments=3000, n_judges=40)
    fit = fit_bradley_terry(*pair_counts(cells, 5), ties_rule=ties_rule)

    found = resampled(cells, unit="judges", ties_rule=ties_rule, n_resamples=300)

    np.testing.assert_allclose(found.strengths.mean(axis=0), fit.strengths, atol=0.05)
    np.testing.assert_allclose(found.strengths.sum(axis=1), 0, atol=1e-9)


def test_resamples_without_an_answer_are_counted_and_kept_apart() -> None:
    found = resampled(thin_cells(), n_methods=2, unit="judges", n_resamples=400)

    # judge 0, the only one who let the second method win, is missing from a quarter of the resamples
    assert found.n_without_answer == pytest.approx(100, abs=30)
    assert np.isnan(found.strengths[found.without_answer]).all()
    assert np.isfinite(found.strengths_with_prior).all()
    # twice judge 1 is 10 to 0: with the prior the maximum solves 10 (1 - p) = 0.1 s
    s = found.strengths_with_prior[found.without_answer][0]
    assert 10 / (1 + np.exp(s[0] - s[1])) == pytest.approx(0.1 * s[0], abs=1e-9)


def test_impossible_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to resample"):
        Weights.drawn(0, n_resamples=1, seed=1)
    with pytest.raises(ValueError, match="negative"):
        chunks(-1)


@pytest.mark.parametrize(
    ("n_judges", "n_items", "wanted", "unit"),
    [
        (5, 5, None, "both"),
        (5, 5, "both", "both"),
        (5, 5, "judges", "judges"),
        (5, 5, "items", "items"),
        (5, 5, "judgments", "judgments"),
        (5, 0, None, "judges"),
        (0, 5, None, "items"),
        (1, 5, None, "items"),
        (0, 5, "judges", "items"),
        (5, 0, "both", "judges"),
        (5, 0, "items", "judges"),
        (0, 0, None, "judgments"),
        (1, 1, "both", "judgments"),
    ],
)
def test_the_widest_known_unit_is_resampled(
    n_judges: int, n_items: int, wanted: ResamplingUnit | None, unit: ResamplingUnit
) -> None:
    codes = np.arange(20)
    cells = make_cells(
        first=np.zeros(20, dtype=int),
        second=np.ones(20, dtype=int),
        outcome=codes % 3,
        judge=codes % n_judges if n_judges else None,
        item=codes % n_items if n_items else None,
    )

    chosen, notes = resampling_unit(cells, wanted)

    assert chosen == unit
    if wanted in ("both", "judges") and n_judges < 2:
        assert any("Resampling judges was requested" in note for note in notes)
    if unit == "judgments":
        assert any("single judgments" in note for note in notes)
    if unit == "items" and n_judges == 0:
        assert any("judges are not known" in note for note in notes)


def test_unknown_judges_count_as_one_and_the_result_says_so() -> None:
    cells = make_cells(
        first=[0] * 4,
        second=[1] * 4,
        outcome=[0, 1, 0, 1],
        judge=[0, 1, -1, -1],
        item=[-1, -1, -1, -1],
        count=[1, 1, 3, 4],
    )

    unit, notes = resampling_unit(cells, None)

    assert unit == "judges"
    assert "7 judgments without a known judge count as those of one judge." in notes
    assert "only 2 judges" in few_judges_note(unit, cells)[0]
