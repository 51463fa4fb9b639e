"""Human labels as arrays: counted in the database, never mixed with what models say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Sum

from annotations.models import AnnotationLabel, Label, LabelCount, Study
from annotations.selectors.answers import current_answers
from annotations.selectors.imports import not_withdrawn
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.labels.distributions import (
    Weights,
    certainty_weighted_multilabel_distributions,
    certainty_weighted_single_label_distributions,
    multilabel_distributions,
    single_label_distributions,
)


@dataclass(frozen=True, eq=False)
class LabelTable:
    """How many of an item's annotators chose each label; only items with an answer have a row.

    `counts` is (N, K) by label position, `n_annotators` (N,): the empty set counts there. `certainties`
    is the sum of the certainties given to chosen labels, NaN for an item where one was not given.
    """

    item_ids: IntArray
    label_names: tuple[str, ...]
    label_keys: tuple[str, ...]
    counts: FloatArray
    n_annotators: FloatArray
    certainties: FloatArray
    fingerprint: str

    def distributions(self, *, one_label_only: bool) -> FloatArray:
        """The human label distributions, (N, K)."""
        if one_label_only:
            return single_label_distributions(self.counts)
        return multilabel_distributions(self.counts, self.n_annotators)

    def weighted_by_certainty(self, *, one_label_only: bool) -> FloatArray:
        """The same, weighted by certainty; NaN where somebody gave none, or one label's certainties are all zero."""
        weighted = np.full_like(self.counts, np.nan)
        known = ~self._without_certainty()
        if one_label_only:
            known &= ~self._of_zero_certainty()
        if not known.any():
            return weighted
        sums = self.certainties[known]
        weighted[known] = (
            certainty_weighted_single_label_distributions(sums)
            if one_label_only
            else certainty_weighted_multilabel_distributions(sums, self.n_annotators[known])
        )
        return weighted

    def human_labels(self, *, weights: Weights, one_label_only: bool) -> HumanLabels:
        """The items that have a distribution under these weights."""
        everything = np.ones(len(self.item_ids), dtype=bool)
        without, zero = ~everything, ~everything
        if weights == "certainty":
            without = self._without_certainty()
            zero = self._of_zero_certainty() & ~without & one_label_only
        return HumanLabels(
            table=self,
            weights=weights,
            one_label_only=one_label_only,
            kept=everything & ~without & ~zero,
            n_without_certainty=int(without.sum()),
            n_zero_certainty=int(zero.sum()),
        )

    def _without_certainty(self) -> npt.NDArray[np.bool_]:
        return np.array(np.isnan(self.certainties).any(axis=1), dtype=bool)

    def _of_zero_certainty(self) -> npt.NDArray[np.bool_]:
        return np.array(np.nansum(self.certainties, axis=1) == 0, dtype=bool)


@dataclass(frozen=True, eq=False)
class HumanLabels:
    """The counted labels under some weights: `kept` (N,) of the items have a distribution.

    `n_without_certainty` are left out because somebody gave no certainty, `n_zero_certainty` because all
    certainties are zero; with equal weights nothing is left out.
    """

    table: LabelTable
    weights: Weights
    one_label_only: bool
    kept: npt.NDArray[np.bool_]
    n_without_certainty: int
    n_zero_certainty: int

    @property
    def item_ids(self) -> IntArray:
        return self.table.item_ids[self.kept]

    def distributions(self) -> FloatArray:
        """Of the items `item_ids`, in their order."""
        of_table = self.table.distributions if self.weights == "equal" else self.table.weighted_by_certainty
        return of_table(one_label_only=self.one_label_only)[self.kept]


def label_table(study: Study, *, as_of: datetime | None = None) -> LabelTable:
    """Count the current answers that give labels, and the counts that came without annotators."""
    labels = list(Label.objects.filter(study=study).order_by("position"))
    column = {label.pk: place for place, label in enumerate(labels)}
    answers = current_answers(study, as_of=as_of).filter(gives_labels=True)
    annotators = list(answers.order_by("item_id").values_list("item_id").annotate(n=Count("pk")))
    chosen = (
        AnnotationLabel.objects.filter(chosen=True, annotation__in=answers)
        .order_by("annotation__item_id", "label_id")
        .values_list("annotation__item_id", "label_id")
        .annotate(n=Count("pk"), n_certain=Count("certainty"), certainty=Sum("certainty"))
    )
    unnamed = LabelCount.objects.filter(not_withdrawn(as_of=as_of), item__study=study)
    if as_of is not None:
        unnamed = unnamed.filter(import_batch__created_at__lte=as_of)
    counted = list(
        unnamed.order_by("item_id", "label_id").values_list("item_id", "label_id", "n_chosen", "n_annotators")
    )
    item_ids = np.array(sorted({row[0] for row in annotators} | {row[0] for row in counted}), dtype=np.int64)
    row_of = {int(item_id): row for row, item_id in enumerate(item_ids)}
    counts = np.zeros((len(item_ids), len(labels)))
    certainties = np.zeros_like(counts)
    n_annotators = np.zeros(len(item_ids))
    for item_id, n in annotators:
        n_annotators[row_of[item_id]] = n
    for item_id, label_id, n, n_certain, certainty in chosen.iterator(chunk_size=20_000):
        counts[row_of[item_id], column[label_id]] = n
        certainties[row_of[item_id], column[label_id]] = certainty if n_certain == n else np.nan
    for item_id, label_id, n, of in counted:
        counts[row_of[item_id], column[label_id]] = n
        certainties[row_of[item_id], column[label_id]] = np.nan
        n_annotators[row_of[item_id]] = of
    return LabelTable(
        item_ids=item_ids,
        label_names=tuple(label.name for label in labels),
        label_keys=tuple(label.key for label in labels),
        counts=counts,
        n_annotators=n_annotators,
        certainties=certainties,
        fingerprint=_fingerprint(
            item_ids, counts, n_annotators, np.where(np.isnan(certainties), -1.0, certainties)
        ),
    )


@dataclass(frozen=True, eq=False)
class AnswerArrays:
    """Every current answer that gives labels: who, on what, which set."""

    item: IntArray
    annotator: IntArray
    chosen: npt.NDArray[np.bool_]
    label_names: tuple[str, ...]
    label_keys: tuple[str, ...]
    fingerprint: str


def answer_arrays(study: Study, *, as_of: datetime | None = None) -> AnswerArrays:
    labels = list(Label.objects.filter(study=study).order_by("position"))
    column = {label.pk: place for place, label in enumerate(labels)}
    answers = current_answers(study, as_of=as_of).filter(gives_labels=True)
    rows = np.array(
        list(answers.order_by("pk").values_list("pk", "item_id", "participant_id")), dtype=np.int64
    ).reshape(-1, 3)
    row_of = {int(pk): row for row, pk in enumerate(rows[:, 0])}
    chosen = np.zeros((len(rows), len(labels)), dtype=bool)
    picked = AnnotationLabel.objects.filter(chosen=True, annotation__in=answers)
    for annotation_id, label_id in picked.values_list("annotation_id", "label_id").iterator(
        chunk_size=20_000
    ):
        chosen[row_of[annotation_id], column[label_id]] = True
    return AnswerArrays(
        item=rows[:, 1],
        annotator=rows[:, 2],
        chosen=chosen,
        label_names=tuple(label.name for label in labels),
        label_keys=tuple(label.key for label in labels),
        fingerprint=_fingerprint(rows[:, 1], rows[:, 2], chosen),
    )


def _fingerprint(*arrays: npt.NDArray[np.generic]) -> str:
    """The same data give the same text, on any machine."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).astype("<f8").tobytes())
    return digest.hexdigest()
