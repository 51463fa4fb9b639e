"""Snapshots as tables for a paper: the numbers of the page, rounded as there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from annotations.charts.drawing import figure
from annotations.formats.writing import iso
from annotations.science.wording import p_words
from metaeval.charts.ranking import WIN_RATE, scale_of, scale_title
from metaeval.charts.tables import (
    Estimate,
    digits_apart,
    read_estimate,
    read_methods,
    read_metrics,
    scored_methods,
)
from metaeval.exporters.latex import PaperTable
from metaeval.models import MetricAgreement, Ranking
from metaeval.views.methods_of_metrics import automatic_judges, resamples_without_answer
from metaeval.views.methods_paragraph import notes_of
from metaeval.views.null_hypotheses import p_sentence
from metaeval.views.phrases import interval_words, said_of_weights, unmarked

# What the width of a page holds beside the methods' names.
METRICS_PER_TABLE: Final = 3
NOTHING: Final = "–"


def paper_tables(ranked: Ranking, agreed: MetricAgreement | None) -> list[PaperTable]:
    """Those that have a row: the ranking, the metric agreement, the scores in parts."""
    tables = [_ranking(ranked)]
    if agreed is not None:
        tables.append(_agreement(agreed))
        if agreed.scoring is not None:
            order = [row.name for row in read_methods(ranked.result)]
            tables += _scores(agreed.scoring.result, order=order)
    return [table for table in tables if table.rows]


def _ranking(ranked: Ranking) -> PaperTable:
    result = ranked.result
    rows = [
        (
            row.name,
            f"{row.rank:g}",
            figure(row.strength.value),
            _interval(row.strength),
            NOTHING if row.rank_interval is None else f"{row.rank_interval[0]:g}–{row.rank_interval[1]:g}",
            NOTHING if row.n_judgments is None else f"{row.n_judgments:,}",
        )
        for row in read_methods(result)
    ]
    return PaperTable(
        name="ranking",
        caption=_("Ranking of the methods by “%(campaign)s”.") % {"campaign": result.get("campaign") or ""},
        header=(
            _("Method"),
            _("Rank"),
            _("Win rate") if scale_of(result) is WIN_RATE else _("Strength"),
            _("95 % interval"),
            _("Ranks left open"),
            _("Judgments"),
        ),
        rows=tuple(rows),
        note=_("%(scale)s. %(version)s, as of %(moment)s, seed %(seed)s. Intervals: %(method)s.%(notes)s")
        % {
            "scale": scale_title(result),
            "version": ranked.code_version,
            "moment": iso(ranked.as_of),
            "seed": ranked.seed,
            "method": interval_words(str(result.get("interval_method") or "")) or _("none"),
            "notes": "".join(f" {note}" for note in notes_of(result)),
        },
    )


def _agreement(agreed: MetricAgreement) -> PaperTable:
    result = agreed.result
    notes = [
        *filter(None, [p_sentence(result)]),
        *said_of_weights(result),
        *map(unmarked, resamples_without_answer(result)),
        *map(unmarked, automatic_judges(result)),
        *notes_of({"notes": result.get("ranking_notes")}),
    ]
    rows = []
    for row in read_metrics(result):
        tau = row.tau
        rows.append(
            (
                row.name,
                NOTHING if tau is None else figure(tau.value),
                _interval(tau),
                NOTHING if tau is None or tau.p is None else p_words(tau.p),
                *(_value(row.measures.get(name)) for name in ("spearman", "pearson")),
                NOTHING if row.n_methods is None else str(row.n_methods),
            )
        )
    return PaperTable(
        name="metric-agreement",
        caption=_("How far each metric ranks the methods as people do."),
        header=(
            _("Metric"),
            _("τ-b"),
            _("95 % interval"),
            _("p"),
            "ρ",
            "r",
            "n",
        ),
        rows=tuple(rows),
        note=_(
            "ρ: Spearman; r: Pearson; n: methods that the metric scores; p of τ-b, not corrected for the number of "
            "metrics. %(version)s, as of %(moment)s, seed %(seed)s; %(n)s joint resamples.%(intervals)s%(notes)s"
        )
        % {
            "version": agreed.code_version,
            "moment": iso(agreed.as_of),
            "seed": agreed.seed,
            "n": f"{int(result.get('n_resamples') or 0):,}",
            "intervals": _(" Intervals: errors-in-variables posterior.")
            if result.get("interval_method")
            else "",
            "notes": "".join(f" {note}" for note in notes),
        },
    )


def _scores(result: Mapping[str, Any], *, order: Sequence[str]) -> Iterator[PaperTable]:
    metrics = list(result.get("metrics", []))
    place = {name: index for index, name in enumerate(order)}
    names = sorted(scored_methods(result), key=lambda name: place.get(name, len(place)))
    parts = [metrics[at : at + METRICS_PER_TABLE] for at in range(0, len(metrics), METRICS_PER_TABLE)]
    for number, part in enumerate(parts, start=1):
        columns = [
            {str(score["method"]): read_estimate(score) for score in metric.get("scores", [])}
            for metric in part
        ]
        digits = [digits_apart(column.values()) for column in columns]
        yield PaperTable(
            name=f"scores-{number}",
            caption=_("Scores of the methods, %(number)s of %(of)s; 95 %% intervals in brackets.")
            % {"number": number, "of": len(parts)},
            header=(_("Method"), *(_head(metric) for metric in part)),
            rows=tuple(
                (
                    name,
                    *(_scored(column.get(name), digits=n) for column, n in zip(columns, digits, strict=True)),
                )
                for name in names
            ),
            note=" ".join(said_of_weights(result)),
        )


def _head(metric: Mapping[str, Any]) -> str:
    return f"{metric.get('label') or metric['name']} {'↑' if metric.get('higher_is_better', True) else '↓'}"


def _value(estimate: Estimate | None) -> str:
    return NOTHING if estimate is None else figure(estimate.value)


def _interval(estimate: Estimate | None) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return NOTHING
    return f"{figure(estimate.low)} to {figure(estimate.high)}"


def _scored(estimate: Estimate | None, *, digits: int) -> str:
    if estimate is None:
        return NOTHING
    value = figure(estimate.value, digits=digits)
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{figure(estimate.low, digits=digits)}, {figure(estimate.high, digits=digits)}]"
