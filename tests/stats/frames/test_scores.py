"""Metrics as functions of truth and prediction, and scores of several methods."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas
import polars
import pytest
from sklearn.base import BaseEstimator
from sklearn.metrics import make_scorer

import hlv.stats
from hlv.stats import (
    InvalidColumnError,
    LabelDistributions,
    brier_loss,
    kl_divergence,
    label_distributions,
    po_jsd,
    score_methods,
    soft_micro_f1,
)
from hlv.stats.metrics import METRICS, UndefinedScoreError, UnsupportedTaskError
from hlv.stats.resampling.item_weights import Weights

HUMAN = np.random.default_rng(1).dirichlet([2, 1, 1], 30)
OUTPUT = np.random.default_rng(2).dirichlet([2, 1, 1], 30)


def make_labels() -> LabelDistributions:
    return label_distributions(items=[1, 1, 2, 2], labels=["x", "y", "x", "x"])


def test_every_metric_of_the_registry_is_a_function() -> None:
    for name, metric in METRICS.items():
        function = getattr(hlv.stats, name)
        assert function.metric is metric
        assert name in hlv.stats.__all__
        assert metric.label in function.__doc__


def test_a_score_is_a_float_that_equals_the_registrys() -> None:
    score = po_jsd(HUMAN, OUTPUT)
    assert isinstance(score, float)
    assert score == METRICS["po_jsd"].score(HUMAN, OUTPUT, task="single")


def test_its_interval_is_the_percentiles_of_resampled_items() -> None:
    of_items = METRICS["po_jsd"].item_scores(HUMAN, OUTPUT, task="single")
    drawn = Weights.drawn(30, n_resamples=300, seed=7, stream=1).counts.astype(float)
    low, high = np.quantile(drawn @ of_items / 30, [0.025, 0.975])
    score = po_jsd(HUMAN, OUTPUT, n_resamples=300, seed=7)
    assert score.interval == (pytest.approx(low), pytest.approx(high))
    assert repr(score) == f"PO-JSD {float(score):.3f} ({low:.3f} to {high:.3f}, 30 items)"


def test_without_resamples_there_is_no_interval_and_a_reason() -> None:
    score = po_jsd(HUMAN, OUTPUT, n_resamples=0)
    assert (score.interval, score.interval_rule) == (None, "nothing was resampled")


def test_a_score_survives_pickling() -> None:
    score = pickle.loads(pickle.dumps(po_jsd(HUMAN, OUTPUT)))
    assert score == po_jsd(HUMAN, OUTPUT)
    assert score.interval == po_jsd(HUMAN, OUTPUT).interval


def test_scikit_learn_takes_a_metric_as_a_scorer() -> None:
    class Model(BaseEstimator):  # type: ignore[misc]
        def predict(self, inputs: Any) -> Any:
            return OUTPUT

    loss = make_scorer(brier_loss, greater_is_better=False)
    assert loss(Model(), None, HUMAN) == -brier_loss(HUMAN, OUTPUT)


@pytest.mark.parametrize("frame", [pandas.DataFrame, polars.DataFrame])
def test_columns_of_a_data_frame_are_found_by_label(frame: Any) -> None:
    prediction = frame({"y": [0.4, 0.1], "text": ["one", "two"], "x": [0.6, 0.9]})
    assert soft_micro_f1(make_labels(), prediction, items=[1, 2]) == pytest.approx((0.9 + 0.9) / 2)


def test_rows_are_found_by_item() -> None:
    prediction = pandas.DataFrame({"item": [3, 2, 1], "x": [0.5, 0.9, 0.6], "y": [0.5, 0.1, 0.4]})
    assert soft_micro_f1(make_labels(), prediction, items=prediction["item"]) == pytest.approx(0.9)


def test_rows_of_a_frame_are_never_taken_by_their_place() -> None:
    prediction = pandas.DataFrame({"item": [3, 2, 1], "x": [0.5, 0.9, 0.6], "y": [0.5, 0.1, 0.4]})
    assert soft_micro_f1(make_labels(), prediction.set_index("item")) == pytest.approx(0.9)
    with pytest.raises(InvalidColumnError, match="give items="):
        soft_micro_f1(make_labels(), prediction.set_index(pandas.Index(["a", "b", "c"])))
    with pytest.raises(InvalidColumnError, match="give items="):
        soft_micro_f1(make_labels(), polars.from_pandas(prediction))


def test_what_does_not_fit_is_refused_in_a_sentence() -> None:
    labels = make_labels()
    with pytest.raises(InvalidColumnError, match="no column for the label 'y'"):
        po_jsd(labels, pandas.DataFrame({"x": [1.0, 1.0]}))
    with pytest.raises(InvalidColumnError, match="1 of 2 labelled items have no prediction, such as 2"):
        po_jsd(labels, [[1, 0], [1, 0]], items=[1, 3])
    with pytest.raises(InvalidColumnError, match="The item 1 has two rows, 0 and 1"):
        po_jsd(labels, [[1, 0], [1, 0]], items=[1, 1])
    with pytest.raises(ValueError, match="use label_distributions"):
        po_jsd(HUMAN, OUTPUT, items=range(30))
    with pytest.raises(ValueError, match="those of a single task, not multilabel"):
        po_jsd(labels, [[1, 0], [1, 0]], task="multilabel")
    with pytest.raises(UndefinedScoreError, match="infinite"):
        kl_divergence([[0.5, 0.5]], [[1.0, 0.0]])


def test_methods_are_scored_as_single_metrics_do() -> None:
    outputs = {"one": OUTPUT, "other": HUMAN[::-1]}
    found = score_methods(HUMAN, outputs, metrics=["po_jsd", "brier_loss"], n_resamples=300)
    assert found.values.tolist() == [
        [f(HUMAN, output) for f in (po_jsd, brier_loss)] for output in outputs.values()
    ]
    frame = found.to_frame()
    row = frame[(frame["method"] == "other") & (frame["metric"] == "brier_loss")].iloc[0]
    assert (row["low"], row["high"]) == brier_loss(HUMAN, HUMAN[::-1], n_resamples=300).interval


def test_an_undefined_score_has_a_reason_and_no_value() -> None:
    found = score_methods([[0.5, 0.5]], {"a": [[1.0, 0.0]]}, metrics=["kl_divergence"])
    assert found.columns()["value"] == [None]
    assert "infinite" in str(found.columns()["reason"][0])


def test_unknown_metrics_and_no_methods_are_refused() -> None:
    with pytest.raises(KeyError, match="No metric is called 'bleu'"):
        score_methods(HUMAN, {"a": OUTPUT}, metrics=["bleu"])
    with pytest.raises(UnsupportedTaskError):
        score_methods(HUMAN, {"a": OUTPUT}, metrics=["wasserstein_distance"])
    with pytest.raises(ValueError, match="nothing to score"):
        score_methods(HUMAN, {})
