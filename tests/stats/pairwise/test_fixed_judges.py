"""Intervals that take the judges as given, beside those for judges like these."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hlv.core.stored_results import plain
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells, make_cells
from hlv.stats.pairwise.fixed_judges import FixedJudges
from hlv.stats.pairwise.ranking import rank_methods
from hlv.stats.power.simulate import (
    SimulatedJudgments,
    even_strengths,
    population_strengths,
    same_judges_strengths,
    simulate_judgments,
)

N_METHODS = 10


NAMES = [f"m{place}" for place in range(N_METHODS)]


def make_judgments(
    seed: int, *, n_judges: int = 5, n_judgments: int = 3000, n_items: int = 150
) -> SimulatedJudgments:
    return simulate_judgments(
        even_strengths(N_METHODS, spread=2.5),
        n_judgments=n_judgments,
        n_judges=n_judges,
        n_items=n_items,
        rng=np.random.default_rng(seed),
        tie_share=0.2,
        taste_sd=0.35,
        item_sd=0.15,
        evenness=2.0,
    )


def cells_of(drawn: SimulatedJudgments, *, with_items: bool = True) -> Cells:
    item = drawn.item if with_items else np.full(len(drawn.item), UNKNOWN)
    return make_cells(
        first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge, item=item
    )


def test_they_hold_what_these_judges_would_say_of_other_texts() -> None:
    held, ranks_held = [], []
    for seed in range(60):
        drawn = make_judgments(seed)
        given = rank_methods(cells_of(drawn), NAMES, n_resamples=0, seed=1).given_judges
        truth = same_judges_strengths(drawn, item_sd=0.15)
        assert given is not None
        held.append((given.low <= truth) & (truth <= given.high))
        rank = np.argsort(np.argsort(-truth)) + 1
        ranks_held.append(((given.best_rank <= rank) & (rank <= given.worst_rank)).all())

    # 600 intervals of 95 %: two standard errors of a share, of boards by their number
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(ranks_held) >= 0.95


def test_judges_without_tastes_give_the_strengths_of_the_population() -> None:
    drawn = simulate_judgments(
        even_strengths(4, spread=2.0), n_judgments=500, n_judges=3, n_items=10, rng=np.random.default_rng(1)
    )

    np.testing.assert_allclose(same_judges_strengths(drawn), even_strengths(4, spread=2.0), atol=1e-9)
    with_texts = population_strengths(even_strengths(4, spread=2.0), item_sd=0.5)
    np.testing.assert_allclose(same_judges_strengths(drawn, item_sd=0.5), with_texts, atol=1e-9)


def test_few_judges_leave_ranks_open_that_they_order_themselves() -> None:
    drawn = make_judgments(7, n_judgments=32_694, n_items=300)

    ranking = rank_methods(cells_of(drawn), NAMES, n_resamples=0, seed=1)

    given = ranking.given_judges
    assert given is not None
    assert ranking.best_rank is not None
    assert ranking.worst_rank is not None
    assert given.best_rank is not None
    assert given.worst_rank is not None
    assert ranking.best_rank.tolist() == [1, 1, 1, 1, 1, 1, 1, 3, 3, 1]
    assert ranking.worst_rank.tolist() == [10, 8, 8, 10, 10, 10, 10, 10, 10, 10]
    assert given.best_rank.tolist() == [1, 1, 3, 5, 3, 6, 6, 6, 9, 9]
    assert given.worst_rank.tolist() == [2, 2, 4, 5, 4, 8, 8, 8, 10, 10]
    np.testing.assert_allclose(given.low[:2], [0.78268548, 0.7603934], rtol=1e-7)
    np.testing.assert_allclose(given.high[:2], [0.87426737, 0.8466461], rtol=1e-7)
    assert given.matters
    assert given.sentence in ranking.notes
    stored = json.loads(json.dumps(plain(ranking.summary()), allow_nan=False))
    assert stored["given_judges"]["unit"] == "items"
    assert stored["given_judges"]["n_separated"] == given.n_separated
    row = stored["methods"][0]
    assert row["rank_interval_given_judges"] == [given.best_rank[0], given.worst_rank[0]]
    assert row["interval_given_judges"] == [given.low[0], given.high[0]]


def test_the_default_stays_what_it_was() -> None:
    ranking = rank_methods(cells_of(make_judgments(3)), NAMES, n_resamples=0, seed=1)

    given = ranking.given_judges
    assert given is not None
    assert (ranking.low <= given.low).all()
    assert (given.high <= ranking.high).all()
    assert (ranking.high - ranking.low).sum() > 1.5 * (given.high - given.low).sum()
    assert ranking.interval_method is not None
    assert ranking.interval_method.startswith("CR3, two-way")
    assert given.method is not None
    assert given.method.startswith("CR3 by item")


def test_without_known_texts_the_judgments_are_the_sample() -> None:
    cells = cells_of(make_judgments(3), with_items=False)

    given = rank_methods(cells, NAMES, n_resamples=0, seed=1).given_judges

    assert given is not None
    assert given.unit == "judgments"
    assert "over other judgments" in given.sentence


def test_where_judges_are_many_or_no_sample_nothing_is_said() -> None:
    many = rank_methods(
        cells_of(make_judgments(3, n_judges=25, n_judgments=6000)), NAMES, n_resamples=0, seed=1
    )
    one = rank_methods(cells_of(make_judgments(3, n_judges=1)), NAMES, n_resamples=0, seed=1)
    win_rate = rank_methods(cells_of(make_judgments(3)), NAMES, model="win-rate", n_resamples=0, seed=1)

    assert many.given_judges is not None
    assert not many.given_judges.matters
    assert not any(note.startswith("Among these") for note in many.notes)
    assert one.given_judges is None
    assert win_rate.given_judges is None
    assert win_rate.summary().given_judges is None


def test_why_there_is_none_is_stored() -> None:
    # two texts, and all comparisons of one method with one of them
    rows = [(0, 1), (1, 0), (0, 1), (1, 0), (1, 2), (2, 1)]
    cells = make_cells(
        first=np.array([a for a, _ in rows]),
        second=np.array([b for _, b in rows]),
        outcome=np.zeros(6, dtype=np.int64),
        judge=np.array([0, 0, 1, 1, 0, 1]),
        item=np.array([0, 0, 0, 0, 1, 1]),
    )

    given = rank_methods(cells, ["a", "b", "c"], n_resamples=0, seed=1).given_judges

    assert given is not None
    assert given.undetermined is not None
    assert given.undetermined.startswith("Without one item the comparisons no longer connect all methods")
    assert not given.matters
    assert np.isnan(given.low).all()


@pytest.mark.parametrize("resample", ["items", "judgments"])
def test_what_was_asked_for_without_judges_is_not_said_twice(resample: str) -> None:
    ranking = rank_methods(
        cells_of(make_judgments(3)), NAMES, n_resamples=0, seed=1, resample=resample  # type: ignore[arg-type]
    )  # fmt: skip
    assert ranking.given_judges is None


def test_the_intervals_matter_where_few_judges_separate_more_pairs() -> None:
    def found(n_judges: int, n_separated: int) -> FixedJudges:
        missing = np.full(3, np.nan)
        return FixedJudges(n_judges, "items", "CR3", missing, missing, None, None, n_separated, 1)

    assert found(5, 2).matters
    assert not found(5, 1).matters
    assert not found(20, 2).matters
    assert "2 of 3 pairs of methods are separated" in found(5, 2).sentence
