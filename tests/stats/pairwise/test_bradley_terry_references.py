"""Bradley-Terry strengths agree with published examples and other programs."""

from __future__ import annotations

import json
from pathlib import Path

import choix
import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from hlv.stats.arrays import FloatArray
from hlv.stats.pairwise.bradley_terry import (
    BradleyTerryFit,
    fit_bradley_terry,
)
from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.mle_existence import TIES_RULES, TiesRule
from hlv.stats.pairwise.pair_likelihoods import (
    derivatives,
    information,
    log_likelihood,
    pair_table,
)
from tests.published import boards as published
from tests.stats.boards import make_board, make_random_cells, pudding, read_llmfao


def model_errors(board: tuple[FloatArray, FloatArray], fit: BradleyTerryFit, reference: int) -> FloatArray:
    """Errors of the strengths less that of one method, by the information."""
    pairs = pair_table(*board)
    x = fit.strengths[pairs.upper] - fit.strengths[pairs.lower]
    inverse = np.linalg.pinv(information(pairs, derivatives(pairs, x, np.array(0.0), "half"), "half"))
    own = np.diag(inverse)
    return np.sqrt(own + own[reference] - 2 * inverse[reference])


def test_baseball_agrees_with_agresti() -> None:
    won = [(home, away, count) for home, away, count, _ in published.BASEBALL]
    lost = [(away, home, count) for home, away, _, count in published.BASEBALL]
    board = make_board(7, wins=won + lost)

    fit = fit_bradley_terry(*board)

    np.testing.assert_allclose(
        fit.strengths[:-1] - fit.strengths[-1], published.BASEBALL_STRENGTHS, atol=1e-5
    )
    np.testing.assert_allclose(model_errors(board, fit, 6)[:-1], published.BASEBALL_ERRORS, atol=1e-5)
    saturated = sum(
        k * np.log(k / (won + lost)) for _, _, won, lost in published.BASEBALL for k in (won, lost) if k
    )
    assert 2 * (saturated - fit.log_likelihood) == pytest.approx(published.BASEBALL_DEVIANCE, abs=1e-4)


def test_citations_agree_with_agresti() -> None:
    board = np.array(published.CITATIONS, dtype=float), np.zeros((4, 4))

    fit = fit_bradley_terry(*board)

    np.testing.assert_allclose(fit.strengths[1:] - fit.strengths[0], published.CITATION_STRENGTHS, atol=1e-5)
    np.testing.assert_allclose(model_errors(board, fit, 0)[1:], published.CITATION_ERRORS, atol=1e-5)


def test_pudding_agrees_with_davidson() -> None:
    fit = fit_bradley_terry(*pudding(), ties_rule="davidson")

    np.testing.assert_allclose(fit.strengths, published.PUDDING_STRENGTHS, atol=1e-7)
    worths = np.exp(fit.strengths) / np.exp(fit.strengths).sum()
    np.testing.assert_allclose(worths, published.PUDDING_WORTHS, atol=1e-7)
    np.testing.assert_allclose(worths, published.PUDDING_PRINTED_WORTHS, atol=2.1e-5)
    assert fit.tie_parameter == pytest.approx(published.PUDDING_NU, abs=1e-6)
    assert fit.tie_parameter == pytest.approx(published.PUDDING_PRINTED_NU, abs=2e-5)
    assert fit.log_likelihood == pytest.approx(published.PUDDING_LOG_LIKELIHOOD, abs=1e-6)


def test_pudding_with_half_ties_and_with_rao_kupper() -> None:
    half = fit_bradley_terry(*pudding())
    rao_kupper = fit_bradley_terry(*pudding(), ties_rule="rao-kupper")

    np.testing.assert_allclose(half.strengths, published.PUDDING_HALF_TIES, atol=1e-7)
    np.testing.assert_allclose(rao_kupper.strengths, published.PUDDING_RAO_KUPPER, atol=2e-5)
    assert rao_kupper.tie_parameter == pytest.approx(published.PUDDING_THETA, abs=2e-5)
    assert rao_kupper.log_likelihood == pytest.approx(published.PUDDING_RAO_KUPPER_LOG_LIKELIHOOD, abs=2e-5)


@pytest.mark.parametrize("name", ["crowd", "gpt3-crowd", "gpt4-crowd"])
@pytest.mark.parametrize(
    ("ties_rule", "key"), [("half", "half_tie_strengths"), ("davidson", "davidson_strengths")]
)
def test_llmfao_agrees_with_the_reference(
    shared_data: Path, shared_reference: Path, name: str, ties_rule: TiesRule, key: str
) -> None:
    reference = json.loads((shared_reference / "llmfao_ranking.json").read_text(encoding="utf-8"))[name]
    cells, names = read_llmfao(shared_data, name)

    fit = fit_bradley_terry(*pair_counts(cells, len(names)), ties_rule=ties_rule)

    assert cells.n_judgments == reference["n_judgments"]
    assert cells.n_ties == reference["ties"]
    np.testing.assert_allclose(fit.strengths, [reference[key][method] for method in names], atol=1e-6)
    if ties_rule == "davidson":
        assert fit.tie_parameter == pytest.approx(reference["davidson_tie_parameter"], abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_wins_alone_agree_with_choix(seed: int) -> None:
    wins, ties = pair_counts(make_random_cells(seed, n_judgments=200), 5)

    ours = fit_bradley_terry(wins, ties, ties_rule="drop").strengths

    np.testing.assert_allclose(ours, choix.opt_pairwise(5, _as_list(wins), tol=1e-12), atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_half_ties_agree_with_evalica(seed: int) -> None:
    cells = make_random_cells(seed, n_judgments=300)
    winner = {0: evalica.Winner.X, 1: evalica.Winner.Y, 2: evalica.Winner.Draw}

    found = evalica.bradley_terry(
        cells.first.tolist(),
        cells.second.tolist(),
        [winner[outcome] for outcome in cells.outcome.tolist()],
        tolerance=1e-12,
        limit=10_000,
    )

    logarithms = np.log(found.scores.sort_index().to_numpy())
    ours = fit_bradley_terry(*pair_counts(cells, 5)).strengths
    np.testing.assert_allclose(ours, logarithms - logarithms.mean(), atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), ties_rule=st.sampled_from(TIES_RULES), ridge=st.sampled_from([0.0, 0.5]))
def test_no_general_optimiser_climbs_higher(seed: int, ties_rule: TiesRule, ridge: float) -> None:
    wins, ties = pair_counts(make_random_cells(seed, n_judgments=150), 5)
    pairs = pair_table(wins, ties)

    def loss(point: FloatArray) -> float:
        strengths = point[:5] - (0 if ridge else point[:5].mean())
        x = strengths[pairs.upper] - strengths[pairs.lower]
        value = log_likelihood(
            pairs, x, np.asarray(np.exp(point[5]) if ties_rule == "rao-kupper" else point[5]), ties_rule
        )
        return float(-value + ridge / 2 * (strengths**2).sum())

    best = minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-8})
    fit = fit_bradley_terry(wins, ties, ties_rule=ties_rule, ridge=ridge)

    np.testing.assert_allclose(fit.strengths, best.x[:5] - best.x[:5].mean(), atol=1e-4)
    assert -fit.log_likelihood + ridge / 2 * (fit.strengths**2).sum() <= best.fun + 1e-9


def _as_list(wins: FloatArray) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in np.argwhere(wins) for _ in range(int(wins[i, j]))]
