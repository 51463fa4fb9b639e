"""Whoever computes a chunk, from the packed arrays alone and in any order, finds the same bits."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import TieArray, ties_of
from hlv.stats.meta_evaluation.bootstrap_judgments import JudgmentBootstrap
from hlv.stats.meta_evaluation.joint_bootstrap import JointResampling
from hlv.stats.meta_evaluation.judgment_agreement import judgment_sample
from hlv.stats.meta_evaluation.method_resampling import MethodResampling
from hlv.stats.meta_evaluation.paired_permutation import SWAP_NULLS, ExchangedScores, SwapNull
from hlv.stats.meta_evaluation.permutation import method_permutations
from hlv.stats.meta_evaluation.permutation_chunks import PermutedCorrelations, PermutedGroups, PermutedShares
from hlv.stats.metrics.bootstrap_scores import ScoreMeansResampling, ScoreResampling
from hlv.stats.metrics.perspectives import ErrorsResampling
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import metrics_for
from hlv.stats.pairwise.bootstrap import RESAMPLING_UNITS, ResamplingUnit, comparison_resampler
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.comparisons import pair_counts
from hlv.stats.pairwise.goodness_of_fit import SimulatedComparisons
from hlv.stats.pairwise.pair_likelihoods import pair_table
from hlv.stats.pairwise.ranking_models import ComparisonBootstrap, RankingModel, estimate_strengths
from hlv.stats.raters.noise_ceiling import HalvedJudges
from hlv.stats.raters.rater_agreement_interval import SharesResampling
from hlv.stats.raters.rater_consistency import shared_pairs
from hlv.stats.raters.rater_counts import RaterCounts
from hlv.stats.resampling.chunks import ChunkedWork, arrays_digest, from_bytes, run_in_sequence, to_bytes
from hlv.stats.resampling.item_weights import ItemDraws, Weights
from hlv.stats.training import HeadOptions, TrainedRuns, k_folds
from metaeval.apps import WORKS
from tests.stats.boards import make_random_cells
from tests.stats.training.making import make_random_texts


def make_board_work(
    unit: ResamplingUnit = "both", model: RankingModel = "bradley-terry", ties: str = "half"
) -> ComparisonBootstrap:
    cells = make_random_cells(1, n_judgments=300)
    wins, tied = pair_counts(cells, 5)
    return ComparisonBootstrap(
        resampler=comparison_resampler(cells, pair_table(wins, tied), unit=unit, seed=7),
        estimate=estimate_strengths(wins, tied, list("abcde"), model=model, ties=ties, ridge=0.0),
        wins=wins,
        tied=tied,
        model=model,
        ties=ties,
        ridge=0.0,
        n_resamples=330,
    )


def make_score_work() -> ScoreResampling:
    rng = np.random.default_rng(1)
    human, outputs = rng.random((20, 3)), rng.random((4, 20, 3))
    return ScoreResampling(
        truth=Targets.of(human, task="multilabel"),
        outputs=outputs,
        metrics=[metric.name for metric in metrics_for("multilabel")],
        seed=7,
        stream=1,
        n_resamples=330,
    )


def make_draws(n_items: int) -> ItemDraws:
    return RankingDraws(7, 4, np.arange(3, 15)).of_items(np.arange(n_items))


def make_verdict_work(unit: ResamplingUnit) -> JudgmentBootstrap:
    cells = make_random_cells(2, n_judgments=300)
    scores = np.random.default_rng(3).normal(size=(2, 5, int(cells.item.max()) + 1))
    samples = [
        judgment_sample(cells, table, higher_is_better=True, resample=unit, seed=7) for table in scores
    ]
    return JudgmentBootstrap(samples, n_resamples=130)


def make_joint_bootstrap() -> JointResampling:
    """Two sides with resamples, a row without an answer among them, and one without."""
    rng = np.random.default_rng(4)
    people, metric, fixed = rng.normal(size=(700, 5)), rng.normal(size=(700, 5)), rng.normal(size=(1, 5))
    people[3] = np.nan
    kept = np.ones((2, 5), dtype=bool)
    kept[1, 2] = False
    return JointResampling(
        (people, metric, fixed),
        ["strength", "score", "score"],
        np.array([[0, 1], [0, 2]]),
        kept,
        n_resamples=700,
    )


def make_exchanges(null: SwapNull, coefficient: str) -> ExchangedScores:
    rng = np.random.default_rng(5)
    first, second = np.triu_indices(3, k=1)
    scores, people = rng.normal(size=(40, 6, 3)), rng.normal(size=6)
    return ExchangedScores(
        scores=scores,
        people=people,
        people_ties=ties_of(people, "strength"),
        tolerance=np.full(3, 1e-12),
        first=first,
        second=second,
        coefficient=coefficient,
        null=null,
        n_permutations=330,
        seed=7,
    )


def make_halved_judges() -> HalvedJudges:
    boards = RaterCounts.of(make_random_cells(6, n_judgments=900), 5)
    halves = np.random.default_rng(7).random((330, boards.n_judges)) < 0.5
    return HalvedJudges.of(boards, halves, ties_rule="half", ridge=0.1)


def make_simulated_boards() -> SimulatedComparisons:
    upper, lower = np.triu_indices(5, k=1)
    chances = np.random.default_rng(8).dirichlet(np.ones(3), size=len(upper))
    n = np.full(len(upper), 7)
    return SimulatedComparisons(5, upper, lower, n, chances, n_simulations=330, seed=7)


def make_errors_work() -> ErrorsResampling:
    rng = np.random.default_rng(9)
    return ErrorsResampling(
        item=rng.integers(12, size=30),
        annotator_code=rng.integers(4, size=30),
        errors=rng.random((30, 3)),
        n_items=12,
        seed=7,
        stream=1,
        n_resamples=330,
    )


def make_means_work() -> ScoreMeansResampling:
    rng = np.random.default_rng(10)
    table = rng.normal(size=(4, 20))
    table[1, :5] = np.nan
    values = (table, rng.normal(size=(1, 6)), np.empty((1, 0)))
    return ScoreMeansResampling(values, [1, 1000, 1001], seed=7, n_resamples=330)


def make_trained_runs() -> TrainedRuns:
    """Two trainings on two folds, of which one has other features."""
    texts = make_random_texts(12, n_texts=24)
    features = np.random.default_rng(12).normal(size=(2, 24, 4))
    return TrainedRuns.of(
        texts,
        list(features),
        k_folds(np.arange(24), texts.answered, n_folds=2, seed=1),
        ["AE", "AEh", "LA-max"],
        n_runs=1,
        seed=7,
        options=HeadOptions(fewest_steps=6, fewest_epochs=2, batch_size=8),
    )


def variables(metrics: FloatArray, people: FloatArray) -> tuple[FloatArray, FloatArray, TieArray, TieArray]:
    return metrics, people, ties_of(metrics, "score"), ties_of(people, "strength")


RNG = np.random.default_rng(11)
ORDERS = method_permutations(10, n_permutations=3300, seed=1).orders
PLAIN_WORKS: list[ChunkedWork] = [
    make_joint_bootstrap(),
    *(make_exchanges(null, "pearson") for null in SWAP_NULLS),
    *(make_exchanges("cells", coefficient) for coefficient in ("kendall_tau_b", "spearman")),
    replace(make_exchanges("methods", "pearson"), first_chunk=7, clusters=np.array([0, 0, 1, 1, 2, 3])),
    replace(make_exchanges("methods", "pearson"), enumerated=True),
    PermutedCorrelations(ORDERS, *variables(RNG.normal(size=(3, 10)), RNG.normal(size=10))),
    PermutedCorrelations(
        ORDERS, *variables(RNG.normal(size=(3, 10)), RNG.normal(size=10)), counts_pairs=False
    ),
    PermutedShares(ORDERS, RNG.random((3, 10, 10)), RNG.random((10, 10))),
    PermutedGroups(ORDERS, *variables(RNG.normal(size=(2, 3, 10)), RNG.normal(size=(2, 10)))),
    MethodResampling(
        RNG.normal(size=(1700, 9)),
        (RNG.normal(size=(1700, 9)), RNG.normal(size=(1, 9))),
        "strength",
        ["score", "strength"],
        np.array([0, 0, 1, 2, 3, 4, 5, 6, 6]),
        n_resamples=1700,
        seed=7,
    ),
    make_halved_judges(),
    make_simulated_boards(),
    make_errors_work(),
    make_means_work(),
    make_trained_runs(),
    replace(make_means_work(), values=(np.ones((2, 20)),), streams=[1], shared=make_draws(20)),
]


def assert_same_bits(work: ChunkedWork, elsewhere: ChunkedWork) -> None:
    """Chunks 3, 1 and 2, then 0, as helpers may bring them, against all of them at one place."""
    assert work.n_chunks == 4
    brought = {3: elsewhere.compute(3, 4), 1: elsewhere.compute(1, 3), 0: elsewhere.compute(0, 1)}
    together = np.concatenate([brought[first] for first in sorted(brought)])
    np.testing.assert_array_equal(together, run_in_sequence(work))


@pytest.mark.parametrize("unit", RESAMPLING_UNITS)
def test_resamples_of_a_board_are_the_same_elsewhere(unit: ResamplingUnit) -> None:
    work = make_board_work(unit)
    assert_same_bits(work, ComparisonBootstrap.unpacked(from_bytes(to_bytes(work.packed()))))


@pytest.mark.parametrize(
    ("model", "ties"),
    [("bradley-terry", "davidson"), ("rank-centrality", "denominator"), ("win-rate", "half")],
)
def test_so_they_are_under_every_model(model: RankingModel, ties: str) -> None:
    work = make_board_work(model=model, ties=ties)
    assert_same_bits(work, ComparisonBootstrap.unpacked(from_bytes(to_bytes(work.packed()))))


def test_resampled_scores_are_the_same_elsewhere() -> None:
    work = make_score_work()
    assert_same_bits(work, ScoreResampling.unpacked(from_bytes(to_bytes(work.packed()))))


def test_resampled_scores_are_scores_of_the_drawn_items() -> None:
    work = make_score_work()
    found = work.compute(0, work.n_chunks)
    drawn = np.repeat(np.arange(20), work.weights().counts[7].astype(int))
    task = work.truth.task
    metric = metrics_for(task)[0]
    expected = metric.score(
        Targets.of(work.truth.distributions[drawn], task=task), work.outputs[2][drawn], task=task
    )
    assert found[7, 0, 2] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("unit", RESAMPLING_UNITS)
def test_resampled_verdicts_are_the_same_elsewhere(unit: ResamplingUnit) -> None:
    work = make_verdict_work(unit)
    assert work.n_chunks == 4
    assert_same_bits(work, JudgmentBootstrap.unpacked(from_bytes(to_bytes(work.packed()))))


def test_resampled_agreement_of_judges_is_the_same_elsewhere() -> None:
    shared = shared_pairs(make_random_cells(4, n_judgments=300))
    work = SharesResampling(
        judge=shared.judge, item=shared.item, same=shared.same, n_pairs=shared.n_pairs,
        n_judges=len(shared.codes), seed=7, n_resamples=330,
    )  # fmt: skip
    assert_same_bits(work, SharesResampling.unpacked(from_bytes(to_bytes(work.packed()))))


@pytest.mark.parametrize("work", PLAIN_WORKS, ids=lambda work: work.kind)
def test_every_other_work_is_the_same_elsewhere(work: ChunkedWork) -> None:
    assert work.kind in WORKS
    elsewhere = type(work).unpacked(from_bytes(to_bytes(work.packed())))
    assert_same_bits(work, elsewhere)
    assert arrays_digest(elsewhere.packed()) == arrays_digest(work.packed())


@pytest.mark.parametrize("kind", WORKS)
def test_workers_find_the_class_of_a_kind(kind: str) -> None:
    module, name = WORKS[kind].rsplit(".", 1)
    assert getattr(import_module(f"hlv.stats.{module}"), name).kind == kind


def test_draws_of_some_chunks_are_those_of_all() -> None:
    some = Weights.draw_chunks(9, first=1, stop=4, n_resamples=330, seed=3, stream=2)
    whole = Weights.drawn(9, n_resamples=330, seed=3, stream=2)
    np.testing.assert_array_equal(some.counts, whole.counts[100:])


def test_another_seed_or_board_has_another_digest() -> None:
    work, other = make_board_work("both"), make_board_work("judges")
    assert arrays_digest(work.packed()) == arrays_digest(make_board_work("both").packed())
    assert arrays_digest(work.packed()) != arrays_digest(other.packed())
