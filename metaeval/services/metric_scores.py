"""Scores that are compared with people: built-in metrics, uploaded scores and automatic judges."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from django.utils.translation import gettext_noop as noop

from annotations.jobs import JobRefusedError, Progress
from annotations.models import Study
from annotations.work_sharing import runner
from hlv.core.rendering import numbers
from hlv.stats.arrays import FloatArray, IntArray
from hlv.stats.labels.distributions import checked_task
from hlv.stats.meta_evaluation.metric_agreement import MetricScores, automatic_judge_scores
from hlv.stats.metrics.bootstrap_scores import ScoreMeansResampling
from hlv.stats.pairwise.bootstrap import WITHOUT_RANKING
from hlv.stats.pairwise.comparison_resampler import RankingDraws
from hlv.stats.pairwise.ranking_result import Ranking as RankingResult
from hlv.stats.resampling.item_weights import ItemBlocks, block_sums, n_blocks
from metaeval.models import AutomaticJudge, Campaign, Method
from metaeval.results.metric_rows import JudgedBy
from metaeval.results.ranking_options import RankingOptions
from metaeval.results.scoring import MethodScore, MetricColumn
from metaeval.selectors.judgments import ComparisonCounts, comparison_counts
from metaeval.selectors.scores import UploadedScores, shown_names
from metaeval.selectors.selections import Exclusions, Selection
from metaeval.services.identical_methods import Systems
from metaeval.services.ranking import fit_ranking
from metaeval.services.score_table import ScoreTable, UploadedTable, finite, interval_of, n_drawn
from metaeval.services.scored_labels import NoWeightedLabelsError
from metaeval.services.scoring import STREAM_OF_ITEMS, score_methods

# Streams of the one seed: 0 the judgments and the texts that metrics share with them, from here on the methods of
# tables without item names; those between are of the tests in `hlv.stats`.
STREAM_OF_OBSERVATIONS = 1000
AUTOMATIC_JUDGE: Final = "automatic judge"
SCORING = noop("scoring methods on resampled texts, in hundreds")


@dataclass(frozen=True, eq=False)
class Verdicts:
    """An automatic judge's verdicts, and how they are ranked."""

    counted: ComparisonCounts
    options: RankingOptions


@dataclass(frozen=True, eq=False)
class Named:
    """A metric's scores with what the table and the figures call it.

    Where the score is a mean over items, `of_items` (M, N) are the scores of the items `item_ids` (N,); NaN where
    there is none. Where it is a mean of values without items, `observations` are those of each method.
    """

    scores: MetricScores
    label: str
    origin: str
    hypothesis: str
    remark: str = ""
    # Of an automatic judge: its number of judgments, and what its own side of the resamples draws.
    judged: JudgedBy | None = None
    verdicts: Verdicts | None = None
    of_items: FloatArray | None = None
    item_ids: IntArray | None = None
    # Of each text its block, where blocks are drawn whole.
    block_ids: IntArray | None = None
    observations: tuple[FloatArray, ...] | None = None

    @property
    def exchanged(self) -> FloatArray | None:
        """Scores (M, B) of the units that tests exchange: texts, or blocks with the sums of their texts."""
        if self.of_items is None or self.block_ids is None:
            return self.of_items
        return block_sums(self.of_items, self.block_ids)

    def update(self, digest: hashlib._Hash) -> None:
        """Take in all that its numbers are made of: of an automatic judge its verdicts, else values and their texts."""
        digest.update(f"{self.scores.name} {self.origin} {self.scores.higher_is_better} ".encode())
        if self.verdicts is not None:
            digest.update(self.verdicts.counted.fingerprint.encode())
        # Of single items, and of each method without them: the resamples are made of them.
        for values in (self.scores.values, self.of_items, self.item_ids, *(self.observations or ())):
            # With their shape: where one array ends, another may begin.
            digest.update(b"none " if values is None else f"{values.shape} ".encode())
            if values is not None:
                digest.update(np.ascontiguousarray(values).astype("<f8").tobytes())


def built_in_scores(
    study: Study,
    methods: Sequence[Method],
    options: RankingOptions,
    *,
    as_of: datetime,
    progress: Progress | None,
    only_items: Sequence[int] | None = None,
    draws: RankingDraws | None = None,
) -> tuple[list[Named], ScoreTable | None]:
    """The built-in metrics, where the study has labels and outputs; otherwise there are none.

    With `draws`, texts are drawn again as the ranking draws them.
    """
    if study.task == Study.Task.NONE or not methods:
        return [], None

    # Of one job: on all items, then on the judged ones.
    where = "" if only_items is None else " on judged items"
    try:
        table = score_methods(
            study,
            methods=methods,
            n_resamples=options.n_resamples,
            seed=options.seed,
            as_of=as_of,
            only_items=only_items,
            weights=options.weights,
            draws=draws,
            runners=lambda work: runner(progress, name=f"{work}{where}", note=SCORING),
        )
    except NoWeightedLabelsError:
        # Its labels are there, and cannot be used as was asked: that is no reason to leave metrics out.
        raise
    except JobRefusedError:
        # Without labels or outputs there is nothing to score; uploaded metrics may still be there.
        return [], None
    return _named_scores(study, table, methods, blocks=None if draws is None else draws.blocks), table


def _named_scores(
    study: Study, table: ScoreTable, methods: Sequence[Method], *, blocks: ItemBlocks | None
) -> list[Named]:
    block_ids = None if blocks is None else blocks.of(table.item_ids)
    place = {method.pk: index for index, method in enumerate(table.methods)}
    columns = [place.get(method.pk) for method in methods]
    named = []
    for scored in table.metrics:
        values = np.array([np.nan if column is None else scored.values[column] for column in columns])
        of_items = None
        if scored.of_items is not None:
            of_items = np.full((len(methods), len(table.item_ids)), np.nan)
        resampled = np.full((len(scored.resampled), len(methods)), np.nan)
        for index, column in enumerate(columns):
            if column is not None:
                resampled[:, index] = scored.resampled[:, column]
                if of_items is not None and scored.of_items is not None:
                    of_items[index] = scored.of_items[column]
        reasons = [reason for reason in scored.reasons if reason]
        named.append(
            Named(
                MetricScores(
                    scored.definition.name,
                    scored.definition.higher_is_better,
                    values,
                    resampled if len(resampled) else None,
                    reasons[0] if len(reasons) == len(scored.reasons) else None,
                    n_units=n_blocks(len(table.item_ids), block_ids),
                ),
                label=scored.definition.label,
                origin="built-in",
                hypothesis=scored.definition.hypothesis(checked_task(study.task)),
                of_items=of_items,
                item_ids=table.item_ids,
                block_ids=block_ids,
            )
        )
    return named


def uploaded(
    scores: UploadedScores,
    options: RankingOptions,
    *,
    draws: RankingDraws | None = None,
    progress: Progress | None = None,
) -> Named:
    """An uploaded metric, resampled over its items, or over the values of each method, or not at all.

    With `draws`, its items are drawn again as the ranking draws them.
    """
    resampled = None
    work = _means_work(scores, options, draws)
    if work is not None:
        name = f"scores uploaded as {scores.metric.pk}"
        resampled = runner(progress, name=name, note=noop("resampling uploaded scores, in hundreds"))(work)
    blank = f"{scores.n_blank} blank" if scores.n_blank else ""
    block_ids = None
    if draws is not None and draws.blocks is not None and scores.of_items is not None:
        block_ids = draws.blocks.of(scores.item_ids)
    return Named(
        MetricScores(
            scores.metric.name,
            scores.metric.higher_is_better,
            scores.values,
            resampled,
            n_units=_n_values(scores) if block_ids is None else n_blocks(len(block_ids), block_ids),
        ),
        label=scores.metric.name,
        origin="uploaded",
        hypothesis=scores.metric.name,
        remark=numbers.counted(scores.n_values, "values") + (f", {blank}" if blank else ""),
        of_items=scores.of_items,
        item_ids=None if scores.of_items is None else scores.item_ids,
        block_ids=block_ids,
        observations=scores.observations,
    )


def _n_values(scores: UploadedScores) -> int | None:
    """How many values a mean is of: the texts, or the fewest values of a method."""
    if scores.of_items is not None:
        return len(scores.item_ids)
    if scores.observations is None:
        return None
    return min((len(values) for values in scores.observations if len(values)), default=None)


def _means_work(
    scores: UploadedScores, options: RankingOptions, draws: RankingDraws | None
) -> ScoreMeansResampling | None:
    if not options.n_resamples:
        return None
    values: tuple[FloatArray, ...]
    shared = None
    if scores.of_items is not None:
        values, streams = (scores.of_items,), [STREAM_OF_ITEMS]
        shared = None if draws is None else draws.of_items(scores.item_ids)
    elif scores.observations is not None:
        values = tuple(of_method[None] for of_method in scores.observations)
        streams = [STREAM_OF_OBSERVATIONS + place for place in range(len(values))]
    else:
        return None
    return ScoreMeansResampling(values, streams, options.seed, options.n_resamples, shared)


def automatic_judges(
    people: ComparisonCounts,
    campaign: Campaign,
    systems: Systems,
    options: RankingOptions,
    *,
    as_of: datetime,
    draws: RankingDraws | None,
    progress: Progress | None,
) -> list[Named]:
    """Each automatic judge as one more metric: the strengths that its own verdicts give.

    Of the base model that `people` are looked at for, and without the methods that are left out there: groups, judges
    and times are of people alone.
    """
    named = []
    keys = [str(method.pk) for method in people.methods]
    part = Selection(base_model=people.selection.base_model)
    left_out = Exclusions(methods=people.exclusions.methods)
    for number, judge in enumerate(AutomaticJudge.objects.filter(study=campaign.study), start=1):
        verdicts = comparison_counts(
            campaign, automatic_judge=judge, as_of=as_of, selection=part, exclusions=left_out
        )
        counted = replace(verdicts.merged(systems.counts_as), blocks=people.blocks)
        if not len(counted.cells):
            continue
        # Another seed than the people's: texts are drawn alike for both, judges are not.
        own = replace(options, seed=options.seed + number, resample=None)
        result = fit_ranking(counted, own, progress=progress, name=f"automatic judge {number}", draws=draws)
        named.append(
            Named(
                automatic_judge_scores(judge.name, _by_key(result, counted.methods), keys),
                label=judge.name,
                origin=AUTOMATIC_JUDGE,
                hypothesis=judge.name,
                remark=" ".join(
                    [f"{numbers.counted(counted.cells.n_judgments, 'judgments')}.", *_notes(result)]
                ),
                judged=JudgedBy(
                    n_judgments=counted.cells.n_judgments,
                    resampling_unit=result.resampling_unit,
                    model=result.model,
                ),
                verdicts=Verdicts(counted, own),
            )
        )
    return named


def _notes(result: RankingResult) -> list[str]:
    """All notes but that on resamples without a ranking, which the row of the metric has for both sides."""
    return [note for note in result.notes if WITHOUT_RANKING not in note]


def _by_key(result: RankingResult, methods: Sequence[Method]) -> RankingResult:
    """Methods called by their keys: an automatic judge may have seen others than the experts."""
    return replace(result, names=[str(method.pk) for method in methods])


def distinct_names(named: Sequence[Named]) -> list[Named]:
    """The same with each name once: an uploaded metric may be called as a built-in one or a program is."""
    seen: set[str] = set()
    apart = []
    for entry in named:
        name, number = entry.scores.name, 1
        while name in seen:
            number += 1
            name = f"{entry.scores.name} ({entry.origin}{'' if number == 2 else f' {number - 1}'})"
        seen.add(name)
        if number > 1:
            # Built-in metrics come first, so whoever is renamed is no copy of one.
            entry = replace(entry, scores=replace(entry.scores, name=name), hypothesis=name)
        apart.append(entry)
    return apart


NO_VALUE: Final = noop("no score was uploaded")
NOTHING_TO_RESAMPLE: Final = noop("one value per method cannot be resampled")


def uploaded_table(
    named: Sequence[Named], methods: Sequence[Method], *, n_resamples: int, built_in: ScoreTable | None
) -> UploadedTable:
    """Of all `methods`, in their order, called as the table of built-in metrics `beside` calls them."""
    shown = {method.pk: name for method, name in zip(methods, shown_names(methods), strict=True)}
    if built_in is not None:
        shown |= {
            method.pk: name
            for method, name in zip(built_in.methods, shown_names(built_in.methods), strict=True)
        }
    names = [shown[method.pk] for method in methods]
    entries = [entry for entry in named if entry.origin == "uploaded"]
    return UploadedTable(
        columns=[_column(entry, names, n_resamples=n_resamples) for entry in entries],
        fingerprint=_fingerprint(entries),
        n_drawn=n_drawn(entry.scores.resampled for entry in entries),
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
    return NOTHING_TO_RESAMPLE if n_resamples else noop("no resamples were requested")


def _fingerprint(entries: Sequence[Named]) -> str:
    """Nothing where nothing was uploaded."""
    if not entries:
        return ""
    digest = hashlib.sha256()
    for entry in entries:
        entry.update(digest)
    return digest.hexdigest()
