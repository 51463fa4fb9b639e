"""Figures: specs made of a snapshot's result, drawn to bytes."""

from annotations.charts.drawing import Drawing
from metaeval.charts.figures import Drawn, draw_figures, drawn_figures, keep_figures
from metaeval.charts.metric_agreement import metric_agreement_figure
from metaeval.charts.ranking import ranking_figure

__all__ = [
    "Drawing",
    "Drawn",
    "draw_figures",
    "drawn_figures",
    "keep_figures",
    "metric_agreement_figure",
    "ranking_figure",
]
