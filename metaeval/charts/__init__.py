"""Figures: specs made of a snapshot's result, drawn to bytes."""

from metaeval.charts.drawing import Drawing
from metaeval.charts.figures import draw_figures, draw_metric_agreement_figures, draw_ranking_figures
from metaeval.charts.metric_agreement import metric_agreement_figure
from metaeval.charts.ranking import ranking_figure

__all__ = [
    "Drawing",
    "draw_figures",
    "draw_metric_agreement_figures",
    "draw_ranking_figures",
    "metric_agreement_figure",
    "ranking_figure",
]
