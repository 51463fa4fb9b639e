"""The quick ways to sums of parts, and to sums over resamples, against the parts as each metric defines them."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.registry import METRICS, Statistic, Task, metrics_for
from hlv.stats.metrics.score_resampling import PreparedScores, resampled_scores
from hlv.stats.resampling.item_weights import Weights

# more than one block of items, of either kind
MANY_ITEMS = 4100
SEED_OF_PROCESSORS = 7


def statistics_for(task: Task) -> list[Statistic]:
    metrics = metrics_for(task)
    return [*metrics, *(metric.companion for metric in metrics if metric.companion is not None)]


def make_human(
    rng: np.random.Generator, n_items: int, n_labels: int, task: Task, n_people: int
) -> FloatArray:
    chosen = rng.multinomial(n_people, rng.dirichlet(np.full(n_labels, 0.3), n_items))
    return np.minimum(chosen, 2) / 2 if task == "multilabel" else chosen / n_people


def make_outputs(rng: np.random.Generator, human: FloatArray, n_outputs: int, task: Task) -> FloatArray:
    """Some with zeros and ties, and the first as the people have it."""
    scores = rng.integers(0, 4, (n_outputs, *human.shape)).astype(np.float64)
    scores[:, :, 0] += scores.sum(axis=2) == 0
    outputs = scores / 3.0 if task == "multilabel" else scores / scores.sum(axis=2, keepdims=True)
    outputs[0] = human
    return np.asarray(np.minimum(outputs, 1.0))


@pytest.mark.parametrize("task", ["single", "multilabel", "ordinal"])
@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_items=st.sampled_from([1, 2, 30]),
    n_labels=st.sampled_from([2, 12]),
    n_outputs=st.integers(1, 3),
    n_people=st.sampled_from([1, 3, 40]),
    largest=st.sampled_from([1, 4, 70_000]),
)
def test_scores_on_resamples_are_those_of_weighted_parts(
    task: Task, seed: int, n_items: int, n_labels: int, n_outputs: int, n_people: int, largest: int
) -> None:
    rng = np.random.default_rng(seed)
    human = make_human(rng, n_items, n_labels, task, n_people)
    outputs = make_outputs(rng, human, n_outputs, task)
    counts = rng.integers(0, largest + 1, (3, n_items)).astype(np.uint32)
    definitions = statistics_for(task)
    truth = Targets.of(human, task=task)
    found = resampled_scores(definitions, truth, outputs, Weights(counts))
    for place, definition in enumerate(definitions):
        for output, predicted in enumerate(outputs):
            expected = definition.combine(counts @ definition.parts(truth, predicted, task=task))
            np.testing.assert_allclose(
                found[:, place, output], expected, rtol=1e-9, atol=1e-9, err_msg=definition.name
            )


@pytest.mark.parametrize("n_people", [2, 40])
def test_many_items_are_summed_in_blocks(n_people: int) -> None:
    rng = np.random.default_rng(5)
    human = make_human(rng, MANY_ITEMS, 12, "single", n_people)
    outputs = make_outputs(rng, human, 2, "single")
    truth = Targets.of(human, task="single")
    assert (truth.support is None) == (n_people == 40)
    weights = Weights.drawn(MANY_ITEMS, n_resamples=3, seed=1)
    definitions = statistics_for("single")
    found = resampled_scores(definitions, truth, outputs, weights)
    for place, definition in enumerate(definitions):
        parts = definition.parts(truth, outputs[1], task="single")
        np.testing.assert_allclose(found[:, place, 1], definition.combine(weights.counts @ parts), atol=1e-11)
        sums = definition.sums(truth, outputs[1], task="single")
        np.testing.assert_allclose(
            definition.combine(sums), definition.combine(parts.sum(axis=0)), atol=1e-11
        )


@pytest.mark.parametrize("n_people", [2, 40])
def test_few_people_and_many_are_compared_alike(n_people: int) -> None:
    rng = np.random.default_rng(6)
    human = make_human(rng, 50, 12, "single", n_people)
    predicted = make_outputs(rng, human, 2, "single")[1]
    truth = Targets.of(human, task="single")
    prediction = Predictions.of(predicted, truth)
    shared = np.minimum(human, predicted)
    np.testing.assert_allclose(prediction.item_overlaps, shared.sum(axis=1), atol=1e-14)
    np.testing.assert_allclose(prediction.label_overlaps, shared.sum(axis=0), atol=1e-12)
    np.testing.assert_allclose(prediction.item_differences, np.abs(human - predicted).sum(axis=1), atol=1e-14)
    bits = jensenshannon(human, predicted, axis=1, base=2) ** 2
    assert METRICS["po_jsd"].score(truth, prediction, task="single") == pytest.approx(
        1 - bits.mean(), abs=1e-12
    )


def test_an_output_that_is_the_people_s_own_diverges_nowhere() -> None:
    human = make_human(np.random.default_rng(7), 200, 12, "single", 2)
    prediction = Predictions.of(human, Targets.of(human, task="single"))
    assert prediction.divergences_in_nats.max() < 1e-15
    assert prediction.item_differences.max() < 1e-15


def test_chunks_over_many_items_have_the_same_bits_alone_and_together() -> None:
    rng = np.random.default_rng(8)
    human = make_human(rng, MANY_ITEMS, 4, "single", 2)
    scores = PreparedScores(
        metrics_for("single"), Targets.of(human, task="single"), make_outputs(rng, human, 2, "single")
    )
    drawn = [
        Weights.draw_chunks(MANY_ITEMS, first=first, stop=stop, n_resamples=200, seed=1)
        for first, stop in ((0, 1), (1, 2), (0, 2))
    ]
    alone, other, together = (scores.on(weights) for weights in drawn)
    np.testing.assert_array_equal(np.concatenate([alone, other]), together)


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="needs a system that keeps a process to a processor"
)
def test_scores_on_resamples_have_the_same_bits_on_one_processor_as_on_all() -> None:
    rng = np.random.default_rng(SEED_OF_PROCESSORS)
    human = make_human(rng, MANY_ITEMS, 12, "single", 3)
    outputs = make_outputs(rng, human, 3, "single")

    def scores() -> FloatArray:
        weights = Weights.drawn(MANY_ITEMS, n_resamples=250, seed=SEED_OF_PROCESSORS)
        return resampled_scores(statistics_for("single"), Targets.of(human, task="single"), outputs, weights)

    on_all = scores()
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    try:
        on_one = scores()
    finally:
        os.sched_setaffinity(0, processors)
    np.testing.assert_array_equal(on_one, on_all)
