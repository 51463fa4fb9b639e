"""The training methods: what each trains, what it needs, and how its outputs are read.

Several methods may come of one training: AE and AEh differ only in how the annotators' heads are combined.

References
----------
Kurniawan, K., Mistica, M., Baldwin, T., & Lau, J. H. (2026). Training and evaluating with human label variation: an
empirical study. Computational Linguistics 52(1), 85-111.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.metrics.predictions import MAJORITY
from hlv.stats.training import losses
from hlv.stats.training.losses import Aggregate, Loss, predicted_shares
from hlv.stats.training.targets import LabelledTexts

TRAIN_MEAN: Final = "Train mean"
Need = Literal["shares", "answers", "annotators"]
# Why a method cannot be trained on some labels.
Obstacle = Literal["several labels", "no single answers", "no annotators"]


@dataclass(frozen=True)
class Objective:
    """What a training minimises.

    Attributes
    ----------
    item : (R,)
        Text of each training row.
    n_heads : int
    loss : callable
        Logits (..., B, H, K) of a batch and its rows (B,) -> value and gradient.
    """

    item: IntArray
    n_heads: int
    loss: Callable[[FloatArray, IntArray], Loss]


ReadOut = Callable[[FloatArray, bool], FloatArray]


@dataclass(frozen=True)
class TrainingMethod:
    """One method.

    Attributes
    ----------
    name, label : str
    training : str
        Key in `TRAININGS`.
    read_out : callable
        Logits (..., N, H, K), and whether the task is multilabel -> outputs (..., N, K).
    needs : {"shares", "answers", "annotators"}
    is_single_only : bool
        Not defined in multilabel tasks.
    is_on_demand : bool
        Trained only where it is named.
    """

    name: str
    label: str
    training: str
    read_out: ReadOut
    needs: Need = "shares"
    is_single_only: bool = False
    is_on_demand: bool = False

    def obstacle(self, texts: LabelledTexts) -> Obstacle | None:
        """Why it cannot be trained on these labels."""
        if self.is_single_only and texts.multilabel:
            return "several labels"
        if self.needs == "annotators" and not texts.has_annotators:
            return "no annotators"
        if self.needs == "answers" and not texts.has_answers:
            return "no single answers"
        return None


def _head(place: int) -> ReadOut:
    return lambda logits, multilabel: predicted_shares(logits[..., place, :], multilabel=multilabel)


def _mean_of_heads(logits: FloatArray, multilabel: bool) -> FloatArray:
    return np.asarray(predicted_shares(logits, multilabel=multilabel).mean(axis=-2))


def _votes_of_heads(logits: FloatArray, multilabel: bool) -> FloatArray:
    if multilabel:
        votes = predicted_shares(logits, multilabel=True) > MAJORITY
    else:
        votes = logits.argmax(axis=-1)[..., None] == np.arange(logits.shape[-1])
    return np.asarray(votes.mean(axis=-2))


def _one_head(item: IntArray, loss: Callable[[FloatArray, IntArray], Loss]) -> Objective:
    def of_rows(logits: FloatArray, rows: IntArray) -> Loss:
        value, gradient = loss(logits[..., 0, :], rows)
        return Loss(value, gradient[..., None, :])

    return Objective(item, 1, of_rows)


RowLoss = Callable[..., Loss]


def _of_rows(
    item: IntArray, targets: FloatArray, multilabel: bool, loss: RowLoss = losses.cross_entropy
) -> Objective:
    return _one_head(item, lambda logits, rows: loss(logits, targets[rows], multilabel=multilabel))


def _shares(texts: LabelledTexts, loss: RowLoss = losses.cross_entropy) -> Objective:
    return _of_rows(np.arange(len(texts.shares)), texts.shares, texts.multilabel, loss)


def _majority(texts: LabelledTexts) -> Objective:
    return _of_rows(np.arange(len(texts.shares)), texts.majority.astype(np.float64), texts.multilabel)


def _repeated(texts: LabelledTexts) -> Objective:
    return _of_rows(*texts.each_answer(), texts.multilabel)


def _ambiguous(texts: LabelledTexts) -> Objective:
    return _of_rows(*texts.each_label(), texts.multilabel)


def _reliable(texts: LabelledTexts, *, hard: bool) -> Objective:
    weights, majority = texts.reliability_weights(hard=hard), texts.majority.astype(np.float64)

    def loss(logits: FloatArray, rows: IntArray) -> Loss:
        return losses.cross_entropy(
            logits, majority[rows], multilabel=texts.multilabel, weights=weights[rows]
        )

    return _one_head(np.arange(len(majority)), loss)


def _aggregated(texts: LabelledTexts, *, how: Aggregate) -> Objective:
    sets = texts.answer_sets()

    def loss(logits: FloatArray, rows: IntArray) -> Loss:
        return losses.aggregated_cross_entropy(
            logits, sets.answers[rows], sets.times[rows], how=how, multilabel=texts.multilabel
        )

    return _one_head(np.arange(len(texts.shares)), loss)


def _soft_and_majority(texts: LabelledTexts) -> Objective:
    parts = (_shares(texts), _majority(texts))

    def loss(logits: FloatArray, rows: IntArray) -> Loss:
        found = [part.loss(logits[..., [place], :], rows) for place, part in enumerate(parts)]
        return Loss(found[0].value + found[1].value, np.concatenate([one.gradient for one in found], axis=-2))

    return Objective(np.arange(len(texts.shares)), 2, loss)


def _annotators(texts: LabelledTexts) -> Objective:
    given = texts.annotator_answers()

    def loss(logits: FloatArray, rows: IntArray) -> Loss:
        place, cell = given.of_rows(rows)
        head = given.head[cell]
        value, errors = losses.annotator_cross_entropy(
            logits[..., place, head, :],
            given.answers[cell],
            given.times[cell],
            len(rows),
            multilabel=texts.multilabel,
        )
        gradient = np.zeros_like(logits)
        gradient[..., place, head, :] = errors
        return Loss(value, gradient)

    return Objective(np.arange(len(texts.shares)), given.n_annotators, loss)


# What is trained, by name.
TRAININGS: Mapping[str, Callable[[LabelledTexts], Objective]] = MappingProxyType(
    {
        "ReL": _repeated,
        "MV": _majority,
        "AL": _ambiguous,
        "SL": _shares,
        "SLMV": _soft_and_majority,
        "AE": _annotators,
        "AR": partial(_reliable, hard=False),
        "ARh": partial(_reliable, hard=True),
        "JSD": partial(_shares, loss=losses.jensen_shannon),
        "SmF1": partial(_shares, loss=losses.soft_micro_f1),
        "SMF1": partial(_shares, loss=losses.soft_macro_f1),
        "LA-min": partial(_aggregated, how="min"),
        "LA-mean": partial(_aggregated, how="mean"),
        "LA-max": partial(_aggregated, how="max"),
    }
)


def _method(
    name: str, label: str, *, training: str = "", read_out: ReadOut | None = None, **more: object
) -> TrainingMethod:
    return TrainingMethod(name, label, training or name, read_out or _head(0), **more)  # type: ignore[arg-type]


METHODS: Mapping[str, TrainingMethod] = MappingProxyType(
    {
        method.name: method
        for method in (
            _method("ReL", "repeated labelling: each answer is a training row", needs="answers"),
            _method("MV", "majority vote: the label of most annotators"),
            _method(
                "AL", "ambiguous labelling: each label somebody chose is a training row", is_single_only=True
            ),
            _method("SL", "soft labels: cross-entropy to the share of each label"),
            _method("SLMV", "soft labels and majority vote on two heads; the soft head predicts"),
            _method(
                "SLMV-hard",
                "soft labels and majority vote on two heads; the majority head predicts",
                training="SLMV",
                read_out=_head(1),
                is_on_demand=True,
            ),
            _method(
                "AE",
                "annotator ensemble: a head for each annotator, mean of all",
                read_out=_mean_of_heads,
                needs="annotators",
            ),
            _method(
                "AEh",
                "annotator ensemble: the share of annotators' heads that vote for a label",
                training="AE",
                read_out=_votes_of_heads,
                needs="annotators",
            ),
            _method(
                "AR",
                "annotator ranking: majority vote, weighted by its annotators' share of the majority",
                needs="annotators",
            ),
            _method(
                "ARh",
                "annotator ranking: majority vote, weighted by how often its annotators agree with it",
                needs="annotators",
            ),
            _method("JSD", "Jensen-Shannon divergence to the share of each label"),
            _method("SmF1", "one minus soft micro F1 of each batch"),
            _method("SMF1", "one minus soft macro F1 of each batch"),
            _method("LA-min", "aggregated loss: the smallest cross-entropy to an answer", needs="answers"),
            _method("LA-mean", "aggregated loss: the mean cross-entropy to the answers", needs="answers"),
            _method("LA-max", "aggregated loss: the largest cross-entropy to an answer", needs="answers"),
        )
    }
)


def available_methods(texts: LabelledTexts, names: Iterable[str]) -> tuple[list[str], dict[str, Obstacle]]:
    """Which of these methods the labels allow, and what is in the way of the others."""
    obstacles = {name: METHODS[name].obstacle(texts) for name in names}
    return (
        [name for name, obstacle in obstacles.items() if obstacle is None],
        {name: obstacle for name, obstacle in obstacles.items() if obstacle is not None},
    )


def same_objectives(texts: LabelledTexts, names: Iterable[str]) -> list[list[str]]:
    """Methods whose losses are equal on these labels, in groups of two or more.

    LA-mean is SL: cross-entropy is linear in the target. AR and ARh are MV where all weights are equal, as where the same
    people answer every text.
    """
    wanted = list(names)
    equal_weights = [
        name
        for name, hard in (("AR", False), ("ARh", True))
        if name in wanted and (texts.reliability_weights(hard=hard) == 1).all()
    ]
    groups = (["SL", "LA-mean"], ["MV", *equal_weights])
    found = [[name for name in group if name in wanted] for group in groups]
    return [group for group in found if len(group) > 1]
