"""The tables of Kurniawan et al. (2026) that follow from its files, without a study."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from annotations.formats.items import AnnotationRecord
from annotations.formats.paper import ANNOTATIONS
from annotations.formats.paper_inputs import HUMAN, is_inputs, is_options_list
from hlv.core.tabular import RowSource
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import Mapping as ColumnMapping
from hlv.core.tabular.mapping import Options as AnnotationOptions
from hlv.core.tabular.writing import CellValue
from hlv.stats.agreement.coefficients import UndefinedAgreementError, krippendorff_alpha
from hlv.stats.arrays import FloatArray
from hlv.stats.correlation import correlations, ties_of
from hlv.stats.metrics.label_scores import LabelScoreKind, LabelScores
from hlv.stats.metrics.predictions import Predictions, Targets
from hlv.stats.metrics.registry import metrics_for
from hlv.stats.pairwise.mle_existence import NoRankingError
from hlv.stats.pairwise.rank_centrality import CentralityTies, rank_centrality
from hlv.stats.pairwise.ranking_models import estimate_strengths
from metaeval.formats.evaluation_options import BaseModels, Options
from metaeval.formats.paper import JUDGMENTS, OUTPUTS
from metaeval.formats.records import JudgmentRecord, OutputRecord, Verdict

Record = TypeVar("Record")
Shares = Mapping[str, float]
VERDICTS = (Verdict.LEFT, Verdict.RIGHT, Verdict.BOTH, Verdict.NEITHER)


@dataclass(frozen=True)
class Table:
    """A table for programs: an undetermined value is None."""

    name: str
    header: tuple[str, ...]
    rows: list[tuple[CellValue, ...]]


@dataclass(frozen=True)
class PaperFiles:
    """What the files contain: judgments that count, outputs as shown, and human distributions by item."""

    judgments: Sequence[JudgmentRecord]
    outputs: Sequence[OutputRecord]
    human: Mapping[str, Shares]

    @classmethod
    def read(cls, sources: Sequence[RowSource], base_models: BaseModels) -> PaperFiles:
        """Raises `FormatError` with the rows that cannot be read."""
        options = Options(base_models=base_models)
        labelled = [source for source in sources if ANNOTATIONS.sniff(source, ColumnMapping())]
        judged = [source for source in sources if source not in labelled]
        shown = [source for source in judged if is_inputs(source) or is_options_list(source)]
        given = _good(JUDGMENTS.parse(judged, ColumnMapping(), options))
        outputs = _good(OUTPUTS.parse(shown, ColumnMapping(), options)) if any(map(is_inputs, shown)) else []
        answers = _good(ANNOTATIONS.parse(labelled, ColumnMapping(), AnnotationOptions()))
        return cls(_newest(given), outputs, _human_shares(answers))

    @property
    def base_models(self) -> list[str]:
        return sorted({one.base_model for one in self.judgments})


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
    pair_counts = {
        base: PairCounts.of([one for one in files.judgments if one.base_model == base])
        for base in files.base_models
    }
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


@dataclass(frozen=True, eq=False)
class PairCounts:
    """The verdicts between the methods of one base model: `wins[i, j]` of i over j, `both` and `neither` (M, M)."""

    names: list[str]
    wins: FloatArray
    both: FloatArray
    neither: FloatArray

    @classmethod
    def of(cls, judgments: Sequence[JudgmentRecord]) -> PairCounts:
        names = sorted({name for one in judgments for name in (one.left, one.right)})
        place = {name: number for number, name in enumerate(names)}
        wins, both, neither = (np.zeros((len(names), len(names))) for _ in range(3))
        for one in judgments:
            left, right = place[one.left], place[one.right]
            if one.verdict is Verdict.LEFT:
                wins[left, right] += 1
            elif one.verdict is Verdict.RIGHT:
                wins[right, left] += 1
            else:
                tied = both if one.verdict is Verdict.BOTH else neither
                tied[left, right] += 1
                tied[right, left] += 1
        return cls(names, wins, both, neither)

    @property
    def ties(self) -> FloatArray:
        return self.both + self.neither

    @property
    def n_judgments(self) -> FloatArray:
        """Of each pair, (M, M)."""
        return self.wins + self.wins.T + self.ties

    def shares(self, ties: CentralityTies) -> tuple[FloatArray | None, str]:
        """Rank centralities (M,), or why there are none."""
        try:
            return rank_centrality(self.wins, self.ties, ties_rule=ties, names=self.names), ""
        except NoRankingError as refusal:
            return None, str(refusal)

    def strengths(self) -> tuple[FloatArray | None, str]:
        """Bradley-Terry strengths (M,) with half ties, or why there are none."""
        try:
            estimate = estimate_strengths(
                self.wins, self.ties, self.names, model="bradley-terry", ties="half", ridge=0.0
            )
        except NoRankingError as refusal:
            return None, str(refusal)
        return estimate.strengths, ""


def win_table(pair_counts: Mapping[str, PairCounts]) -> Table:
    rows: list[tuple[CellValue, ...]] = []
    for base, counts in pair_counts.items():
        for i, method in enumerate(counts.names):
            for j, other in enumerate(counts.names):
                cell = (counts.wins[i, j], counts.wins[j, i], counts.both[i, j], counts.neither[i, j])
                if sum(cell):
                    rows.append((base, method, other, *(int(n) for n in cell), int(sum(cell))))
    header = ("base_model", "method", "against", "wins", "losses", "both", "neither", "n_judgments")
    return Table("wins", header, rows)


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
            reason = str(undefined)
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


def ranking_table(pair_counts: Mapping[str, PairCounts]) -> Table:
    rows: list[tuple[CellValue, ...]] = []
    for base, counts in pair_counts.items():
        found = [counts.shares("denominator"), counts.shares("half"), counts.strengths()]
        reasons = " ".join(dict.fromkeys(reason for _, reason in found if reason))
        n_judgments = counts.n_judgments.sum(axis=1)
        for place, method in enumerate(counts.names):
            values = [None if values is None else float(values[place]) for values, _ in found]
            rows.append((base, method, *values, int(n_judgments[place]), reasons))
    header = (
        *("base_model", "method", "rank_centrality_of_the_paper", "rank_centrality_half_ties"),
        *("bradley_terry_half_ties", "n_judgments", "undetermined"),
    )
    return Table("ranking", header, rows)


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
        truth = Targets.of(_array(files.human, items, labels), task="multilabel")
        outputs = {
            method: Predictions.of(_array(by_method[method], items, labels), truth)
            for method in sorted(by_method)
        }
        return cls(labels, truth, outputs)


def _array(shares: Mapping[str, Shares], items: Sequence[str], labels: Sequence[str]) -> FloatArray:
    return np.array([[shares[item].get(label, 0.0) for label in labels] for item in items])


def _scores(scored: Scored) -> Iterator[tuple[str, bool, dict[str, float]]]:
    """Of each metric: its name, whether higher is better, and its scores by method."""
    if scored.truth is None:
        return
    for metric in metrics_for("multilabel"):
        # NaN where a score is undefined.
        values = {
            method: float(metric.combine(metric.sums(scored.truth, output, task="multilabel")))
            for method, output in scored.outputs.items()
        }
        yield metric.name, metric.higher_is_better, values


def score_table(scored: Mapping[str, Scored]) -> Table:
    rows: list[tuple[CellValue, ...]] = [
        (base, method, metric, value if np.isfinite(value) else None, _n_texts(one))
        for base, one in scored.items()
        for metric, _, values in _scores(one)
        for method, value in values.items()
    ]
    return Table("scores", ("base_model", "method", "metric", "value", "n_texts"), rows)


def label_table(scored: Mapping[str, Scored]) -> Table:
    rows: list[tuple[CellValue, ...]] = []
    kinds: tuple[LabelScoreKind, ...] = ("hard", "soft")
    for base, one in scored.items():
        for kind in kinds if one.truth is not None else ():
            for method, output in one.outputs.items():
                found = LabelScores.of(output.truth, output, task="multilabel", kind=kind)
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
        rankings = (
            ("rank_centrality_of_the_paper", counts.shares("denominator")[0]),
            ("bradley_terry_half_ties", counts.strengths()[0]),
        )
        for metric, is_higher_better, values in _scores(scored[base]):
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
    places = [place for place, name in enumerate(names) if np.isfinite(values.get(name, np.nan))]
    if len(places) < 2:
        return
    scores = np.array([values[names[place]] for place in places]) * (1 if is_higher_better else -1)
    people = strengths[places]
    found = correlations(scores, people, x_ties=ties_of(scores, "score"), y_ties=ties_of(people, "strength"))
    for statistic, value in found.items():
        number = float(value)
        yield base, metric, ranking, statistic, number if np.isfinite(number) else None, len(places)
