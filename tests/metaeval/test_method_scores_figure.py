"""The figure of methods by one metric: an order, intervals, one scale for all studies, and what it refuses."""

from __future__ import annotations

import re

import pytest

from hlv.core.figures.drawing import drawn
from metaeval.figures import method_scores
from metaeval.results.method_table import MethodRow, MetricOfMethods


def make_metric(
    means: dict[str, float | None], *, higher_is_better: bool = True, half: float | None = 0.02
) -> MetricOfMethods:
    rows = [
        MethodRow(
            method=name,
            n_runs=3,
            mean_of_runs=mean,
            sd_of_runs=None,
            interval=None if mean is None or half is None else (mean - half, mean + half),
            of_mean_output=mean,
        )
        for name, mean in means.items()
    ]
    return MetricOfMethods(
        name="po_jsd",
        label="PO-JSD",
        higher_is_better=higher_is_better,
        methods=rows,
        differences=[],
        groups=None,
    )


def words_of(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def points_of(svg: str) -> list[str]:
    return re.findall(r'aria-label="([^"]*: 0\.[^"]*)"', svg)


def test_methods_are_drawn_from_best_to_worst_with_their_intervals() -> None:
    metric = make_metric({"MV": 0.80, "SL": 0.90, "AE": None})
    svg = drawn(method_scores.spec({"armis": metric})).svg.decode()
    shown = words_of(svg)
    assert "armis: PO-JSD ↑" in shown
    assert shown.index("SL") < shown.index("MV")
    assert "AE" not in shown
    assert points_of(svg) == ["SL: 0.900, 0.880 to 0.920", "MV: 0.800, 0.780 to 0.820"]


def test_a_small_distance_comes_first() -> None:
    metric = make_metric({"MV": 0.80, "SL": 0.90}, higher_is_better=False, half=None)
    svg = drawn(method_scores.spec({"armis": metric})).svg.decode()
    assert points_of(svg) == ["MV: 0.800", "SL: 0.900"]


def test_every_study_has_a_panel() -> None:
    metrics = {name: make_metric({"SL": 0.9, "MV": 0.8}) for name in ("armis", "brexit")}
    one, two = (method_scores.spec(dict(list(metrics.items())[:n])) for n in (1, 2))
    assert two.height == 2 * one.height
    assert {"armis: PO-JSD ↑", "brexit: PO-JSD ↑"} <= set(words_of(drawn(two).svg.decode()))


def test_without_a_score_there_is_no_figure() -> None:
    with pytest.raises(ValueError, match="No method has a score"):
        method_scores.spec({"armis": make_metric({"SL": None})})
