"""The training experiments of Kurniawan et al. (2026), trained again under every selection rule."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np

from hlv.core.tabular.errors import FormatError
from hlv.stats.correlation import kendall_tau_b, ties_of
from hlv.stats.metrics.predictions import Targets
from hlv.stats.training import METHODS, TrainedRuns, ngram_counts, ngram_features
from hlv.stats.training.methods import TRAIN_MEAN, available_methods, same_objectives
from hlv.stats.training.work import SELECTIONS
from metaeval.results.method_table import MethodDifference, MethodTable, MetricOfMethods
from metaeval.results.replication import (
    DataSetReplication,
    MetricPair,
    NotRun,
    PairConclusion,
    Relation,
    Replication,
    RuleDifference,
)
from metaeval.services.method_table import compared_methods, paper_metrics
from metaeval.services.replication_data import LEWIDI, DataSet, lewidi_files, read_lewidi

ALPHA: Final = 0.05
DEFAULT_MARGIN: Final = 0.01
DEFAULT_RESAMPLES: Final = 1000
# The questions of the paper, as pairs of methods: are soft labels and repeated labels best, and are metrics worse as
# losses than soft labels?
PAIRS: Final = (
    ("SL", "MV"),
    ("ReL", "MV"),
    ("SL", "ReL"),
    ("SL", "JSD"),
    ("SL", "SmF1"),
    ("SL", "SMF1"),
    ("SL", TRAIN_MEAN),
)
# Of the paper, what no file here can give, or no training of this tier.
_NEVER_RUN: Final = (
    NotRun(
        name="ChaosNLI",
        why="it needs a pair encoder that is tuned; on fixed features every method scores below the train mean",
    ),
    NotRun(name="MFRC", why="its 10 folds of several labels are not read by this command; use hlv train"),
    NotRun(name="TAG", why="its data are private"),
    NotRun(name="RoBERTa, TwHIN-BERT and Llama 3 8B", why="this command trains on character n-grams only"),
    NotRun(name="comparison with the published tables", why="they are not part of the program"),
)


@dataclass(frozen=True, kw_only=True)
class ReplicationOptions:
    """How often and from which seed each method is trained, and the margin of equivalence."""

    n_runs: int = 3
    seed: int = 1
    margin: float = DEFAULT_MARGIN
    n_resamples: int = DEFAULT_RESAMPLES
    methods: tuple[str, ...] = ()


def reproduce(
    folder: Path, options: ReplicationOptions, *, say: Callable[[str], None] = lambda _: None
) -> Replication:
    """Train and compare on each data set that the folder has.

    Raises
    ------
    FormatError
        A file cannot be read, or the folder has none of the data sets.
    """
    begun, files = time.monotonic(), lewidi_files(folder)
    known = [name for name in LEWIDI if name in files]
    if not known:
        raise FormatError(
            f"{folder} has no LeWiDi files. Put HS-Brexit_train.json, HS-Brexit_dev.json and so on into it."
        )
    found = []
    for name in known:
        say(name)
        found.append(replicated(read_lewidi(name, files[name]), options))
    missing = [
        NotRun(name=name, why="its files are not in the folder") for name in LEWIDI if name not in files
    ]
    return Replication(
        data_sets=found,
        not_run=[*missing, *_NEVER_RUN],
        rules=list(SELECTIONS),
        n_runs=options.n_runs,
        seed=options.seed,
        margin=options.margin,
        n_resamples=options.n_resamples,
        seconds=time.monotonic() - begun,
    )


def replicated(data: DataSet, options: ReplicationOptions) -> DataSetReplication:
    """All methods on one data set, trained under each selection rule from the same seeds."""
    names = options.methods or tuple(name for name, one in METHODS.items() if not one.is_on_demand)
    methods, _ = available_methods(data.labels, names)
    features = [ngram_features(ngram_counts(data.words), data.fold.train)]
    scored = data.fold.test[data.labels.answered[data.fold.test]]
    truth = Targets.of(data.labels.shares[scored], task=data.labels.task)
    tables: dict[str, MethodTable] = {}
    for rule in SELECTIONS:
        work = TrainedRuns.of(
            data.labels,
            features,
            [data.fold],
            methods,
            n_runs=options.n_runs,
            seed=options.seed,
            select=rule,
        )
        trained = work.trained_runs(work.compute(0, work.n_chunks))
        outputs = {TRAIN_MEAN: work.train_mean()[None], **work.outputs(trained)}
        tables[rule] = compared_methods(
            truth,
            {name: of_runs[:, scored] for name, of_runs in outputs.items()},
            paper_metrics(data.labels.task),
            n_resamples=options.n_resamples,
            seed=options.seed,
        )
    return DataSetReplication(
        name=data.name,
        n_train=len(data.fold.train),
        n_dev=len(data.fold.dev),
        n_test=len(scored),
        note=data.note,
        same=same_objectives(data.labels.of_items(data.fold.train), methods),
        tables=tables,
        conclusions=conclusions(tables, PAIRS, margin=options.margin),
        metric_pairs=metric_pairs(tables),
    )


def conclusions(
    tables: Mapping[str, MethodTable], pairs: Sequence[tuple[str, str]], *, margin: float
) -> list[PairConclusion]:
    """What every rule agrees on, of each metric and each pair of methods that the tables have."""
    found = []
    for number, metric in enumerate(next(iter(tables.values())).metrics):
        of_rules = {rule: table.metrics[number] for rule, table in tables.items()}
        for first, second in pairs:
            differences = [_difference(rule, one, first, second) for rule, one in of_rules.items()]
            whole = [one for one in differences if one is not None]
            if len(whole) == len(of_rules):
                found.append(_conclusion(metric, first, second, whole, margin))
    return found


def _difference(rule: str, metric: MetricOfMethods, first: str, second: str) -> RuleDifference | None:
    for one in metric.differences:
        if {one.first, one.second} == {first, second}:
            return _turned(rule, one, is_turned=one.first != first)
    return None


def _turned(rule: str, one: MethodDifference, *, is_turned: bool) -> RuleDifference:
    low, high = one.interval
    return RuleDifference(
        rule=rule,
        difference=-one.difference if is_turned else one.difference,
        interval=(-high, -low) if is_turned else (low, high),
        p=one.p,
    )


def _conclusion(
    metric: MetricOfMethods, first: str, second: str, differences: list[RuleDifference], margin: float
) -> PairConclusion:
    sign = 1 if metric.higher_is_better else -1
    is_clear = all(one.p < ALPHA for one in differences)
    relation: Relation = "undecided"
    if is_clear and all(sign * one.difference > 0 for one in differences):
        relation = "better"
    elif is_clear and all(sign * one.difference < 0 for one in differences):
        relation = "worse"
    return PairConclusion(
        metric=metric.name,
        label=metric.label,
        first=first,
        second=second,
        relation=relation,
        is_equivalent=all(-margin < one.interval[0] and one.interval[1] < margin for one in differences),
        differences=differences,
    )


def metric_pairs(tables: Mapping[str, MethodTable]) -> list[MetricPair]:
    """How far each two metrics order the methods alike, under every rule."""
    names = [metric.name for metric in next(iter(tables.values())).metrics]
    found = []
    for i, j in combinations(range(len(names)), 2):
        taus = [_tau(table.metrics[i], table.metrics[j]) for table in tables.values()]
        is_whole = bool(np.isfinite(taus).all())
        found.append(
            MetricPair(
                first=names[i],
                second=names[j],
                low=min(taus) if is_whole else None,
                high=max(taus) if is_whole else None,
            )
        )
    return found


def _tau(one: MetricOfMethods, other: MetricOfMethods) -> float:
    """Over methods that both define; NaN for fewer than two, or where one of them has only ties."""
    rows = [
        (first.mean_of_runs, second.mean_of_runs)
        for first, second in zip(one.methods, other.methods, strict=True)
        if first.mean_of_runs is not None and second.mean_of_runs is not None
    ]
    values = np.array(rows)
    if len(values) < 2 or (np.ptp(values, axis=0) == 0).any():
        return float("nan")
    signs = [1.0 if metric.higher_is_better else -1.0 for metric in (one, other)]
    return float(kendall_tau_b(*(ties_of(values[:, place] * signs[place], "score") for place in (0, 1))))
