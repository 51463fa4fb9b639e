from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import fit_bradley_terry
from hlv.stats.pairwise.comparisons import FIRST, Cells, make_cells, pair_counts
from hlv.stats.power.simulate import even_strengths, simulate_judgments
from hlv.stats.raters import RaterCounts
from hlv.stats.raters.disjoint_noise_ceiling import disjoint_noise_ceiling, reliabilities
from hlv.stats.raters.noise_ceiling import UndeterminedCeilingError, noise_ceiling
from tests.stats.boards import make_random_cells, read_llmfao

STRENGTHS = even_strengths(6, spread=1.5)


def make_campaign(seed: int, *, preferences: float, texts: float) -> Cells:
    drawn = simulate_judgments(
        STRENGTHS,
        n_judgments=3000,
        n_judges=10,
        n_items=12,
        taste_sd=preferences,
        item_sd=texts,
        rng=np.random.default_rng(seed),
    )
    return make_cells(
        first=drawn.first, second=drawn.second, outcome=drawn.outcome, judge=drawn.judge, item=drawn.item
    )


def strengths_of(cells: Cells, kept: np.ndarray) -> FloatArray:
    part = make_cells(first=cells.first[kept], second=cells.second[kept], outcome=cells.outcome[kept])
    return fit_bradley_terry(*pair_counts(part, 5)).strengths


def test_two_judges_and_two_texts_have_one_split() -> None:
    cells = make_random_cells(2, n_judges=2, n_items=2, n_judgments=800)

    found = disjoint_noise_ceiling(cells, 5, n_splits=6, seed=1)

    of = {
        (judge, text): strengths_of(cells, (cells.judge == judge) & (cells.item == text))
        for judge in range(2)
        for text in range(2)
    }
    r = {
        kind: np.mean([pearsonr(of[one], of[other]).statistic for one, other in pairs])
        for kind, pairs in {
            "disjoint": [((0, 0), (1, 1)), ((0, 1), (1, 0))],
            "same_texts": [((0, 0), (1, 0)), ((0, 1), (1, 1))],
            "same_judges": [((0, 0), (0, 1)), ((1, 0), (1, 1))],
        }.items()
    }
    for kind, expected in r.items():
        assert getattr(found, kind) == pytest.approx(expected, abs=1e-8)
    expected = reliabilities(r["disjoint"], same_texts=r["same_texts"], same_judges=r["same_judges"])
    assert (found.reliability, found.reliability_same_texts) == pytest.approx(expected)
    assert found.ceiling == pytest.approx(np.sqrt(expected[0]))
    assert (found.n_judges, found.n_texts, found.n_splits, found.n_without_answer) == (2, 2, 6, 0)


def test_reliability_is_the_share_of_the_methods_variance() -> None:
    # Quarters: variance 1 of methods, .8 of judges, .6 of texts, 1.6 of the rest; all judgments have half, half, a quarter.
    total = 1 + 0.8 + 0.6 + 1.6

    found = reliabilities(1 / total, same_texts=1.6 / total, same_judges=1.8 / total)

    assert found[0] == pytest.approx(1 / (1 + 0.4 + 0.3 + 0.4))
    assert found[1] == pytest.approx((1 + 0.3) / (1 + 0.4 + 0.3 + 0.4))
    # Without effects of judges and texts: Spearman-Brown for four times as many judgments.
    r = 0.4
    assert reliabilities(r, same_texts=r, same_judges=r)[0] == pytest.approx(4 * r / (1 + 3 * r))


@pytest.mark.parametrize(("preferences", "texts"), [(0.8, 0.8), (0.3, 1.2), (0.8, 0.0)])
def test_texts_that_differ_inflate_the_ceiling_of_shared_texts(preferences: float, texts: float) -> None:
    truth, disjoint, shared, halves = [], [], [], []
    for seed in range(8):
        cells = make_campaign(seed, preferences=preferences, texts=texts)
        found = disjoint_noise_ceiling(cells, 6, n_splits=20, seed=seed)
        estimated = fit_bradley_terry(*pair_counts(cells, 6)).strengths
        truth.append(pearsonr(estimated, STRENGTHS).statistic ** 2)
        disjoint.append(found.reliability)
        shared.append(found.reliability_same_texts)
        halves.append(noise_ceiling(RaterCounts.of(cells, 6), n_splits=20, seed=seed).reliability)

    # The truth is the squared correlation with the strengths over endless judges and texts.
    assert np.mean(disjoint) == pytest.approx(np.mean(truth), abs=0.09)
    assert np.mean(shared) == pytest.approx(np.mean(halves), abs=0.06)
    inflation = np.mean(halves) - np.mean(truth)
    assert inflation > 0.1 if texts else abs(inflation) < 0.09


def test_the_same_seed_gives_this_ceiling() -> None:
    cells = make_random_cells(6, n_judges=12, n_items=10)

    found, again = (disjoint_noise_ceiling(cells, 5, n_splits=30, seed=3) for _ in range(2))

    assert found == again
    assert (found.disjoint, found.reliability) == pytest.approx((0.906767647, 0.974526278), abs=1e-8)


def test_thirteen_prompts_of_llmfao_inflate_its_ceiling(shared_data: Path) -> None:
    cells, names = read_llmfao(shared_data, "crowd")

    found = disjoint_noise_ceiling(cells, len(names), n_splits=40, seed=1)

    assert (found.n_judges, found.n_texts, len(names)) == (124, 13, 59)
    # The documentation has 200 splits: .885 for new prompts, .961 for these.
    assert found.ceiling == pytest.approx(0.885, abs=0.015)
    assert found.ceiling_same_texts == pytest.approx(0.961, abs=0.006)
    halves = noise_ceiling(RaterCounts.of(cells, len(names)), n_splits=40, seed=1)
    assert halves.ceiling == pytest.approx(0.965, abs=0.006)


def test_judgments_of_unknown_judges_or_texts_do_not_enter() -> None:
    cells = make_random_cells(6, n_judges=8, n_items=8)
    columns = {name: np.concatenate([column, column[:50]]) for name, column in vars(cells).items()}
    columns["judge"][-50:-25] = -1
    columns["item"][-25:] = -1

    found = disjoint_noise_ceiling(Cells(**columns), 5, n_splits=10, seed=0)

    assert found == disjoint_noise_ceiling(cells, 5, n_splits=10, seed=0)


def test_what_cannot_be_halved_twice_is_refused() -> None:
    # Of two judges with opposite orders, quarters disagree.
    against = make_cells(
        first=[0, 1, 1, 2, 2, 1, 1, 0] * 2, second=[1, 0, 2, 1, 1, 2, 0, 1] * 2, outcome=[FIRST] * 16,
        count=[3, 1] * 8, judge=([1] * 4 + [2] * 4) * 2, item=[0] * 8 + [1] * 8,
    )  # fmt: skip
    for cells, n_methods, reason in (
        (make_random_cells(1, n_judges=1), 5, "1 known judges"),
        (make_random_cells(1, n_items=1), 5, "1 known texts"),
        (make_random_cells(1, n_judgments=60), 5, "too few judgments"),
        (against, 3, "do not agree"),
    ):
        with pytest.raises(UndeterminedCeilingError, match=reason):
            disjoint_noise_ceiling(cells, n_methods, n_splits=10, seed=0)
    with pytest.raises(ValueError, match="one split"):
        disjoint_noise_ceiling(against, 3, n_splits=0, seed=0)
