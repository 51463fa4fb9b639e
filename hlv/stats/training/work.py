"""Trainings as work in chunks: one training of one run on one fold is one chunk, with the same bits on any worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Literal, get_args

import numpy as np

from hlv.stats.arrays import FloatArray
from hlv.stats.metrics.predictions import Targets
from hlv.stats.metrics.registry import METRICS
from hlv.stats.resampling.chunks import PackedFields, chunk_generator
from hlv.stats.training.folds import Fold
from hlv.stats.training.heads import HeadOptions, Heads, trained_epochs
from hlv.stats.training.methods import METHODS, TRAININGS
from hlv.stats.training.ngrams import scaled
from hlv.stats.training.targets import LabelledTexts

LAST_EPOCH: Final = "none"
SOFT_CROSS_ENTROPY: Final = "soft_cross_entropy"
# What the dev texts choose the learning rate and the epoch by; "none": of the last epoch alone.
Selection = Literal["soft_cross_entropy", "po_jsd", "soft_micro_f1", "none"]
SELECTIONS: tuple[Selection, ...] = get_args(Selection)


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """One training of one run on one fold.

    Attributes
    ----------
    training, run, fold
    learning_rate, epoch
        Chosen on the dev texts; epochs count from 0.
    curve : (L, E)
        Value of the selection for each learning rate and epoch.
    outputs : mapping of method to (n_test, K)
    """

    training: str
    run: int
    fold: int
    learning_rate: float
    epoch: int
    curve: FloatArray
    outputs: Mapping[str, FloatArray]


@dataclass(frozen=True, eq=False)
class TrainedRuns(PackedFields):
    """All trainings of some methods.

    Attributes
    ----------
    texts
        Labels of N texts.
    features : arrays (N, D)
        One for each fold, or one for all; each fold scales them by its training texts.
    parts : arrays (N,)
        Of each fold: 1 where a text trains, 2 where it tunes, 3 where it is tested, else 0.
    methods
        Keys of `METHODS`.
    n_runs, seed
        Run r draws from `chunk_generator(seed + r, 0, fold)`, alike for all methods: runs of seed 4 continue those of 1.
    select
        One of `SELECTIONS`.
    """

    kind: ClassVar[str] = "trained runs"
    nested: ClassVar[Mapping[str, type[PackedFields]]] = {"texts": LabelledTexts, "options": HeadOptions}

    texts: LabelledTexts
    features: tuple[FloatArray, ...]
    parts: tuple[FloatArray, ...]
    methods: list[str]
    n_runs: int
    seed: int
    select: str
    options: HeadOptions

    @classmethod
    def of(
        cls,
        texts: LabelledTexts,
        features: Sequence[FloatArray],
        folds: Sequence[Fold],
        methods: Sequence[str],
        *,
        n_runs: int,
        seed: int,
        select: Selection = SOFT_CROSS_ENTROPY,
        options: HeadOptions | None = None,
    ) -> TrainedRuns:
        parts = []
        for fold in folds:
            part = np.zeros(len(texts.shares))
            part[fold.train], part[fold.dev], part[fold.test] = 1, 2, 3
            parts.append(part)
        return cls(
            texts,
            tuple(features),
            tuple(parts),
            list(methods),
            n_runs,
            seed,
            select,
            options or HeadOptions(),
        )

    @cached_property
    def trainings(self) -> dict[str, list[str]]:
        """The methods that come of each training."""
        found: dict[str, list[str]] = {}
        for name in self.methods:
            found.setdefault(METHODS[name].training, []).append(name)
        return found

    @cached_property
    def folds(self) -> list[Fold]:
        return [Fold(*(np.flatnonzero(part == number) for number in (1, 2, 3))) for part in self.parts]

    @property
    def n_chunks(self) -> int:
        return self.n_runs * len(self.parts) * len(self.trainings)

    def compute(self, first: int, stop: int) -> FloatArray:
        """The numbers of these chunks, one after the other; `trained_runs` reads those of all."""
        return np.concatenate([np.empty(0), *(self._chunk(number) for number in range(first, stop))])

    def trained_runs(self, rows: FloatArray) -> list[TrainedRun]:
        """What `compute` found of all chunks."""
        found, start = [], 0
        for number in range(self.n_chunks):
            run, fold, training = self._place(number)
            methods, n_test = self.trainings[training], len(self.folds[fold].test)
            shape = (
                len(self.options.learning_rates),
                self.options.n_epochs(len(self.folds[fold].train)),
            )
            middle = start + 2 + shape[0] * shape[1]
            end = middle + len(methods) * n_test * self.texts.n_labels
            outputs = rows[middle:end].reshape(len(methods), n_test, self.texts.n_labels)
            found.append(
                TrainedRun(
                    training=training,
                    run=run,
                    fold=fold,
                    learning_rate=self.options.learning_rates[int(rows[start])],
                    epoch=int(rows[start + 1]),
                    curve=rows[start + 2 : middle].reshape(shape),
                    outputs=dict(zip(methods, outputs, strict=True)),
                )
            )
            start = end
        return found

    def outputs(self, trained: Sequence[TrainedRun]) -> dict[str, FloatArray]:
        """Of each method its outputs of each run (n_runs, N, K); NaN on texts that no fold tests."""
        shape = (self.n_runs, *self.texts.shares.shape)
        found = {name: np.full(shape, np.nan) for name in self.methods}
        for one in trained:
            for name, output in one.outputs.items():
                found[name][one.run, self.folds[one.fold].test] = output
        return found

    def train_mean(self) -> FloatArray:
        """The mean shares of each fold's training texts as the output of its test texts (N, K); else NaN."""
        found = np.full(self.texts.shares.shape, np.nan)
        for fold in self.folds:
            found[fold.test] = self.texts.of_items(fold.train).mean_shares()
        return found

    def _place(self, chunk: int) -> tuple[int, int, str]:
        before, training = divmod(chunk, len(self.trainings))
        run, fold = divmod(before, len(self.parts))
        return run, fold, list(self.trainings)[training]

    def _chunk(self, number: int) -> FloatArray:
        run, place, training = self._place(number)
        fold, multilabel = self.folds[place], self.texts.multilabel
        features = self._scaled_features(place)
        train = self.texts.of_items(fold.train)
        objective = TRAININGS[training](train)
        heads = Heads(
            n_models=len(self.options.learning_rates),
            n_features=features.shape[1],
            n_heads=objective.n_heads,
            n_labels=self.texts.n_labels,
            n_hidden=self.options.n_hidden,
        )
        choice = _Choice.of(self.texts.of_items(fold.dev), self.select, self.options, len(fold.train))
        read_out = METHODS[training].read_out
        for epoch in trained_epochs(
            heads,
            objective,
            features[fold.train],
            options=self.options,
            generator=chunk_generator(self.seed + run, 0, stream=place),
        ):
            choice.weigh(epoch, heads, read_out(heads.logits(features[fold.dev]), multilabel))
        logits = heads.logits_of(choice.parameters, features[fold.test])
        outputs = [METHODS[name].read_out(logits, multilabel).ravel() for name in self.trainings[training]]
        return np.concatenate([choice.best, choice.curve.ravel(), *outputs])

    def _scaled_features(self, fold: int) -> FloatArray:
        """Of one fold; the last that was asked for is kept."""
        kept = self.__dict__.setdefault("_kept", {})
        if fold not in kept:
            kept.clear()
            kept[fold] = scaled(self.features[min(fold, len(self.features) - 1)], self.folds[fold].train)
        found: FloatArray = kept[fold]
        return found


class _Choice:
    """The learning rate and epoch whose outputs of the dev texts are best; of equal ones the first."""

    def __init__(self, truth: Targets, select: str, shape: tuple[int, int]) -> None:
        self._truth = truth
        self._metric = METRICS[SOFT_CROSS_ENTROPY if select == LAST_EPOCH else select]
        self._first_epoch = shape[1] - 1 if select == LAST_EPOCH else 0
        self._best_loss = np.inf
        self.best = np.zeros(2)
        self.curve = np.full(shape, np.nan)
        self.parameters = np.empty(0)

    @classmethod
    def of(cls, dev: LabelledTexts, select: str, options: HeadOptions, n_train: int) -> _Choice:
        shape = (len(options.learning_rates), options.n_epochs(n_train))
        return cls(Targets.of(dev.shares, task=dev.task), select, shape)

    def weigh(self, epoch: int, heads: Heads, outputs: FloatArray) -> None:
        """Outputs (L, n_dev, K) of each learning rate after an epoch."""
        for model, output in enumerate(outputs):
            sums = self._metric.sums(self._truth, output, task=self._truth.task)
            self.curve[model, epoch] = value = float(self._metric.combine(sums))
            loss = -value if self._metric.higher_is_better else value
            is_first = not len(self.parameters) and model == 0 and epoch == self._first_epoch
            if epoch >= self._first_epoch and (loss < self._best_loss or is_first):
                self._best_loss = loss if np.isfinite(loss) else np.inf
                self.best[:] = model, epoch
                self.parameters = heads.parameters[model].copy()
