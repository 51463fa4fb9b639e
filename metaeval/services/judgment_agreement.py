"""Whether a metric says of each text what its judge said: for metrics with a score of each text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

import numpy as np

from hlv.stats.meta_evaluation.bootstrap_judgments import JudgmentBootstrap, JudgmentSample
from hlv.stats.meta_evaluation.judgment_agreement import (
    UndeterminedJudgmentsError,
    judgment_sample,
    sample_agreement,
)
from hlv.stats.pairwise.bootstrap import ResamplingUnit
from hlv.stats.pairwise.comparisons import UNKNOWN, Cells
from hlv.stats.resampling.chunks import Runner
from metaeval.results.ranking_options import RankingOptions
from metaeval.services.metric_scores import Named

NO_ITEM_SCORES: Final = "No metric has a score of each text."
NO_JUDGED_ITEMS: Final = "No judgment names its text."
# A threshold is fitted in every resample, for every metric: this many settle an interval's ends in seconds.
MOST_RESAMPLES: Final = 500


def verdicts(cells: Cells, named: Sequence[Named], options: RankingOptions, *, run: Runner) -> dict[str, Any]:
    """Agreement verdict by verdict of each metric, or why there is none.

    Parameters
    ----------
    cells
        The people's judgments, methods numbered as the metrics' scores have them, items by their keys.
    run
        Computes the resamples of all metrics.
    """
    if not cells.n_items:
        return {"undetermined": NO_JUDGED_ITEMS, "metrics": []}
    able = [entry for entry in named if entry.of_items is not None]
    if not able:
        return {"undetermined": NO_ITEM_SCORES, "metrics": []}
    samples = {place: _sample(cells, entry, options) for place, entry in enumerate(able)}
    ready = {place: sample for place, sample in samples.items() if isinstance(sample, JudgmentSample)}
    work = JudgmentBootstrap(list(ready.values()), min(options.n_resamples, MOST_RESAMPLES))
    drawn = dict(zip(ready, work.of_samples(run(work)), strict=True))
    rows = []
    for place, entry in enumerate(able):
        row: dict[str, Any] = {"name": entry.scores.name, "undetermined": None}
        sample = samples[place]
        if isinstance(sample, JudgmentSample):
            rows.append(row | sample_agreement(sample, drawn[place]).as_dict())
        else:
            rows.append(row | {"undetermined": sample})
    return {
        "undetermined": None,
        "metrics": rows,
        "left_out": {entry.scores.name: NO_SCORE_OF_TEXTS for entry in named if entry.of_items is None},
    }


NO_SCORE_OF_TEXTS: Final = "It has no score of each text."


def _sample(cells: Cells, entry: Named, options: RankingOptions) -> JudgmentSample | str:
    """A metric's differences beside the verdicts, or a sentence why they say nothing."""
    if entry.of_items is None or entry.item_ids is None:
        return NO_SCORE_OF_TEXTS
    judged = np.unique(cells.item[cells.item != UNKNOWN])
    columns = np.flatnonzero(np.isin(entry.item_ids, judged))
    scores = entry.of_items[:, columns]
    if np.isinf(scores).any():
        return "Some text has an infinite score: a difference of such scores means nothing."
    place = {int(item): column for column, item in enumerate(entry.item_ids[columns])}
    numbered = np.array([place.get(item, UNKNOWN) for item in cells.item.tolist()], dtype=np.int64)
    try:
        return judgment_sample(
            replace(cells, item=numbered),
            scores,
            higher_is_better=entry.scores.higher_is_better,
            resample=cast("ResamplingUnit | None", options.resample),
            seed=options.seed,
        )
    except UndeterminedJudgmentsError as refusal:
        return refusal.sentence
