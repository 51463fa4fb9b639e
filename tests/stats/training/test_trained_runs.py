"""Runs of trainings: no answer of a test text reaches a model, and every choice is made on dev texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from hlv.stats.metrics import METRICS
from hlv.stats.resampling.chunks import run_in_sequence
from hlv.stats.training import METHODS, HeadOptions, LabelledTexts, TrainedRuns, k_folds
from hlv.stats.training.folds import Fold
from hlv.stats.training.work import SELECTIONS
from tests.stats.training.making import make_random_texts

QUICK = HeadOptions(fewest_steps=12, fewest_epochs=3, batch_size=8)
FOLD = Fold(np.arange(24), np.arange(24, 32), np.arange(32, 40))


def make_runs(
    texts: LabelledTexts,
    methods: Sequence[str],
    *,
    folds: Sequence[Fold] = (FOLD,),
    n_runs: int = 2,
    select: str = "soft_cross_entropy",
) -> TrainedRuns:
    features = np.random.default_rng(1).normal(size=(len(texts.shares), 5))
    features[:, :3] += texts.shares[:, :3]
    return TrainedRuns.of(
        texts,
        [features],
        folds,
        methods,
        n_runs=n_runs,
        seed=4,
        select=select,
        options=QUICK,  # type: ignore[arg-type]
    )


def outputs_of(work: TrainedRuns) -> dict[str, np.ndarray]:
    return work.outputs(work.trained_runs(run_in_sequence(work)))


def other_test_answers(texts: LabelledTexts) -> LabelledTexts:
    shares, chosen = texts.shares.copy(), texts.chosen.copy()
    shares[FOLD.test] = shares[FOLD.test][:, ::-1]
    of_test = np.isin(texts.item, FOLD.test)
    chosen[of_test] = chosen[of_test][:, ::-1]
    return replace(texts, shares=shares, chosen=chosen)


@pytest.mark.parametrize("task", ["single", "multilabel"])
def test_no_answer_to_a_test_text_changes_an_output(task: str) -> None:
    texts = make_random_texts(1, task=task)  # type: ignore[arg-type]
    methods = [name for name, method in METHODS.items() if method.obstacle(texts) is None]
    work = make_runs(texts, methods, n_runs=1)
    other = replace(work, texts=other_test_answers(texts))
    np.testing.assert_array_equal(run_in_sequence(other), run_in_sequence(work))
    np.testing.assert_array_equal(other.train_mean(), work.train_mean())


@pytest.mark.parametrize("task", ["single", "multilabel"])
def test_outputs_are_of_test_texts_alone_and_are_shares(task: str) -> None:
    texts = make_random_texts(2, task=task)  # type: ignore[arg-type]
    methods = [name for name, method in METHODS.items() if method.obstacle(texts) is None]
    found = outputs_of(make_runs(texts, methods))
    assert list(found) == methods
    for output in found.values():
        assert np.isnan(output[:, :32]).all()
        METRICS["po_jsd"].score(texts.shares[32:], output[0, 32:], task=texts.task)


def test_folds_together_test_every_text() -> None:
    texts = make_random_texts(3)
    folds = k_folds(np.arange(40), texts.answered, n_folds=4, seed=1)
    assert np.isfinite(outputs_of(make_runs(texts, ["SL"], folds=folds))["SL"]).all()
    mean = make_runs(texts, ["SL"], folds=folds).train_mean()
    np.testing.assert_allclose(
        mean[folds[1].test], np.tile(texts.shares[folds[1].train].mean(axis=0), (10, 1))
    )


def test_two_methods_of_one_training_are_trained_once() -> None:
    texts = make_random_texts(4)
    work = make_runs(texts, ["AEh", "AE", "SLMV", "SLMV-hard"])
    assert work.n_chunks == 2 * 2
    alone = outputs_of(make_runs(texts, ["AEh"]))
    np.testing.assert_array_equal(outputs_of(work)["AEh"], alone["AEh"])


def test_runs_differ_and_methods_share_their_draws() -> None:
    texts = make_random_texts(5)
    found = outputs_of(make_runs(texts, ["SL", "LA-mean"]))
    assert not np.array_equal(found["SL"][0], found["SL"][1], equal_nan=True)
    np.testing.assert_allclose(found["LA-mean"], found["SL"], atol=1e-9)


def test_runs_of_a_later_seed_continue_those_of_an_earlier_one() -> None:
    work = make_runs(make_random_texts(5), ["SL"], n_runs=3)
    later = replace(work, seed=work.seed + 1, n_runs=2)
    np.testing.assert_array_equal(outputs_of(later)["SL"], outputs_of(work)["SL"][1:])


@pytest.mark.parametrize("select", SELECTIONS)
def test_the_best_value_of_the_curve_is_chosen(select: str) -> None:
    for one in (work := make_runs(make_random_texts(6), ["SL"], select=select)).trained_runs(
        run_in_sequence(work)
    ):
        metric = METRICS["soft_cross_entropy" if select == "none" else select]
        curve = one.curve if metric.higher_is_better else -one.curve
        if select == "none":
            assert one.epoch == curve.shape[1] - 1
            curve = curve[:, -1:]
        chosen = one.curve[work.options.learning_rates.index(one.learning_rate), one.epoch]
        assert chosen == (curve.max() if metric.higher_is_better else -curve.max())


def test_annotators_without_training_answers_are_no_heads() -> None:
    texts = make_random_texts(7)
    stranger = replace(texts, annotator=np.where(np.isin(texts.item, FOLD.test), 99, texts.annotator))
    found = outputs_of(replace(make_runs(texts, ["AE"]), texts=stranger))["AE"]
    np.testing.assert_array_equal(found, outputs_of(make_runs(texts, ["AE"]))["AE"])


def test_a_label_that_nobody_used_gets_an_output() -> None:
    texts = make_random_texts(8)
    wider = replace(
        texts,
        shares=np.hstack([texts.shares, np.zeros((40, 1))]),
        chosen=np.hstack([texts.chosen, np.zeros((len(texts.item), 1), dtype=bool)]),
    )
    methods = [name for name, method in METHODS.items() if method.obstacle(wider) is None]
    for output in outputs_of(make_runs(wider, methods, n_runs=1)).values():
        assert np.isfinite(output[:, 32:]).all()
