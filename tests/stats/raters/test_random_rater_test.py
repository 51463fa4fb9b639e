"""Who clicks at random and who clicks left stand out, and honest judges do not."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, SECOND, TIE, Cells, make_cells
from hlv.stats.pairwise.pair_likelihoods import square_tables
from hlv.stats.power.simulate import even_strengths, simulate_judgments
from hlv.stats.raters.infit_outfit import NOTABLE
from hlv.stats.raters.random_rater_test import random_rater_test
from hlv.stats.raters.rater_counts import RaterCounts, UndeterminedJudgesError
from hlv.stats.raters.rater_report import ConsensusFit, LeftShare, describe_judges

N_METHODS, N_ITEMS, N_EACH = 9, 80, 160


RANDOM, LEFT = 1000, 1001


def make_campaign(seed: int, *, n_honest: int = 100) -> Cells:
    """A hundred judges who differ in their tastes, one who clicks at random, and one who always clicks left."""
    rng = np.random.default_rng(seed)
    honest = simulate_judgments(
        even_strengths(N_METHODS, spread=3.0),
        n_judgments=n_honest * N_EACH,
        n_judges=n_honest,
        n_items=N_ITEMS,
        tie_share=0.2,
        taste_sd=0.3,
        item_sd=0.3,
        rng=rng,
    )
    left = rng.integers(N_METHODS, size=2 * N_EACH)
    verdicts = np.concatenate(
        [rng.choice([FIRST, SECOND, TIE], p=[0.4, 0.4, 0.2], size=N_EACH), np.full(N_EACH, FIRST)]
    )
    return make_cells(
        first=np.concatenate([honest.first, left]),
        second=np.concatenate(
            [honest.second, (left + rng.integers(1, N_METHODS, size=2 * N_EACH)) % N_METHODS]
        ),
        outcome=np.concatenate([honest.outcome, verdicts]),
        judge=np.concatenate([honest.judge, np.repeat([RANDOM, LEFT], N_EACH)]),
        item=np.concatenate([honest.item, rng.integers(N_ITEMS, size=2 * N_EACH)]),
        first_is_left=np.ones((n_honest + 2) * N_EACH, dtype=np.int64),
    )


def flagged(cells: Cells) -> dict[int, set[str]]:
    """As the report on judges flags them."""
    found: dict[int, set[str]] = {}
    report = describe_judges(cells, [str(number) for number in range(N_METHODS)])
    for code, row in zip(report.codes, report.judges, strict=True):
        fit, variables = row.consensus or ConsensusFit(), row.side_bias or LeftShare()
        flags = {str(fit.flag)} - {"None"}
        flags |= {"random"} if fit.is_random else set()
        if variables.adjusted_p is not None and variables.adjusted_p < NOTABLE:
            flags.add("left" if (variables.share or 0) > 0.5 else "right")
        if flags:
            found[code] = flags
    return found


@pytest.mark.parametrize("seed", range(5))
def test_a_random_and_a_left_clicker_are_flagged_and_of_a_hundred_honest_judges_none(seed: int) -> None:
    found = flagged(make_campaign(seed))
    assert set(found) == {RANDOM, LEFT}
    assert "random" in found[RANDOM]
    assert "left" in found[LEFT]


def test_the_ratio_is_that_of_two_likelihoods() -> None:
    # Two methods, 3 to 1 in all: the consensus gives the first 3/4.
    cells = make_cells(
        first=[0, 0, 0, 0, 0],
        second=[1] * 5,
        outcome=[FIRST, FIRST, SECOND, FIRST, TIE],
        judge=[1, 1, 2, 2, 2],
    )
    boards = RaterCounts.of(cells, 2)
    fit = fit_bradley_terry(*square_tables(boards.pairs), ties_rule="drop")
    found = random_rater_test(boards, fit)
    assert found.n_decided.tolist() == [2, 2]
    assert found.log_ratio.tolist() == pytest.approx([2 * log(1.5), log(1.5) + log(0.5)])
    assert found.flags == [False, False]


def test_with_half_ties_an_upset_weighs_what_it_does_among_preferences() -> None:
    """Ten judges: A and B tie whenever they meet; against C each wins four times of five."""
    rows = [(0, 1, TIE)] * 4 + [(0, 2, FIRST), (1, 2, FIRST)]
    verdicts = [(judge, *row) for judge in range(10) for row in rows]
    upset = {(0, 0, 2), (1, 0, 2), (2, 1, 2), (3, 1, 2)}
    cells = make_cells(
        judge=[judge for judge, *_ in verdicts],
        first=[first for _, first, _, _ in verdicts],
        second=[second for _, _, second, _ in verdicts],
        outcome=[
            SECOND if (judge, first, second) in upset else outcome
            for judge, first, second, outcome in verdicts
        ],
    )
    boards = RaterCounts.of(cells, 3)
    found = random_rater_test(boards, fit_bradley_terry(*square_tables(boards.pairs), ties_rule="half"))
    assert found.log_ratio[0] == pytest.approx(log(2 * 0.8) + log(2 * 0.2))
    assert not any(found.flags)


@pytest.mark.parametrize("tie_share", [0.2, 0.4])
def test_of_honest_judges_with_few_verdicts_and_many_ties_none_is_flagged(tie_share: float) -> None:
    for seed in range(20):
        drawn = simulate_judgments(
            even_strengths(N_METHODS, spread=3.0), n_judgments=240, n_judges=20, n_items=N_ITEMS,
            tie_share=tie_share, rng=np.random.default_rng(seed),
        )  # fmt: skip
        cells = make_cells(
            first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge, item=drawn.item
        )
        boards = RaterCounts.of(cells, N_METHODS)
        assert not any(random_rater_test(boards, fit_bradley_terry(*square_tables(boards.pairs))).flags)


def test_one_judge_alone_is_held_against_no_coin() -> None:
    cells = make_cells(first=[0, 0], second=[1, 1], outcome=[FIRST, SECOND], judge=[1, 1])
    boards = RaterCounts.of(cells, 2)
    with pytest.raises(UndeterminedJudgesError, match="one judge"):
        random_rater_test(boards, fit_bradley_terry(*square_tables(boards.pairs)))
