"""Heads on features: their gradients, AdamW by hand, and identities of methods that are trained by different losses."""

from __future__ import annotations

import numpy as np
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.training.heads import HeadOptions, Heads, trained_epochs
from hlv.stats.training.methods import METHODS, TRAININGS
from hlv.stats.training.targets import LabelledTexts
from tests.stats.training.making import make_random_texts

QUICK = HeadOptions(fewest_steps=20, fewest_epochs=4, batch_size=8)


def make_features(texts: LabelledTexts, n_features: int = 5) -> FloatArray:
    noise = np.random.default_rng(9).normal(size=(len(texts.shares), n_features))
    return np.hstack([noise, texts.shares + 0.3 * noise[:, : texts.n_labels]])


def trained_logits(
    texts: LabelledTexts, training: str, *, options: HeadOptions = QUICK, seed: int = 1
) -> FloatArray:
    features, objective = make_features(texts), TRAININGS[training](texts)
    heads = Heads(
        n_models=len(options.learning_rates),
        n_features=features.shape[1],
        n_heads=objective.n_heads,
        n_labels=texts.n_labels,
        n_hidden=options.n_hidden,
    )
    generator = np.random.default_rng(seed)
    for _ in trained_epochs(heads, objective, features, options=options, generator=generator):
        pass
    return heads.logits(features)


@pytest.mark.parametrize("task", ["single", "multilabel"])
@pytest.mark.parametrize("n_hidden", [0, 4])
@pytest.mark.parametrize("training", ["SL", "AE", "SLMV", "LA-max"])
def test_the_gradient_by_parameters_is_that_of_finite_differences(
    training: str, n_hidden: int, task: str
) -> None:
    texts = make_random_texts(2, n_texts=6, task=task)  # type: ignore[arg-type]
    features, objective = make_features(texts), TRAININGS[training](texts)
    heads = Heads(n_models=2, n_features=8, n_heads=objective.n_heads, n_labels=3, n_hidden=n_hidden)
    # Not as drawn: where all units of a layer rest, all answers are equally far.
    heads.parameters[:] = np.random.default_rng(3).normal(size=heads.parameters.shape) / 2
    rows = np.arange(len(objective.item))

    def value() -> FloatArray:
        return objective.loss(heads.logits(features[objective.item]), rows).value

    gradient = heads.gradient(
        features[objective.item], lambda logits: objective.loss(logits, rows).gradient
    ).copy()
    for place in range(0, heads.parameters.shape[1], 7):
        heads.parameters[1, place] += 1e-6
        above = value()[1]
        heads.parameters[1, place] -= 2e-6
        below = value()[1]
        heads.parameters[1, place] += 1e-6
        assert gradient[1, place] == pytest.approx((above - below) / 2e-6, abs=1e-7)


def test_the_first_step_of_adamw_by_hand() -> None:
    texts = make_random_texts(1, n_texts=4)
    options = HeadOptions(
        learning_rates=[0.1], fewest_steps=1, fewest_epochs=1, weight_decay=0.5, warm_up=0.0, clip=1e-3
    )
    features, objective = make_features(texts), TRAININGS["SL"](texts)
    heads = Heads(n_models=1, n_features=8, n_heads=1, n_labels=3)
    heads.draw(np.random.default_rng(1))
    start = heads.parameters.copy()
    rows = np.arange(4)
    gradient = heads.gradient(features, lambda logits: objective.loss(logits, rows).gradient).copy()
    generator = np.random.default_rng(1)
    list(trained_epochs(heads, objective, features, options=options, generator=generator))
    clipped = gradient * 1e-3 / np.linalg.norm(gradient)
    expected = start * (1 - 0.1 * 0.5) - 0.1 * clipped / (np.abs(clipped) + 1e-8)
    np.testing.assert_allclose(heads.parameters, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("task", ["single", "multilabel"])
def test_the_mean_aggregated_loss_trains_the_model_of_soft_labels(task: str) -> None:
    texts = make_random_texts(5, task=task)  # type: ignore[arg-type]
    np.testing.assert_allclose(trained_logits(texts, "LA-mean"), trained_logits(texts, "SL"), atol=1e-9)


def test_annotator_ranking_is_the_majority_vote_where_the_same_people_answer() -> None:
    texts = make_random_texts(6, n_people=4, n_each=4)
    for training in ("AR", "ARh"):
        np.testing.assert_array_equal(trained_logits(texts, training), trained_logits(texts, "MV"))
    others = make_random_texts(6, n_people=8, n_each=4)
    assert not np.allclose(trained_logits(others, "AR"), trained_logits(others, "MV"))


def test_all_answers_at_once_have_the_gradient_of_weighted_soft_labels() -> None:
    texts = make_random_texts(7, n_texts=9)
    logits = np.random.default_rng(1).normal(size=(9, 1, 3))
    repeated = TRAININGS["ReL"](texts)
    by_answers = repeated.loss(logits[repeated.item], np.arange(len(repeated.item))).gradient
    summed = np.zeros_like(logits)
    np.add.at(summed, repeated.item, by_answers)
    soft = TRAININGS["SL"](texts).loss(logits, np.arange(9)).gradient
    np.testing.assert_allclose(summed, soft, atol=1e-15)


def test_a_model_does_not_depend_on_those_trained_beside_it() -> None:
    texts = make_random_texts(8)
    both = trained_logits(texts, "AE", options=QUICK)
    alone = HeadOptions(learning_rates=[0.03], fewest_steps=20, fewest_epochs=4, batch_size=8)
    np.testing.assert_array_equal(trained_logits(texts, "AE", options=alone)[0], both[2])


def test_the_ensemble_predicts_the_mean_of_its_heads_or_their_votes() -> None:
    logits = np.log([[[0.6, 0.4], [0.2, 0.8], [0.7, 0.3]]])
    np.testing.assert_allclose(METHODS["AE"].read_out(logits, False), [[0.5, 0.5]])
    np.testing.assert_allclose(METHODS["AEh"].read_out(logits, False), [[2 / 3, 1 / 3]])
    logits = np.array([[[3.0, -1.0], [1.0, -2.0]]])
    np.testing.assert_allclose(METHODS["AEh"].read_out(logits, True), [[1.0, 0.0]])


def test_training_learns_what_the_features_tell() -> None:
    texts = make_random_texts(9, n_texts=80)
    options = HeadOptions(learning_rates=[0.03])
    logits = trained_logits(texts, "SL", options=options)[0, :, 0]
    agrees = (logits.argmax(axis=1) == texts.shares.argmax(axis=1)).mean()
    assert agrees > 0.9
