"""The figures of a dashboard: picture, reading, cautions, words for who does not see it, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from hlv.core.figures.figure_files import picture
from hlv.core.rendering.sentences import listed
from metaeval.figures import metric_agreement, ranking
from metaeval.findings.agreement_findings import agreement_read
from metaeval.findings.agreement_robustness import verdicts_table, without_each_table
from metaeval.findings.difference_tables import differences_table, significance_line
from metaeval.findings.group_findings import group_section
from metaeval.findings.methods_like_these import general_section
from metaeval.findings.ranking_findings import ranking_headline
from metaeval.findings.ranking_tables import (
    by_davidson,
    interval_origin,
    neighbours_table,
    other_models_table,
    ranking_table,
    tie_types_table,
)
from metaeval.findings.result_tables import agreement_table
from metaeval.models import MetricAgreement, Ranking
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.metric_rows import MetricRow
from metaeval.results.ranking import read_ranking
from metaeval.selectors.snapshots import FigureFile


def agreement_figure(agreed: MetricAgreement, files: Sequence[FigureFile], *, number: int) -> dict[str, Any]:
    result = read_agreement(agreed)
    read = agreement_read(result)
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
        "cautions": [*_copies(result.rows), *result.notes],
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


def _lines(result: MetricAgreementResult) -> str:
    """Which metrics differ on these methods, and then on methods like these."""
    here, general = significance_line(result), general_section(result)
    if general is None:
        return here
    return " ".join(filter(None, [_("For these methods: %(line)s") % {"line": here}, general.line]))


def _agreement_reading(n_methods: int, *, n_dashed_lines: int, has_groups: bool) -> str:
    sentences = [
        _(
            "Each dot is the agreement of a metric with people on the order of the %(n)s methods: 1 = same "
            "order, 0 = no relation."
        )
        % {"n": n_methods},
        (
            _("Open dots: not distinguishable from chance."),
            _("Open dots, left of the dashed line: not distinguishable from chance."),
            _("Open dots, between the dashed lines: not distinguishable from chance."),
        )[n_dashed_lines],
    ]
    if has_groups:
        sentences.append(_("Metrics joined by a line on the right do not differ significantly."))
    return " ".join(sentences)


def _agreement_says(result: MetricAgreementResult) -> str:
    """The figure in words, for those who do not see it."""
    rows = [row for row in result.rows if row.tau]
    if not rows:
        return _("No metric has a value.")
    said = [f"{row.label} {_in_words(row)}" for row in rows[:8]]
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
        named.setdefault(row.hypothesis, []).append(row.label)
    return [
        _("%(names)s are one metric on different scales and count once.") % {"names": listed(names, most=8)}
        for names in named.values()
        if len(names) > 1
    ]


def ranking_figure(ranked: Ranking, files: Sequence[FigureFile], *, number: int) -> dict[str, Any]:
    result = read_ranking(ranked)
    methods = result.ranked
    return {
        "number": number,
        "id": f"figure-{number}",
        "title": _("Ranking by the experts"),
        "reading": "" if ranked.undetermined else ranking_headline(result),
        "cautions": [
            *([_("Thick bars are the possible ranks.")] if methods else []),
            *([interval_origin(result)] if result.is_bootstrapped else []),
            *result.notes,
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
        "kinds_of_ties": tie_types_table(result),
        "csv": "ranking",
    }
