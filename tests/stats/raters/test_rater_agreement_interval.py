"""The resampling interval of a judge's agreement, and flags that honest judges do not get."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, Cells, make_cells
from hlv.stats.pairwise.pair_likelihoods import square_tables
from hlv.stats.power.simulate import even_strengths, simulate_judgments
from hlv.stats.raters.infit_outfit import infit_outfit
from hlv.stats.raters.rater_agreement_interval import FEW_ITEMS, agreement_intervals
from hlv.stats.raters.rater_consistency import shared_agreement
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.resampling.item_weights import Weights


def make_simulated(*, n_judges: int, n_items: int, n_judgments: int, seed: int = 5, **more: float) -> Cells:
    drawn = simulate_judgments(
        even_strengths(4, spread=3.0), n_judgments=n_judgments, n_judges=n_judges, n_items=n_items,
        rng=np.random.default_rng(seed), tie_share=0.15, **more,
    )  # fmt: skip
    return make_cells(
        first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge, item=drawn.item
    )


def drawn_again(cells: Cells, times: np.ndarray) -> Cells:
    """Each item as often as it was drawn, every copy an item of its own."""
    rows = [
        (index, copy) for index in range(len(cells)) for copy in range(int(times[int(cells.item[index])]))
    ]
    kept = np.array([index for index, _ in rows])
    copies = np.array([copy for _, copy in rows])
    return make_cells(
        first=cells.first[kept],
        second=cells.second[kept],
        outcome=cells.outcome[kept],
        judge=cells.judge[kept],
        item=cells.item[kept] * 1000 + copies,
    )


def test_the_interval_is_that_of_boards_with_the_items_drawn_again() -> None:
    cells = make_simulated(n_judges=3, n_items=8, n_judgments=300)
    weights = Weights.drawn(8, n_resamples=40, seed=2).counts

    found = agreement_intervals(cells, n_resamples=40, seed=2)

    shares = np.stack([shared_agreement(drawn_again(cells, times)).same for times in weights])
    np.testing.assert_allclose(found.low, np.quantile(shares, 0.025, axis=0))
    np.testing.assert_allclose(found.high, np.quantile(shares, 0.975, axis=0))


def test_few_items_or_no_resamples_give_no_interval() -> None:
    few = make_simulated(n_judges=3, n_items=4, n_judgments=200)
    assert np.isnan(agreement_intervals(few, n_resamples=40, seed=2).low).all()
    enough = make_simulated(n_judges=3, n_items=8, n_judgments=200)
    assert np.isnan(agreement_intervals(enough, n_resamples=0, seed=2).high).all()
    alone = make_simulated(n_judges=1, n_items=8, n_judgments=200)
    with pytest.raises(UndeterminedJudgesError, match="two judges"):
        agreement_intervals(alone, n_resamples=40, seed=2)


def test_five_items_shared_with_somebody_are_enough_and_those_judged_alone_do_not_count() -> None:
    # judges 0 and 1 share items 0 to 4; judge 2 shares four of them and has five more for herself
    items = [*range(5), *range(5), *range(4), *range(5, 10)]
    cells = make_cells(
        first=[0] * 19,
        second=[1] * 19,
        outcome=[FIRST if said == "1" else SECOND for said in "11111" + "11221" + "1212" + "11111"],
        judge=[0] * 5 + [1] * 5 + [2] * 9,
        item=items,
    )

    found = agreement_intervals(cells, n_resamples=60, seed=2)

    assert found.why_none == [None, None, FEW_ITEMS]
    assert np.isnan(found.low).tolist() == [False, False, True]


def test_of_a_thousand_judges_who_follow_the_model_hardly_one_is_flagged() -> None:
    n_flagged = 0
    for seed in range(10):
        cells = make_simulated(n_judges=100, n_items=30, n_judgments=4000, seed=seed, taste_sd=0.35)
        boards = RaterCounts.of(cells, 4)
        found = infit_outfit(boards, fit_bradley_terry(*square_tables(boards.pairs), ties_rule="half"))
        n_flagged += sum(flag is not None for flag in found.flags)
    assert n_flagged <= 2
