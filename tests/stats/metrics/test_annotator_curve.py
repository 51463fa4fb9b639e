from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.labels.distributions import InvalidDistributionError
from hlv.stats.metrics.annotator_curve import AnnotatorCurve, annotator_curve, answers_of_counts
from hlv.stats.metrics.metric import UnsupportedTaskError
from hlv.stats.metrics.registry import METRICS

HALF = {"a": np.array([[0.5, 0.5], [0.5, 0.5]]), "b": np.array([[0.9, 0.1], [0.2, 0.8]])}
ANSWERS, ITEM = answers_of_counts([[2, 1], [1, 3]])


def sharpened(shares: FloatArray, power: float) -> FloatArray:
    raised = (shares + 1e-3) ** power
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def curve_of(
    counts: FloatArray, outputs: dict[str, FloatArray], numbers: list[int], **options: int
) -> AnnotatorCurve:
    answers, item = answers_of_counts(counts)
    return annotator_curve(
        answers,
        item,
        outputs,
        task="single",
        metrics=["po_jsd", "soft_cross_entropy"],
        numbers=numbers,
        **options,
    )


def test_counts_become_one_row_for_each_answer() -> None:
    assert ANSWERS.tolist() == [[1, 0], [1, 0], [0, 1], [1, 0], [0, 1], [0, 1], [0, 1]]
    assert ITEM.tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_the_mean_comes_near_that_of_all_ways_to_draw() -> None:
    found = annotator_curve(
        ANSWERS, ITEM, HALF, task="single", metrics=["po_jsd"], numbers=[2], n_draws=3000, seed=1
    ).metrics["po_jsd"]

    ways = list(
        itertools.product(itertools.combinations(range(3), 2), itertools.combinations(range(3, 7), 2))
    )
    shares = [np.stack([ANSWERS[list(rows)].mean(axis=0) for rows in way]) for way in ways]
    scores = np.array(
        [[METRICS["po_jsd"].score(one, output, task="single") for output in HALF.values()] for one in shares]
    )
    np.testing.assert_allclose(found.mean[0], scores.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(found.sd[0], scores.std(axis=0), atol=0.01)
    # Each of the 18 ways is as likely: a quantile is the score of one of them.
    np.testing.assert_allclose(found.low[0], scores.min(axis=0))
    np.testing.assert_allclose(found.high[0], scores.max(axis=0))
    assert (found.tau_low[0], found.tau_high[0]) == (-1.0, 1.0)
    first = scores[:, 0] > scores[:, 1]
    np.testing.assert_allclose(found.first_share[0], [first.mean(), 1 - first.mean()], atol=0.03)


def test_all_answers_give_the_score_itself() -> None:
    counts = np.random.default_rng(2).multinomial(6, [0.5, 0.3, 0.2], size=40)
    outputs = {
        name: sharpened(counts / 6, power) for name, power in (("one", 1.0), ("two", 2.0), ("flat", 0.5))
    }

    found = curve_of(counts, outputs, [2, 6], n_draws=8, seed=1)

    for name, curve in found.metrics.items():
        expected = [METRICS[name].score(counts / 6, output, task="single") for output in outputs.values()]
        np.testing.assert_allclose(curve.mean[1], expected)
        np.testing.assert_allclose(curve.sd[1], 0, atol=1e-12)
        assert curve.tau_with_all[1] == pytest.approx(1.0)
    assert (found.numbers.tolist(), found.n_items, found.n_left_out) == ([2, 6], 40, 0)


def test_a_linear_metric_has_a_flat_curve_and_po_jsd_has_not() -> None:
    counts = np.random.default_rng(3).multinomial(8, [0.6, 0.3, 0.1], size=150)
    outputs = {"true": np.tile([0.6, 0.3, 0.1], (150, 1)), "sharp": np.tile([0.8, 0.15, 0.05], (150, 1))}

    found = curve_of(counts, outputs, [1, 3, 8], n_draws=60, seed=4).metrics

    linear = found["soft_cross_entropy"].mean
    np.testing.assert_allclose(linear, np.tile(linear[-1], (3, 1)), atol=0.02)
    assert (np.diff(found["po_jsd"].mean, axis=0) > 0.04).all()


def test_with_three_of_a_hundred_annotators_po_jsd_prefers_sharp_outputs(shared_data: Path) -> None:
    with (shared_data / "chaosnli" / "chaosNLI_snli.jsonl").open(encoding="utf-8") as stream:
        counts = np.array([json.loads(line)["label_count"] for line in itertools.islice(stream, 150)])
    shares = counts / counts.sum(axis=1, keepdims=True)
    outputs = {
        "people": sharpened(shares, 1.0),
        "sharp": sharpened(shares, 1.5),
        "flat": sharpened(shares, 0.7),
    }

    found = curve_of(counts, outputs, [3, 30], n_draws=20, seed=1).metrics

    assert found["po_jsd"].first_share[0, 1] > 0.8
    assert found["po_jsd"].first_share[1].tolist() == [1.0, 0.0, 0.0]
    assert (found["soft_cross_entropy"].first_share[:, 0] > 0.8).all()


def test_the_same_seed_gives_the_same_curve() -> None:
    counts = np.random.default_rng(5).multinomial(5, [0.5, 0.3, 0.2], size=20)
    outputs = {name: sharpened(counts / 5, power) for name, power in (("one", 1.0), ("two", 2.0))}

    one, again, other = (
        curve_of(counts, outputs, [2, 3], n_draws=10, seed=seed).metrics for seed in (1, 1, 2)
    )

    np.testing.assert_array_equal(one["po_jsd"].mean, again["po_jsd"].mean)
    assert (one["po_jsd"].mean != other["po_jsd"].mean).all()
    # Each number has draws of its own: others do not change them.
    alone = curve_of(counts, outputs, [2], n_draws=10, seed=1).metrics
    np.testing.assert_array_equal(alone["po_jsd"].mean[0], one["po_jsd"].mean[0])
    np.testing.assert_allclose(one["po_jsd"].mean[0], [0.8502674635, 0.8505199797], atol=1e-9)


def test_sets_are_drawn_whole() -> None:
    # Each annotator chooses both labels or none, so shares of the labels are equal in every draw.
    answers = np.array([[1, 1], [0, 0], [1, 1], [0, 0], [0, 0], [1, 1]])
    outputs = {"a": np.array([[0.5, 0.4]]), "b": np.array([[0.4, 0.5]])}

    found = annotator_curve(
        answers,
        np.zeros(6, dtype=int),
        outputs,
        task="multilabel",
        metrics=["po_jsd"],
        numbers=[3],
        n_draws=9,
        seed=1,
    ).metrics["po_jsd"]

    np.testing.assert_allclose(found.mean[0, 0], found.mean[0, 1])
    np.testing.assert_allclose(found.first_share[0], [0.5, 0.5])


def test_items_with_fewer_answers_are_left_out_and_counted() -> None:
    found = annotator_curve(
        ANSWERS, ITEM, HALF, task="single", metrics=["po_jsd"], numbers=[1, 4], n_draws=3, seed=0
    )

    assert (found.n_items, found.n_left_out) == (1, 1)
    expected = METRICS["po_jsd"].score([[0.25, 0.75]], [[0.2, 0.8]], task="single")
    assert found.metrics["po_jsd"].mean[1, 1] == pytest.approx(expected)


def test_draws_without_a_score_are_counted() -> None:
    # One answer each: all human entropies are 0, so their correlation is undefined.
    found = annotator_curve(
        ANSWERS, ITEM, HALF, task="single", metrics=["entropy_correlation"], numbers=[1], n_draws=7, seed=0
    ).metrics["entropy_correlation"]

    assert found.n_undefined.tolist() == [7]
    assert np.isnan(found.mean).all()
    assert np.isnan(found.tau_with_all).all()


def test_answers_without_a_curve_are_refused() -> None:
    def draw(
        answers: object = ANSWERS, item: object = ITEM, outputs: object = HALF, **options: object
    ) -> None:
        given = {"task": "single", "metrics": ["po_jsd"], "seed": 0} | options
        annotator_curve(answers, item, outputs, **given)  # type: ignore[arg-type]

    with pytest.raises(ValueError, match="two methods"):
        draw(outputs={"a": HALF["a"]})
    with pytest.raises(ValueError, match="one draw"):
        draw(n_draws=0)
    with pytest.raises(ValueError, match="unknown metric"):
        draw(metrics=["bleu"])
    for numbers in ([0], [9], []):
        with pytest.raises(ValueError, match="between 1 and 4"):
            draw(numbers=numbers)
    with pytest.raises(UnsupportedTaskError):
        draw(metrics=["wasserstein_distance"])
    for answers, item, reason in (
        (ANSWERS, ITEM[:3], "an item for each answer"),
        (ANSWERS, ITEM - 1, "from 0"),
        (ANSWERS * 2, ITEM, "outside 0 to 1"),
        (ANSWERS * 0, ITEM, "no label"),
        (ANSWERS * np.nan, ITEM, "outside 0 to 1"),
    ):
        with pytest.raises(InvalidDistributionError, match=reason):
            draw(answers, item)
