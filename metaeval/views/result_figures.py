"""The figures of a dashboard: picture, reading, cautions, words for who does not see it, and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotations.charts.pictures import picture
from metaeval.charts import metric_agreement, ranking
from metaeval.charts.tables import MetricRow, read_methods, read_metrics
from metaeval.models import MetricAgreement, Ranking
from metaeval.selectors.snapshots import FigureFile
from metaeval.views.agreement_checks import verdicts_table, without_each_table
from metaeval.views.agreement_findings import read_agreement
from metaeval.views.group_findings import group_section
from metaeval.views.methods_like_these import general_section
from metaeval.views.phrases import listed
from metaeval.views.ranking_findings import ranking_headline
from metaeval.views.result_differences import differences_table, told_apart_line
from metaeval.views.result_neighbours import (
    by_davidson,
    kinds_of_ties_table,
    neighbours_table,
    other_models_table,
)
from metaeval.views.result_tables import agreement_table, interval_origin, ranking_table


def agreement_figure(agreed: MetricAgreement, files: Sequence[FigureFile], *, number: int) -> dict[str, Any]:
    result = agreed.result
    read = read_agreement(result)
    return {
        "number": number,
        "id": f"figure-{number}",
        "title": _("Metrics against the experts")
        if agreed.against is None
        else _("Metrics against %(name)s") % {"name": agreed.against.name},
        "reading": _agreement_reading(
            read.n_methods,
            n_dashed_lines=metric_agreement.n_dashed_lines(result),
            has_groups=0 < len(metric_agreement.lettered_groups(result)) <= metric_agreement.MOST_BRACKETS,
        ),
        "line": _lines(result),
        "cautions": [*_copies(read_metrics(result)), *(str(note) for note in result.get("notes") or [])],
        "picture": picture(files, metric_agreement.NAME),
        "says": _agreement_says(result),
        "missing": agreed.undetermined or _("No figure was drawn for this snapshot."),
        "table": agreement_table(result),
        "csv": "metric-agreement",
        "differences": differences_table(result),
        "general": general_section(result),
        "without_each": without_each_table(result),
        "verdicts": verdicts_table(result),
        "groups": group_section(result),
    }


def _lines(result: Mapping[str, Any]) -> str:
    """Which metrics differ on these methods, and then on methods like these."""
    here, general = told_apart_line(result), general_section(result)
    if general is None:
        return here
    return " ".join(filter(None, [_("For these methods: %(line)s") % {"line": here}, general.line]))


def _agreement_reading(n_methods: int, *, n_dashed_lines: int, has_groups: bool) -> str:
    sentences = [
        _(
            "Each dot is how alike a metric and people order the %(n)s methods: 1 is the same order, 0 is no relation."
        )
        % {"n": n_methods},
        (
            _("Open dots may be chance."),
            _("Open dots and all left of the dashes may be chance."),
            _("Open dots and all between the dashes may be chance."),
        )[n_dashed_lines],
    ]
    if has_groups:
        sentences.append(_("Metrics joined by a line on the right cannot be told apart."))
    return " ".join(sentences)


def _agreement_says(result: Mapping[str, Any]) -> str:
    """The figure in words, for those who do not see it."""
    rows = [row for row in read_metrics(result) if row.tau]
    if not rows:
        return _("No metric has an agreement to show.")
    said = [f"{row.name} {_in_words(row)}" for row in rows[:8]]
    more = len(rows) - len(said)
    return _("Kendall tau-b with 95 %% intervals, best first: %(rows)s%(more)s.") % {
        "rows": "; ".join(said),
        "more": _("; %(n)s more in the table") % {"n": more} if more else "",
    }


def _in_words(row: MetricRow) -> str:
    tau = row.tau
    if tau is None:
        return _("undefined")
    if tau.low is None or tau.high is None:
        return f"{tau.value:.2f}"
    return _("%(value)s, %(low)s to %(high)s") % {
        "value": f"{tau.value:.2f}",
        "low": f"{tau.low:.2f}",
        "high": f"{tau.high:.2f}",
    }


def _copies(rows: Sequence[MetricRow]) -> list[str]:
    """Metrics that only rescale one another: the same finding under several names."""
    named: dict[str, list[str]] = {}
    for row in rows:
        named.setdefault(row.hypothesis, []).append(row.name)
    return [
        _("%(names)s are one measure on different scales and count once.") % {"names": listed(names, most=8)}
        for names in named.values()
        if len(names) > 1
    ]


def ranking_figure(ranked: Ranking, files: Sequence[FigureFile], *, number: int) -> dict[str, Any]:
    result = ranked.result
    methods = read_methods(result)
    return {
        "number": number,
        "id": f"figure-{number}",
        "title": _("The experts’ own ranking"),
        "reading": "" if ranked.undetermined else ranking_headline(methods),
        "cautions": [
            *([_("Thick bars are the ranks that the judgments leave open.")] if methods else []),
            *([interval_origin(result)] if ranking.is_bootstrapped(result) else []),
            *(str(note) for note in result.get("notes") or []),
            *by_davidson(result),
        ],
        "picture": picture(files, ranking.NAME),
        "says": _("%(scale)s with 95 %% intervals, strongest first: %(rows)s.")
        % {
            "scale": ranking.scale_title(result),
            "rows": "; ".join(f"{row.name} {row.strength.value:.2f}" for row in methods[:12]),
        },
        "missing": ranked.undetermined or _("No figure was drawn for this snapshot."),
        "table": None if ranked.undetermined else ranking_table(result),
        "neighbours": neighbours_table(result),
        "other_models": other_models_table(result),
        "kinds_of_ties": kinds_of_ties_table(result),
        "csv": "ranking",
    }
