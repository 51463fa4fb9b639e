"""The tables of Kurniawan et al. (2026) that follow from its files, without a study."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from annotations.formats.items import AnnotationRecord
from annotations.formats.paper import ANNOTATIONS
from annotations.formats.paper_inputs import HUMAN, is_inputs, is_options_list
from hlv.core.rendering.sentences import error_sentence
from hlv.core.tabular import RowSource
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Mapping as ColumnMapping
from hlv.core.tabular.mapping import Options as AnnotationOptions
from hlv.core.tabular.writing import CellValue
from hlv.stats.agreement.coefficients import UndefinedAgreementError, krippendorff_alpha
from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import correlations, ties_of
from hlv.stats.labels.distributions import Task
from hlv.stats.metrics.bootstrap_scores import ScoreResampling
from hlv.stats.metrics.label_scores import LabelScoreKind, LabelScores
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.registry import metrics_for
from hlv.stats.resampling.chunks import run_in_sequence
from metaeval.formats.evaluation_options import BaseModels, Options
from metaeval.formats.paper import JUDGMENTS, OUTPUTS
from metaeval.formats.records import JudgmentRecord, OutputRecord, Verdict
from metaeval.services.paper_pair_counts import N_RESAMPLES, SEED, PairCounts, Table, ranking_table, win_table
from metaeval.services.score_table import interval_of

Record = TypeVar("Record")
Shares = Mapping[str, float]
VERDICTS = (Verdict.LEFT, Verdict.RIGHT, Verdict.BOTH, Verdict.NEITHER)


@dataclass(frozen=True)
class PaperFiles:
    """What the files contain: judgments that count, outputs as shown, and human distributions by item."""

    judgments: Sequence[JudgmentRecord]
    outputs: Sequence[OutputRecord]
    human: Mapping[str, Shares]
    # One label of each text, or several.
    task: Task

    @classmethod
    def read(
        cls, sources: Sequence[RowSource], base_models: BaseModels, *, task: Task | None = None
    ) -> PaperFiles:
        """Without a task, one label of each text where every annotation has exactly one.

        Raises `FormatError` with the rows that cannot be read.
        """
        options = Options(base_models=base_models)
        labelled = [source for source in sources if ANNOTATIONS.sniff(source, ColumnMapping())]
        judged = [source for source in sources if source not in labelled]
        shown = [source for source in judged if is_inputs(source) or is_options_list(source)]
        given = _good(JUDGMENTS.parse(judged, ColumnMapping(), options))
        outputs = _good(OUTPUTS.parse(shown, ColumnMapping(), options)) if any(map(is_inputs, shown)) else []
        answers = _good(ANNOTATIONS.parse(labelled, ColumnMapping(), AnnotationOptions()))
        one_each = bool(answers) and all(len(one.labels) == 1 for one in answers)
        return cls(
            _newest(given),
            outputs,
            _human_shares(answers),
            task or ("single" if one_each else "multilabel"),
        )

    @property
    def base_models(self) -> list[str]:
        return sorted({one.base_model for one in self.judgments})

    @cached_property
    def pair_counts(self) -> dict[str, PairCounts]:
        """By base model."""
        return {
            base: PairCounts.of([one for one in self.judgments if one.base_model == base])
            for base in self.base_models
        }


def _good(records: Iterable[Record | RowError]) -> list[Record]:
    good: list[Record] = []
    errors: list[RowError] = []
    for one in records:
        if isinstance(one, RowError):
            errors.append(one)
        else:
            good.append(one)
    if errors:
        raise FormatError(f"{len(errors)} rows cannot be read; the first: {errors[0]}", errors)
    return good


def _newest(judgments: Iterable[JudgmentRecord]) -> list[JudgmentRecord]:
    """Of each judge the latest answer to an input."""
    newest: dict[tuple[str, str], JudgmentRecord] = {}
    for one in sorted(judgments, key=lambda judgment: read_time(judgment.submitted_at)):
        newest[one.input_id, one.judge or ""] = one
    return list(newest.values())


def _human_shares(answers: Iterable[AnnotationRecord]) -> dict[str, Shares]:
    """Share of the annotators of an item whose set contains the label; the newest answer of each."""
    newest = {(one.item_key, one.annotator): one.labels for one in answers}
    chosen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    n_answers: Counter[str] = Counter()
    for (item, _), labels in newest.items():
        chosen[item].update(labels)
        n_answers[item] += 1
    return {item: {label: n / n_answers[item] for label, n in chosen[item].items()} for item in n_answers}


def paper_tables(files: PaperFiles) -> Iterator[Table]:
    """The tables, those first that need judgments alone."""
    pair_counts = files.pair_counts
    yield win_table(pair_counts)
    yield verdict_agreement_table(files)
    yield ranking_table(pair_counts)
    if any(HUMAN in counts.names for counts in pair_counts.values()):
        yield votes_table(files)
    if not (files.human and files.outputs):
        return
    scored = {base: Scored.of(files, base) for base in files.base_models}
    yield score_table(scored)
    yield label_table(scored)
    yield agreement_table(pair_counts, scored)


def verdict_agreement_table(files: PaperFiles) -> Table:
    """Krippendorff's alpha of the four verdicts over all inputs, as the paper has it, and for each base model."""
    rows: list[tuple[CellValue, ...]] = []
    for base in ["all", *files.base_models]:
        judgments = [one for one in files.judgments if base in ("all", one.base_model)]
        counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(VERDICTS))
        for one in judgments:
            counts[one.input_id][VERDICTS.index(one.verdict)] += 1
        several = sum(sum(row) > 1 for row in counts.values())
        alpha, reason = None, ""
        try:
            alpha = krippendorff_alpha(list(counts.values()))
        except UndefinedAgreementError as undefined:
            reason = error_sentence(undefined)
        rows.append(
            (base, alpha, len(judgments), len({one.judge for one in judgments}), len(counts), several, reason)
        )
    header = (
        "base_model",
        "alpha",
        "n_judgments",
        "n_judges",
        "n_inputs",
        "n_inputs_of_several",
        "undetermined",
    )
    return Table("verdict-agreement", header, rows)


def votes_table(files: PaperFiles) -> Table:
    """Of each method against the human distribution, the shares of the four verdicts."""
    votes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    texts: defaultdict[tuple[str, str], set[str | None]] = defaultdict(set)
    for one in files.judgments:
        if HUMAN not in (one.left, one.right):
            continue
        method = one.right if one.left == HUMAN else one.left
        winner = {Verdict.LEFT: one.left, Verdict.RIGHT: one.right}.get(one.verdict, str(one.verdict))
        votes[one.base_model, method]["method" if winner == method else winner] += 1
        texts[one.base_model, method].add(one.item_key)
    rows: list[tuple[CellValue, ...]] = []
    for key in sorted(votes):
        n = votes[key].total()
        rows.append(
            (
                *key,
                *(votes[key][name] / n for name in ("method", HUMAN, "both", "neither")),
                n,
                len(texts[key]),
            )
        )
    header = (
        "base_model",
        "method",
        "method_only",
        "human_only",
        "both",
        "neither",
        "n_judgments",
        "n_texts",
    )
    return Table("votes-against-human", header, rows)


@dataclass(frozen=True, eq=False)
class Scored:
    """The outputs of one base model beside the human distributions, on the texts that have all of them."""

    labels: list[str]
    truth: Targets | None
    outputs: Mapping[str, Predictions]

    @classmethod
    def of(cls, files: PaperFiles, base_model: str) -> Scored:
        by_method: defaultdict[str, dict[str, Shares]] = defaultdict(dict)
        for one in files.outputs:
            if one.base_model == base_model and one.method != HUMAN and one.distribution is not None:
                by_method[one.method][one.item_key] = one.distribution
        found = [*by_method.values(), files.human]
        items = sorted(set.intersection(*(set(one) for one in found)))
        labels = sorted({label for one in found for shares in one.values() for label in shares})
        if not items or not by_method:
            return cls(labels, None, {})
        truth = Targets.of(_array(files.human, items, labels), task=files.task)
        outputs = {
            method: Predictions.of(_shown(by_method[method], method, items, labels, task=files.task), truth)
            for method in sorted(by_method)
        }
        return cls(labels, truth, outputs)

    def scores(self) -> Iterator[tuple[str, bool, dict[str, float]]]:
        """Of each metric: its name, whether higher is better, and its scores by method."""
        truth = self.truth
        if truth is None:
            return
        for metric in metrics_for(truth.task):
            # NaN where a score is undefined.
            values = {
                method: float(metric.combine(metric.sums(truth, output, task=truth.task)))
                for method, output in self.outputs.items()
            }
            yield metric.name, metric.higher_is_better, values


def _shown(
    shares: Mapping[str, Shares], method: str, items: Sequence[str], labels: Sequence[str], *, task: Task
) -> FloatArray:
    """Outputs as judges saw them; where one label is taken, divided by the sum of the labels that were listed.

    Raises
    ------
    FormatError
        An output lists no label, so it is no distribution.
    """
    rows = _array(shares, items, labels)
    if task == "multilabel":
        return rows
    sums = rows.sum(axis=1, keepdims=True)
    if not sums.all():
        item = items[int(np.flatnonzero(sums[:, 0] == 0)[0])]
        raise FormatError(
            f"“{method}” lists no label with a share for “{item}”: a study of one label for each text needs one. "
            "Where texts may have several labels or none, use --task multilabel."
        )
    return np.asarray(rows / sums)


def _array(shares: Mapping[str, Shares], items: Sequence[str], labels: Sequence[str]) -> FloatArray:
    return np.array([[shares[item].get(label, 0.0) for label in labels] for item in items])


def _score_intervals(scored: Scored) -> dict[tuple[str, str], tuple[float, float]]:
    """Percentile intervals over texts, by metric and method; a score without one is left out."""
    if scored.truth is None:
        return {}
    metrics = [metric.name for metric in metrics_for(scored.truth.task)]
    work = ScoreResampling(
        truth=scored.truth,
        outputs=np.stack([output.distributions for output in scored.outputs.values()]),
        metrics=metrics,
        seed=SEED,
        stream=0,
        n_resamples=N_RESAMPLES,
    )
    resampled = run_in_sequence(work)
    intervals = {}
    for place, metric in enumerate(metrics):
        for column, method in enumerate(scored.outputs):
            interval = interval_of(resampled[:, place, column])
            if interval is not None:
                intervals[metric, method] = interval
    return intervals


def score_table(scored: Mapping[str, Scored]) -> Table:
    rows: list[tuple[CellValue, ...]] = []
    for base, one in scored.items():
        intervals = _score_intervals(one)
        for metric, _, values in one.scores():
            for method, value in values.items():
                ends = intervals.get((metric, method), (None, None))
                rows.append(
                    (base, method, metric, value if np.isfinite(value) else None, *ends, _n_texts(one))
                )
    header = ("base_model", "method", "metric", "value", "interval_low", "interval_high", "n_texts")
    return Table("scores", header, rows)


def label_table(scored: Mapping[str, Scored]) -> Table:
    rows: list[tuple[CellValue, ...]] = []
    kinds: tuple[LabelScoreKind, ...] = ("hard", "soft")
    for base, one in scored.items():
        if one.truth is None:
            continue
        for kind in kinds:
            for method, output in one.outputs.items():
                found = LabelScores.of(output.truth, output, task=one.truth.task, kind=kind)
                columns = (found.precision, found.recall, found.f1, found.support)
                for label, *row in zip(one.labels, *(column.tolist() for column in columns), strict=True):
                    rows.append((base, kind, method, label, *row, _n_texts(one)))
    header = ("base_model", "kind", "method", "label", "precision", "recall", "f1", "support", "n_texts")
    return Table("labels", header, rows)


def _n_texts(scored: Scored) -> int:
    return 0 if scored.truth is None else len(scored.truth.distributions)


def agreement_table(pair_counts: Mapping[str, PairCounts], scored: Mapping[str, Scored]) -> Table:
    """How each metric ranks the methods as the judges do; the human distribution is no method here."""
    rows: list[tuple[CellValue, ...]] = []
    for base, counts in pair_counts.items():
        fitted = counts.bradley_terry
        rankings = (
            ("rank_centrality_of_the_paper", counts.centralities["denominator"].values),
            ("bradley_terry_half_ties", None if fitted.undetermined else fitted.strengths),
        )
        for metric, is_higher_better, values in scored[base].scores():
            for ranking, strengths in rankings:
                if strengths is not None:
                    rows += _agreement_rows(
                        base, metric, ranking, counts.names, strengths, values, is_higher_better
                    )
    header = ("base_model", "metric", "ranking", "statistic", "value", "n_methods")
    return Table("metric-agreement", header, rows)


def _agreement_rows(
    base: str,
    metric: str,
    ranking: str,
    names: Sequence[str],
    strengths: FloatArray,
    values: Mapping[str, float],
    is_higher_better: bool,
) -> Iterator[tuple[CellValue, ...]]:
    found, n_methods = agreement_values(names, strengths, values, is_higher_better)
    for statistic, value in found.items():
        yield base, metric, ranking, statistic, value, n_methods


def agreement_values(
    names: Sequence[str], strengths: FloatArray, values: Mapping[str, float], is_higher_better: bool
) -> tuple[dict[str, float | None], int]:
    """Each coefficient of a metric with strengths (M,), None where undefined, and of how many methods.

    No coefficient where fewer than two methods have both.
    """
    places = [place for place, name in enumerate(names) if np.isfinite(values.get(name, np.nan))]
    if len(places) < 2:
        return {}, len(places)
    scores = np.array([values[names[place]] for place in places]) * (1 if is_higher_better else -1)
    people = strengths[places]
    found = correlations(scores, people, x_ties=ties_of(scores, "score"), y_ties=ties_of(people, "strength"))
    numbers = {statistic: float(value) for statistic, value in found.items()}
    return {name: one if np.isfinite(one) else None for name, one in numbers.items()}, len(places)
