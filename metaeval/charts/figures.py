"""Figures as rows kept with their snapshot, drawn once, in the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from annotations.charts.drawing import Drawing
from annotations.charts.palette import THEMES, Theme
from annotations.charts.pictures import PDF, PNG, SLIM, SVG
from metaeval.charts import metric_agreement, ranking
from metaeval.models import Figure, MetricAgreement, Ranking

Drawn = tuple[str, Theme, str, bytes]


def drawn_figures(snapshot: Ranking | MetricAgreement) -> list[Drawn]:
    """Draw all figures of a snapshot, saved or not; none where the data allowed no answer."""
    if isinstance(snapshot, Ranking):
        return list(_of_ranking(snapshot))
    return list(_of_metric_agreement(snapshot))


def keep_figures(snapshot: Ranking | MetricAgreement, drawings: list[Drawn]) -> list[Figure]:
    """Store what was drawn of a snapshot with it."""
    if isinstance(snapshot, Ranking):
        return Figure.objects.bulk_create(_row(drawn, ranking=snapshot) for drawn in drawings)
    return Figure.objects.bulk_create(_row(drawn, metric_agreement=snapshot) for drawn in drawings)


def draw_figures(snapshot: Ranking | MetricAgreement) -> list[Figure]:
    """Draw and keep the figures of a snapshot that is stored; drawing again changes nothing."""
    return list(snapshot.figures.all()) or keep_figures(snapshot, drawn_figures(snapshot))


def _of_ranking(snapshot: Ranking) -> Iterator[Drawn]:
    if snapshot.undetermined or not ranking.has_figure(snapshot.result):
        return
    result = snapshot.result
    yield from _on_paper(ranking.NAME, ranking.ranking_figure(result, theme="light"))
    yield ranking.NAME, "dark", SVG, ranking.ranking_svg(result, theme="dark", width="wide")
    for theme in THEMES:
        yield ranking.NAME + SLIM, theme, SVG, ranking.ranking_svg(result, theme=theme, width="slim")


def _of_metric_agreement(snapshot: MetricAgreement) -> Iterator[Drawn]:
    if not metric_agreement.has_figure(snapshot.result):
        return
    result, name = snapshot.result, metric_agreement.NAME
    yield from _on_paper(name, metric_agreement.metric_agreement_figure(result, theme="light"))
    yield name, "dark", SVG, metric_agreement.metric_agreement_svg(result, theme="dark", width="wide")
    for theme in THEMES:
        yield (
            name + SLIM,
            theme,
            SVG,
            metric_agreement.metric_agreement_svg(result, theme=theme, width="slim"),
        )


def _on_paper(name: str, drawing: Drawing) -> Iterator[Drawn]:
    """Only the page is ever dark: what is taken away goes on paper."""
    yield name, "light", SVG, drawing.svg
    yield name, "light", PNG, drawing.png
    yield name, "light", PDF, drawing.pdf


def _row(
    drawn: Drawn, *, ranking: Ranking | None = None, metric_agreement: MetricAgreement | None = None
) -> Figure:
    name, theme, media_type, content = drawn
    return Figure(
        ranking=ranking,
        metric_agreement=metric_agreement,
        name=name,
        theme=theme,
        media_type=media_type,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
