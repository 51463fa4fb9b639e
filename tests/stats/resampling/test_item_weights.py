"""One weight per text: what a ranking draws of a text, a metric draws too."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.bootstrap_scores import ScoreMeansResampling
from hlv.stats.pairwise.comparison_resampler import RankingDraws, comparison_resampler
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells, make_cells, pair_counts
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.power.simulate import even_strengths, simulate_judgments
from hlv.stats.resampling.chunks import CHUNK, chunk_generator, chunks, run_in_sequence
from hlv.stats.resampling.item_weights import ItemDraws, Weights, multinomial_counts, multinomial_weights

SEED = 8


NAMES = list("abcde")


def simulated(seed: int = 1, n_judges: int = 6) -> Cells:
    drawn = simulate_judgments(
        even_strengths(5, spread=2.0),
        n_judgments=600,
        n_judges=n_judges,
        n_items=30,
        rng=np.random.default_rng(seed),
        item_sd=0.8,
    )
    # Keys of a database: neither from 0 nor without gaps.
    return make_cells(
        first=drawn.first,
        second=drawn.second,
        outcome=drawn.outcome,
        judge=drawn.judge,
        item=drawn.item * 7 + 100,
    )


def counts(draws: ItemDraws, n_resamples: int = 250) -> FloatArray:
    return np.concatenate(
        [
            draws.counts(index, min(CHUNK, n_resamples - start))
            for index, start in enumerate(range(0, n_resamples, CHUNK))
        ]
    ).astype(np.float64)


@pytest.mark.parametrize("unit", ["items", "both"])
def test_a_metric_draws_a_judged_text_as_often_as_the_ranking(unit: str) -> None:
    cells = simulated()
    wins, ties = pair_counts(cells, 5)
    board = comparison_resampler(cells, pair_table(wins, ties), unit=unit, seed=SEED)  # type: ignore[arg-type]
    keys = np.unique(cells.item)
    items = RankingDraws.of(cells, unit=unit, seed=SEED).of_items(keys).counts(0, 40)  # type: ignore[arg-type]

    judges = np.ones((40, 6))
    if unit == "both":
        generator = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(0, 0)))
        judges = multinomial_counts(generator, 6, 40).astype(np.float64)
    weight = judges[:, cells.judge] * items[:, np.searchsorted(keys, cells.item)]
    drawn = board.draw(0, 40)

    total = drawn.wins.sum(axis=1) + drawn.losses.sum(axis=1) + drawn.ties.sum(axis=1)
    np.testing.assert_array_equal(total, weight @ cells.count)


def test_two_metrics_draw_a_text_alike_whatever_else_they_score() -> None:
    ranked = RankingDraws.of(simulated(), unit="both", seed=SEED)
    some = np.array([9, 100, 107, 5000, 5001, *range(6000, 6030)])
    others = np.array([107, 5001, 9, *range(7000, 7030)])

    first, second = counts(ranked.of_items(some)), counts(ranked.of_items(others))

    np.testing.assert_array_equal(first[:, [2, 4, 0]], second[:, :3])


def test_a_text_that_nobody_judged_has_poisson_weights() -> None:
    drawn = counts(RankingDraws(SEED, 0, np.empty(0, dtype=np.int64)).of_items(np.arange(400)), 1000)

    assert drawn.mean() == pytest.approx(1.0, abs=0.01)
    assert drawn.var() == pytest.approx(1.0, abs=0.02)
    # neighbouring texts, and neighbouring resamples, have nothing to do with each other
    for one, other in ((drawn[:, :-1], drawn[:, 1:]), (drawn[:-1], drawn[1:])):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] == pytest.approx(0.0, abs=0.01)


def test_a_resample_of_few_texts_never_holds_none() -> None:
    drawn = counts(RankingDraws(SEED, 0, np.empty(0, dtype=np.int64)).of_items(np.array([4, 7])), 1000)

    assert (drawn.sum(axis=1) > 0).all()


def test_an_unknown_text_of_the_board_is_no_text_of_a_metric() -> None:
    cells = simulated()
    cells.item[:40] = UNKNOWN

    draws = RankingDraws.of(cells, unit="items", seed=SEED).of_items(np.array([100, 3]))

    assert draws.n_ranked == len(np.unique(cells.item))
    assert draws.place.tolist() == [1, UNKNOWN]


def test_where_the_ranking_draws_no_text_none_is_shared() -> None:
    assert not len(RankingDraws.of(simulated(), unit="judges", seed=SEED).items)


def test_chunks_may_be_computed_alone() -> None:
    draws = RankingDraws.of(simulated(), unit="both", seed=SEED).of_items(np.array([100, 107, 5000]))
    options = {"n_resamples": 330, "seed": 0, "shared": draws}
    whole = Weights.draw_chunks(3, first=0, stop=4, **options)  # type: ignore[arg-type]
    part = Weights.draw_chunks(3, first=1, stop=3, **options)  # type: ignore[arg-type]

    np.testing.assert_array_equal(part.counts, whole.counts[100:300])


def test_an_automatic_judge_draws_the_texts_that_people_draw() -> None:
    """The same verdicts on the same texts give the same resamples, though the judge has a seed of its own."""
    cells = simulated(n_judges=1)
    people = rank_methods(cells, NAMES, n_resamples=200, seed=SEED)
    assert people.resamples is not None
    draws = RankingDraws.of(cells, unit=people.resamples.unit, seed=SEED)

    together = rank_methods(cells, NAMES, n_resamples=200, seed=99, draws=draws).resamples
    difference_errors = rank_methods(cells, NAMES, n_resamples=200, seed=99).resamples

    assert together is not None
    assert difference_errors is not None
    np.testing.assert_allclose(together.strengths, people.resamples.strengths, atol=1e-9)
    assert abs(np.corrcoef(difference_errors.strengths[:, 0], people.resamples.strengths[:, 0])[0, 1]) < 0.25


def test_errors_of_both_sides_are_correlated_where_texts_are_shared() -> None:
    """A text on which a method wins more often, and scores more, moves both sides in one resample."""
    cells = simulated()
    keys = np.unique(cells.item)
    ranked = rank_methods(cells, NAMES, n_resamples=1000, seed=SEED, resample="items").resamples
    assert ranked is not None
    won = np.zeros((5, len(keys)))
    place = np.searchsorted(keys, cells.item)
    np.add.at(won, (np.where(cells.outcome == 0, cells.first, cells.second), place), cells.count)
    draws = RankingDraws.of(cells, unit="items", seed=SEED)

    def correlation(shared: ItemDraws | None) -> float:
        work = ScoreMeansResampling((won,), [1], SEED, 1000, shared)
        return float(np.corrcoef(run_in_sequence(work)[:, 0], ranked.strengths[:, 0])[0, 1])

    assert correlation(draws.of_items(keys)) > 0.5
    assert abs(correlation(None)) < 0.15


def test_weights_are_multinomial_and_do_not_depend_on_how_many_follow() -> None:
    few, many = (Weights.drawn(7, n_resamples=n, seed=4).counts for n in (CHUNK, 3 * CHUNK))

    assert (many.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(few, many[:CHUNK])
    assert not np.array_equal(few, Weights.drawn(7, n_resamples=CHUNK, seed=4, stream=1).counts)


def test_counts_kept_small_give_the_sums_of_the_weights() -> None:
    parts = np.random.default_rng(3).normal(size=(40, 3))
    weights = [
        multinomial_weights(chunk_generator(5, index, 1), 40, rows.stop - rows.start)
        for index, rows in enumerate(chunks(250))
    ]
    kept = Weights.drawn(40, n_resamples=250, seed=5, stream=1)
    assert kept.counts.dtype == np.uint8
    np.testing.assert_allclose(kept.sums(parts), np.concatenate(weights) @ parts, atol=1e-12)
