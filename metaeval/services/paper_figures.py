"""Figures of the paper's judgments, drawn as those of a study: rankings, wins, and agreement of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hlv.core.figures.drawing import Drawing, FigureSpec, drawn
from hlv.stats.meta_evaluation.agreement_result import Coefficient
from hlv.stats.metrics.registry import METRICS
from hlv.stats.pairwise.pair_probabilities import pair_probabilities
from hlv.stats.pairwise.ranking_result import Ranking
from metaeval.figures import metric_agreement, ranking, win_matrix
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_rows import MetricRow
from metaeval.results.ranking import RankingResult
from metaeval.services.paper_pair_counts import PairCounts
from metaeval.services.paper_tables import PaperFiles, Scored, agreement_values


@dataclass(frozen=True)
class PaperFigure:
    name: str
    drawing: Drawing


def paper_figures(files: PaperFiles) -> Iterator[PaperFigure]:
    """For each base model: both rankings, the wins, and the agreement of metrics where there are scores.

    What the judgments do not determine has no figure.
    """
    several = len(files.base_models) > 1
    for base, counts in files.pair_counts.items():
        for name, spec in _specs(files, base, counts):
            yield PaperFigure(f"{name}-{base}" if several and base else name, drawn(spec))


def _specs(files: PaperFiles, base: str, counts: PairCounts) -> Iterator[tuple[str, FigureSpec]]:
    fitted = _result(counts.bradley_terry, counts)
    if ranking.has_figure(fitted):
        yield "ranking", ranking.spec(fitted, theme="light", width="wide")
    if win_matrix.has_figure(fitted):
        yield "wins", win_matrix.spec(fitted, theme="light", width="wide")
    walked = counts.centralities["denominator"].ranking
    if walked is not None and ranking.has_figure(centrality := _result(walked, counts)):
        yield "rank-centrality", ranking.spec(centrality, theme="light", width="wide")
    if files.human and files.outputs:
        agreement = _agreement(Scored.of(files, base), counts)
        if metric_agreement.has_figure(agreement):
            yield "metric-agreement", metric_agreement.spec(agreement, theme="light", width="wide")


def _result(ranked: Ranking, counts: PairCounts) -> RankingResult:
    return RankingResult(**vars(ranked.summary()), pairs=pair_probabilities(ranked, counts.cells))


def _agreement(scored: Scored, counts: PairCounts) -> MetricAgreementResult:
    """Tau-b of each metric with the Bradley-Terry strengths, without intervals: these need a study."""
    fitted = counts.bradley_terry
    rows = []
    for metric, is_higher_better, values in () if fitted.undetermined else scored.scores():
        found, n_methods = agreement_values(counts.names, fitted.strengths, values, is_higher_better)
        tau = found.get("kendall_tau_b")
        if tau is not None:
            label = METRICS[metric].label
            rows.append(
                MetricRow(
                    name=metric,
                    label=label,
                    hypothesis=metric,
                    higher_is_better=is_higher_better,
                    n_methods=n_methods,
                    kendall_tau_b=Coefficient(tau),
                )
            )
    return MetricAgreementResult(metrics=rows)
