"""The figures of a round: agreement by label and group, as it grows, and how divided the texts are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from annotations.models import RoundFigure, RoundReport
from annotations.results.label_agreement import LabelAgreementResult
from annotations.results.round_report import RoundResult
from hlv.core.figures import layers
from hlv.core.figures.drawing import SHOWN_WIDTH, FigureSpec, Margins, Width, drawn, row_height, ticks, to_svg
from hlv.core.figures.figure_files import PDF, PNG, SLIM, SVG
from hlv.core.figures.layers import Heights, name_room, wide_heights
from hlv.core.figures.palette import PALETTES, THEMES, Palette, Theme
from hlv.core.rendering.numbers import figure
from hlv.stats.agreement import Coefficient

AGREEMENT, GROWTH, ENTROPY = "agreement", "growth", "entropy"

Drawn = tuple[str, Theme, str, bytes]


@dataclass(frozen=True)
class EstimateRow:
    """A coefficient as it is drawn: under a rule where a new kind of row begins."""

    name: str
    value: float
    low: float | None
    high: float | None
    begins: bool = False


def _row(name: str, alpha: Coefficient, *, begins: bool = False) -> EstimateRow | None:
    if alpha.value is None:
        return None
    low, high = alpha.interval or (None, None)
    return EstimateRow(name, alpha.value, low, high, begins)


def agreement_rows(agreement: LabelAgreementResult, report: RoundResult) -> list[EstimateRow]:
    """All answers, then each label, then each group; those without a value are left to the table."""
    rows = [_row("All answers", agreement.krippendorff_alpha)]
    named: list[list[tuple[str, Coefficient]]] = [
        [(row.label, row.krippendorff_alpha) for row in agreement.per_label],
        [(row.group, row.krippendorff_alpha) for row in report.groups],
    ]
    for kind in named:
        begins = True
        for name, alpha in kind:
            made = _row(name, alpha, begins=begins)
            begins = begins and made is None
            rows.append(made)
    return [row for row in rows if row is not None]


def growth_rows(report: RoundResult) -> list[EstimateRow]:
    rows = [_row(f"first {point.n_answers:,}", point.krippendorff_alpha) for point in report.growth]
    return [row for row in rows if row is not None]


def drawn_figures(agreement: LabelAgreementResult, report: RoundResult) -> list[Drawn]:
    """All figures that there are rows for: wide and slim, light and dark, and what goes on paper."""
    found: list[Drawn] = []
    for name, rows, title in (
        (AGREEMENT, agreement_rows(agreement, report), "Krippendorff’s alpha, 95 % interval"),
        (GROWTH, growth_rows(report), "Krippendorff’s alpha of the answers that came first"),
    ):
        # Of one point there is no growth.
        if len(rows) > (1 if name == GROWTH else 0):
            specs = {
                (theme, width): _estimates(rows, title=title, palette=PALETTES[theme], width=width)
                for theme in THEMES
                for width in SHOWN_WIDTH
            }
            found += _files(name, specs)
    if sum(report.entropy.n_items_by_bin):
        found += _files(
            ENTROPY,
            {
                (theme, width): _histogram(
                    report.entropy.n_items_by_bin, palette=PALETTES[theme], width=width
                )
                for theme in THEMES
                for width in SHOWN_WIDTH
            },
        )
    return found


def keep_figures(report: RoundReport, drawings: Sequence[Drawn]) -> None:
    """Store what was drawn with its report."""
    RoundFigure.objects.bulk_create(
        RoundFigure(
            report=report,
            name=name,
            theme=theme,
            media_type=media_type,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for name, theme, media_type, content in drawings
    )


def _files(name: str, specs: Mapping[tuple[Theme, Width], FigureSpec]) -> Iterator[Drawn]:
    paper = drawn(specs["light", "wide"])
    yield name, "light", SVG, paper.svg
    yield name, "light", PNG, paper.png
    yield name, "light", PDF, paper.pdf
    yield name, "dark", SVG, to_svg(specs["dark", "wide"])
    for theme in THEMES:
        yield name + SLIM, theme, SVG, to_svg(specs[theme, "slim"])


def _estimates(rows: Sequence[EstimateRow], *, title: str, palette: Palette, width: Width) -> FigureSpec:
    """One row for each: name, dot with interval on one scale, and the numbers at its end."""
    wide = width == "wide"
    step = row_height(len(rows)) if wide else 52
    height = step * len(rows)
    margins = (
        Margins(left=name_room([row.name for row in rows]), right=196, top=52, bottom=6)
        if wide
        else Margins(left=16, right=20, top=50, bottom=8)
    )
    plot = SHOWN_WIDTH[width] - margins.left - margins.right
    right = plot + margins.right
    tops = [step * place for place in range(len(rows))]
    heights = wide_heights(len(rows), step) if wide else [Heights(y + 13, y + 13, y + 37) for y in tops]
    marks = [_mark(row, at) for row, at in zip(rows, heights, strict=True)]
    low, high = _reach(rows)
    values = ticks(low, high, at_most=7 if wide else 6)
    scale = alt.Scale(domain=[low, high], nice=False, range=[0, plot])
    bands = [(0.0, float(height))] if wide else [(at.line - 10, at.line + 10) for at in heights]
    align: layers.Align = "left" if wide else "right"
    chart = layers.layered(
        layers.hairlines(
            [top for row, top in zip(rows, tops, strict=True) if row.begins],
            left=-margins.left,
            right=right,
            palette=palette,
        ),
        *layers.grid(values, bands, scale=scale, palette=palette),
        layers.tick_labels(
            [(v, figure(v).removesuffix("0")) for v in values], scale=scale, above=14, palette=palette
        ),
        *layers.estimate_layers(marks, scale=scale, palette=palette),
        layers.names(
            marks,
            at=-margins.left,
            colour=palette.ink,
            room=margins.left - 16 if wide else plot - 130,
            lines=2 if wide and step >= 30 else 1,
        ),
        layers.values(marks, at=plot + 26 if wide else right - 96, palette=palette, align=align),
        layers.intervals(marks, at=plot + 86 if wide else right, colour=palette.ink_2, size=13, align=align),
        layers.words(
            [(plot / 2, -38, title, "center")] if wide else [(-margins.left, -40, title, "left")],
            colour=palette.ink_2,
        ),
    )
    description = "; ".join(f"{row.name} {figure(row.value)}" for row in rows)
    return FigureSpec(
        chart=chart, palette=palette, margins=margins, width=plot, height=height, description=description
    )


def _mark(row: EstimateRow, heights: Heights) -> layers.EstimateMark:
    value, interval, ends = figure(row.value), "no interval", None
    if row.low is not None and row.high is not None:
        interval, ends = f"{figure(row.low)} to {figure(row.high)}", (row.low, row.high)
    description = layers.with_description(row.name, "alpha " + layers.with_interval(value, interval))
    return layers.EstimateMark(
        name=row.name,
        heights=heights,
        at=row.value,
        ends=ends,
        value=value,
        interval=interval,
        description=description,
    )


def _reach(rows: Sequence[EstimateRow]) -> tuple[float, float]:
    """Always from 0, chance, to 1, everybody; below 0 as far as there is something."""
    least = min([0.0, *(row.low if row.low is not None else row.value for row in rows)])
    return least - (0.03 if least < 0 else 0), 1.0


def _histogram(counts: Sequence[int], *, palette: Palette, width: Width) -> FigureSpec:
    """Texts by how divided their annotators are; each column description its number."""
    share = 1 / len(counts)
    margins = Margins(left=16, right=16, top=30, bottom=52)
    plot, height = SHOWN_WIDTH[width] - margins.left - margins.right, 190
    most = max(counts)
    rows = [
        {
            "from": place * share + share * 0.06,
            "to": (place + 1) * share - share * 0.06,
            "top": height * (1 - n / most),
            "bottom": height,
            "middle": (place + 0.5) * share,
            "above": height * (1 - n / most) - 10,
            "n": f"{n:,}",
            layers.DESCRIPTION: layers.with_description(
                f"{place * share:.1f} to {(place + 1) * share:.1f}", f"{n:,} text{'' if n == 1 else 's'}"
            ),
        }
        for place, n in enumerate(counts)
    ]
    scale = alt.Scale(domain=[0, 1], nice=False, range=[0, plot])
    down = alt.Y("top:Q", scale=None, axis=None)
    columns = layers.points(
        rows,
        alt.Chart()
        .mark_rect(color=palette.fig_1)
        .encode(x=layers.across("from", scale), x2=alt.X2("to:Q"), y=down, y2=alt.Y2("bottom:Q")),
    )
    numbers = layers.part(
        rows,
        alt.Chart()
        .mark_text(color=palette.ink_2, fontSize=12)
        .encode(
            x=layers.across("middle", scale), y=alt.Y("above:Q", scale=None, axis=None), text=alt.Text("n:N")
        ),
    )
    edges = [0, 0.2, 0.4, 0.6, 0.8, 1]
    ends: list[tuple[float, float, str, layers.Align]] = [
        (0, height + 38, "all chose alike", "left"),
        (plot, height + 38, "as divided as can be", "right"),
    ]
    chart = layers.layered(
        layers.hairlines([height], left=0, right=plot, palette=palette),
        columns,
        numbers,
        layers.tick_labels(
            [(edge, f"{edge:g}") for edge in edges], scale=scale, above=-(height + 16), palette=palette
        ),
        layers.words(ends, colour=palette.ink_2),
    )
    return FigureSpec(
        chart=chart,
        palette=palette,
        margins=margins,
        width=plot,
        height=height,
        description=f"Texts by normalised entropy, in {len(counts)} equal bins from 0 to 1: {counts}",
    )
