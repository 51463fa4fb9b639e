"""Uploaded metrics as rows of a score table, beside the built-in ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from metaeval.models import Method
from metaeval.results.scoring import MethodScore, MetricColumn
from metaeval.selectors.scores import shown_names
from metaeval.services.metric_scores import Named
from metaeval.services.score_table import ScoreTable, UploadedTable, finite, interval_of

NO_VALUE: Final = "no score was uploaded"
NOTHING_TO_RESAMPLE: Final = "one value per method cannot be resampled"


def uploaded_table(
    named: Sequence[Named], methods: Sequence[Method], *, n_resamples: int, beside: ScoreTable | None
) -> UploadedTable:
    """Of all `methods`, in their order, called as the table of built-in metrics `beside` calls them."""
    shown = {method.pk: name for method, name in zip(methods, shown_names(methods), strict=True)}
    if beside is not None:
        shown |= {
            method.pk: name for method, name in zip(beside.methods, shown_names(beside.methods), strict=True)
        }
    names = [shown[method.pk] for method in methods]
    entries = [entry for entry in named if entry.origin == "uploaded"]
    return UploadedTable(
        columns=[_column(entry, names, n_resamples=n_resamples) for entry in entries],
        fingerprint=_fingerprint(entries),
        n_drawn=max(
            (0 if e.scores.resampled is None else len(e.scores.resampled) for e in entries), default=0
        ),
    )


def _column(entry: Named, names: Sequence[str], *, n_resamples: int) -> MetricColumn:
    scores = entry.scores
    return MetricColumn(
        name=scores.name,
        label=entry.label,
        origin="uploaded",
        higher_is_better=scores.higher_is_better,
        scores=[
            MethodScore(
                method=name,
                value=finite(scores.values[place]),
                interval=None if scores.resampled is None else interval_of(scores.resampled[:, place]),
                undefined=None if np.isfinite(scores.values[place]) else NO_VALUE,
            )
            for place, name in enumerate(names)
        ],
        remark=entry.remark,
        # Its own texts: those of the upload, whatever else is labelled or has outputs.
        n_items=None if entry.item_ids is None else len(entry.item_ids),
        why_no_interval=_why_no_interval(entry, n_resamples=n_resamples),
    )


def _why_no_interval(entry: Named, *, n_resamples: int) -> str | None:
    if entry.scores.resampled is not None:
        return None
    return NOTHING_TO_RESAMPLE if n_resamples else "no resamples were requested"


def _fingerprint(entries: Sequence[Named]) -> str:
    """Nothing where nothing was uploaded."""
    if not entries:
        return ""
    digest = hashlib.sha256()
    for entry in entries:
        entry.update(digest)
    return digest.hexdigest()
