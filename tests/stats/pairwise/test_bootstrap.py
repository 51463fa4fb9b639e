from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from hlv.stats.pairwise.pair_likelihoods import pair_table, square_tables
from hlv.stats.resampling.chunks import chunk_generator
from hlv.stats.resampling.item_weights import Weights, multinomial_weights
from hlv.stats.resampling.percentiles import percentile_intervals
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


@pytest.mark.parametrize(("unit", "column"), [("judges", "judge"), ("items", "item")])
def test_a_resample_takes_all_or_nothing_of_a_judge_or_an_item(unit: ResamplingUnit, column: str) -> None:
    # each judge (and item) looks at a pair of its own, so its weight shows in that pair's count
    cells = make_cells(
        first=[0, 1, 2, 0],
        second=[1, 2, 3, 3],
        outcome=[0, 0, 0, 0],
        count=[7, 7, 7, 7],
        **{column: [0, 1, 2, 3]},
    )
    pairs = pair_table(*pair_counts(cells, 4))

    drawn = comparison_resampler(cells, pairs, unit=unit, seed=3).draw(0, 50)

    assert (drawn.wins % 7 == 0).all()
    assert (drawn.wins.sum(axis=1) == 28).all()
    assert not drawn.losses.any()


def test_both_ways_multiply_the_weights_of_judge_and_item() -> None:
    cells = make_random_cells(2)
    pairs = pair_table(*pair_counts(cells, 5))

    drawn = comparison_resampler(cells, pairs, unit="both", seed=3).draw(0, 400)

    totals = (drawn.wins + drawn.losses + drawn.ties).sum(axis=1)
    assert totals.mean() == pytest.approx(cells.n_judgments, rel=0.05)
    assert totals.std() > 10


def test_boards_of_many_judges_add_up_as_their_judgments_do() -> None:
    # more judges' pairs than are weighted at once
    generator = np.random.default_rng(8)
    first = generator.integers(0, 14, 40_000)
    cells = make_cells(
        first=first,
        second=(first + generator.integers(1, 14, len(first))) % 14,
        outcome=generator.integers(0, 3, len(first)),
        judge=generator.integers(-1, 60, len(first)),
        item=generator.integers(-1, 30, len(first)),
    )
    pairs = pair_table(*pair_counts(cells, 14))

    drawn = comparison_resampler(cells, pairs, unit="both", seed=5).draw(2, 3)

    numbers = chunk_generator(5, 2)
    judges, items = (multinomial_weights(numbers, n_units, 3) for n_units in (61, 31))
    for row in range(3):
        weights = judges[row][cells.judge + 1] * items[row][cells.item + 1]
        weighted = make_cells(
            first=cells.first, second=cells.second, outcome=cells.outcome, count=weights.astype(np.int64)
        )
        wins, ties = pair_counts(weighted, 14)
        np.testing.assert_array_equal(drawn.wins[row], wins[pairs.upper, pairs.lower])
        np.testing.assert_array_equal(drawn.losses[row], wins[pairs.lower, pairs.upper])
        np.testing.assert_array_equal(drawn.ties[row], ties[pairs.upper, pairs.lower])


def test_bare_judgments_are_poisson() -> None:
    cells = make_random_cells(2, known=False, n_judgments=2000)
    pairs = pair_table(*pair_counts(cells, 5))

    drawn = comparison_resampler(cells, pairs, unit="judgments", seed=3).draw(0, 1000)

    np.testing.assert_allclose(drawn.wins.mean(axis=0), pairs.wins, rtol=0.05)
    np.testing.assert_allclose(drawn.wins.var(axis=0), pairs.wins, rtol=0.25)


@settings(deadline=None)
@given(seed=st.integers(0, 200))
def test_outcomes_stay_with_their_method_whoever_stands_first(seed: int) -> None:
    cells = make_random_cells(seed, n_judgments=60)
    wins, ties = pair_counts(cells, 5)
    resampler = comparison_resampler(cells, pair_table(wins, ties), unit="judges", seed=1)

    # with every weight 1 the drawn board is the board itself
    counts = np.bincount(resampler.row, resampler.count, minlength=3 * resampler.pairs.n_pairs)
    np.testing.assert_array_equal(
        counts, np.concatenate([resampler.pairs.wins, resampler.pairs.losses, resampler.pairs.ties])
    )


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


def test_every_drawn_board_is_square_and_symmetric_in_its_ties() -> None:
    cells = make_random_cells(4)
    drawn = comparison_resampler(cells, pair_table(*pair_counts(cells, 5)), unit="both", seed=1).draw(0, 3)

    wins, ties = square_tables(drawn)

    np.testing.assert_array_equal(ties, np.swapaxes(ties, 1, 2))
    np.testing.assert_array_equal(wins.sum(axis=(1, 2)), (drawn.wins + drawn.losses).sum(axis=1))


def test_percentiles_leave_out_a_few_without_an_answer_and_say_so() -> None:
    values = np.arange(100.0)[:, None]
    values[:5] = np.nan

    found = percentile_intervals(values)

    assert found.low is not None
    assert found.low[0] == pytest.approx(np.quantile(np.arange(5, 100), 0.025))
    assert found.rule == "percentiles of 95 resamples; 5 without an answer are left out"


def test_percentiles_are_not_estimable_when_many_have_no_answer() -> None:
    values = np.arange(100.0)[:, None]
    values[:6] = np.nan

    found = percentile_intervals(values)

    assert found.low is None
    assert found.rule == "not estimable: 6 of 100 resamples have no answer (more than 5%)"


def test_nothing_resampled_has_no_percentiles() -> None:
    assert percentile_intervals(np.empty((0, 3))).rule == "nothing was resampled"


def test_weights_are_multinomial_and_do_not_depend_on_how_many_follow() -> None:
    few, many = (Weights.drawn(7, n_resamples=n, seed=4).counts for n in (CHUNK, 3 * CHUNK))

    assert (many.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(few, many[:CHUNK])
    assert not np.array_equal(few, Weights.drawn(7, n_resamples=CHUNK, seed=4, stream=1).counts)


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
        assert any("Resampling judges was asked for" in note for note in notes)
    if unit == "judgments":
        assert any("bare judgments" in note for note in notes)
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


def test_counts_kept_small_give_the_sums_of_the_weights() -> None:
    parts = np.random.default_rng(3).normal(size=(40, 3))
    weights = [
        multinomial_weights(chunk_generator(5, index, 1), 40, rows.stop - rows.start)
        for index, rows in enumerate(chunks(250))
    ]
    kept = Weights.drawn(40, n_resamples=250, seed=5, stream=1)
    assert kept.counts.dtype == np.uint8
    np.testing.assert_allclose(kept.sums(parts), np.concatenate(weights) @ parts, atol=1e-12)
