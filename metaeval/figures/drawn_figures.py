"""Figures as rows kept with their snapshot, drawn once, in the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from hlv.core.figures.drawing import Drawing, FigureSpec, as_file, drawn, on_paper, recoloured, to_svg
from hlv.core.figures.figure_files import PDF, PNG, SLIM, SVG
from hlv.core.figures.palette import PALETTES, Theme
from metaeval.figures import (
    annotator_curves,
    metric_agreement,
    rank_lines,
    ranking,
    segment_agreement,
    strength_scores,
    win_matrix,
)
from metaeval.models import Figure, MetricAgreement, Ranking, SupplementaryAnalysis
from metaeval.results.annotator_numbers import read_annotator_numbers
from metaeval.results.method_scores import method_scores
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking import read_ranking
from metaeval.results.segment_agreement import read_segments

Drawn = tuple[str, Theme, str, bytes]
WithFigures = Ranking | MetricAgreement | SupplementaryAnalysis
# Of a theme and a width.
Spec = Callable[..., FigureSpec]


def drawn_figures(snapshot: WithFigures) -> list[Drawn]:
    """Draw all figures of a snapshot, saved or not; none where the data allowed no answer."""
    if isinstance(snapshot, SupplementaryAnalysis):
        specs = _of_supplementary_analysis(snapshot)
    else:
        specs = _of_ranking(snapshot) if isinstance(snapshot, Ranking) else _of_metric_agreement(snapshot)
    return [drawing for name, spec, paper in specs for drawing in _every_way(name, spec, paper=paper)]


def keep_figures(snapshot: WithFigures, drawings: list[Drawn]) -> list[Figure]:
    """Store what was drawn of a snapshot with it."""
    return Figure.objects.bulk_create(_row(drawn, snapshot) for drawn in drawings)


def figure_files(figures: Iterable[Figure]) -> Iterator[Drawn]:
    """Of a snapshot's figures all files, those too that were left until somebody asks for them."""
    rows = list(figures)
    kept = {(row.name, row.theme, row.media_type) for row in rows}
    for row in rows:
        yield row.name, _theme(row), row.media_type, bytes(row.content)
        left = [kind for kind in (PNG, PDF) if (row.name, row.theme, kind) not in kept]
        if row.media_type == SVG and row.theme == "light" and not row.name.endswith(SLIM) and left:
            drawing = on_paper(as_file(bytes(row.content)))
            yield from (
                (row.name, "light", kind, drawing.png if kind == PNG else drawing.pdf) for kind in left
            )


def _theme(row: Figure) -> Theme:
    return "dark" if row.theme == "dark" else "light"


# What is drawn under which name, and whether for paper too before anybody asks.
Wanted = tuple[str, Spec, bool]


def _of_ranking(snapshot: Ranking) -> Iterator[Wanted]:
    result = read_ranking(snapshot)
    if snapshot.undetermined or not ranking.has_figure(result):
        return
    yield ranking.NAME, partial(ranking.spec, result), True
    if win_matrix.has_figure(result):
        yield win_matrix.NAME, partial(win_matrix.spec, result), True


def _of_metric_agreement(snapshot: MetricAgreement) -> Iterator[Wanted]:
    result = read_agreement(snapshot)
    if metric_agreement.has_figure(result):
        yield metric_agreement.NAME, partial(metric_agreement.spec, result), True
    if rank_lines.has_figure(result):
        yield rank_lines.NAME, partial(rank_lines.spec, result), True
    scores = method_scores(result)
    if scores is not None:
        for place, scored in enumerate(strength_scores.specs(scores)):
            # A page shows the first one unless it is asked for another of forty.
            yield (
                strength_scores.figure_name(scored),
                partial(strength_scores.spec, scores, scored),
                place == 0,
            )


def _of_supplementary_analysis(snapshot: SupplementaryAnalysis) -> Iterator[Wanted]:
    if snapshot.kind == SupplementaryAnalysis.Kind.SEGMENTS:
        segments = read_segments(snapshot)
        if segment_agreement.has_figure(segments):
            yield segment_agreement.NAME, partial(segment_agreement.spec, segments), True
    elif snapshot.kind == SupplementaryAnalysis.Kind.ANNOTATORS:
        numbers = read_annotator_numbers(snapshot)
        if annotator_curves.has_figure(numbers):
            yield annotator_curves.NAME, partial(annotator_curves.spec, numbers), True


def _every_way(name: str, spec: Spec, *, paper: bool) -> Iterator[Drawn]:
    """Only the page is ever dark: what is taken away goes on paper."""
    wide: Drawing = drawn(spec(theme="light", width="wide"))
    slim = to_svg(spec(theme="light", width="slim"))
    yield name, "light", SVG, wide.svg
    if paper:
        yield name, "light", PNG, wide.as_file.png
        yield name, "light", PDF, wide.as_file.pdf
    yield name, "dark", SVG, _darkened(wide.svg)
    yield name + SLIM, "light", SVG, slim
    yield name + SLIM, "dark", SVG, _darkened(slim)


def _darkened(svg: bytes) -> bytes:
    return recoloured(svg, of=PALETTES["light"], to=PALETTES["dark"])


def _row(drawn: Drawn, snapshot: WithFigures) -> Figure:
    name, theme, media_type, content = drawn
    return Figure(
        ranking=snapshot if isinstance(snapshot, Ranking) else None,
        metric_agreement=snapshot if isinstance(snapshot, MetricAgreement) else None,
        supplementary_analysis=snapshot if isinstance(snapshot, SupplementaryAnalysis) else None,
        name=name,
        theme=theme,
        media_type=media_type,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
    )
