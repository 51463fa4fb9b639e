"""Ranks from metric to metric, and strength against score of the metric that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from hlv.core.figures.figure_files import FigureFile, picture
from hlv.core.rendering.numbers import RANK, distinguishing_digits
from hlv.core.rendering.sentences import isolated_figure, listed
from hlv.core.rendering.tables import Cell, Table, TableRow, estimate_cell, missing
from metaeval.figures import rank_lines, strength_scores
from metaeval.findings.result_figures import Choice, Figure
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.results.method_scores import MethodScores, Scored, method_scores
from metaeval.results.metric_agreement import MetricAgreementResult
from metaeval.results.metric_rows import Estimate

# Larger tables are pages of their own.
MOST_CELLS = 600


def rank_lines_figure(
    agreement: MetricAgreementResult | None, files: Sequence[FigureFile], *, number: int
) -> Figure | None:
    """None where the snapshot contains no scores."""
    scores = None if agreement is None else method_scores(agreement)
    if scores is None or not scores.metrics:
        return None
    large = len(scores.methods) * len(scores.metrics) > MOST_CELLS
    return Figure(
        number=number,
        id="rank-lines",
        title=_("Ranks by metric"),
        reading=_(
            "Metrics on the right agree more with the experts. The experts’ top three methods are in colour. A "
            "line stops where a metric has no score for the method."
        ),
        line=_moves(scores),
        cautions=[_("A change of one rank can be noise: compare with Figure 1.")],
        picture=picture(files, rank_lines.NAME),
        summary=_("Ranks of %(n)s methods by each metric and by the experts. %(moves)s")
        % {"n": len(scores.methods), "moves": _moves(scores)},
        missing=_("No figure was drawn for this snapshot."),
        table=None if large else ranks_table(scores),
        data_page="metric-ranks" if large else "",
        csv="metric-ranks",
    )


def _moves(scores: MethodScores) -> str:
    """How far the best and the worst metric move the experts' first method."""
    best, worst = scores.metrics[0], scores.metrics[-1]
    first = listed([scores.methods[0]])
    sentences = [_at(best, first)]
    if worst is not best:
        sentences.append(_at(worst, first))
    return " ".join(part for part in sentences if part)


def _at(scored: Scored, first: str) -> str:
    rank, tau = scored.ranks[0], scored.row.tau
    if rank is None or tau is None:
        return ""
    return _("%(metric)s (τ-b %(tau)s) ranks %(first)s, the experts’ first, %(rank)s.") % {
        "metric": listed([scored.row.label]),
        "tau": isolated_figure(tau.value),
        "first": first,
        "rank": f"{rank:g}",
    }


def ranks_table(scores: MethodScores) -> Table:
    heads = [_("Method"), _("Experts"), *(scored.row.label for scored in scores.metrics)]
    by_metric = [scored.ranks for scored in scores.metrics]
    rows = [
        TableRow(name, [_rank(scores.ranks[place]), *(_rank(ranks[place]) for ranks in by_metric)])
        for place, name in enumerate(scores.methods)
    ]
    note = _("Rank 1 is best, also for losses. Tied methods share their mean rank.")
    return Table(heads, rows, note=note)


def _rank(rank: float | None) -> Cell:
    return missing(_("no score")) if rank is None else Cell(rank, form=RANK)


def strength_score_figure(
    agreement: MetricAgreementResult | None,
    files: Sequence[FigureFile],
    asked: QueryDict,
    *,
    number: int,
    texts: TextLinks = NOWHERE,
) -> Figure | None:
    """Of the metric that is asked for by its name, the best where none is; None without scores."""
    scores = None if agreement is None else method_scores(agreement)
    known = strength_scores.specs(scores)
    if scores is None or not known:
        return None
    wanted = asked.get("metric", "")
    by_name = {scored.row.name: scored for scored in known}
    chosen = by_name.get(wanted, known[0])
    unknown = ""
    if wanted and wanted not in by_name:
        unknown = _("This snapshot has no figure for metric %(name)s; the best one is shown.") % {
            "name": listed([wanted[:100]])
        }
    reading = _chosen_reading(chosen)
    return Figure(
        number=number,
        id="strength-against-score",
        title=_("Strength by score"),
        intervals=_("95 % intervals: single, one method at a time."),
        reading=_(
            "Each dot is a method: score by one metric (horizontal) and strength by the experts (vertical); "
            "better is right and up. Thin lines: 95 % intervals. Numbers: ranks by the experts."
        ),
        line=reading,
        unknown=unknown,
        choices=[Choice(scored.row.name, scored.row.label, scored is chosen) for scored in known],
        picture=picture(files, strength_scores.figure_name(chosen)),
        summary=reading,
        missing=_("No figure was drawn for this snapshot."),
        table=metric_scores(scores, chosen).leading_to(
            lambda row: texts.of_score(chosen.row.label, row.head)
        ),
        csv="metric-ranks",
    )


def _chosen_reading(scored: Scored) -> str:
    sentences = []
    for words, key in ((_("τ-b"), "kendall_tau_b"), (_("Pearson"), "pearson")):
        found = scored.row.measures.get(key)
        if found is not None:
            sentences.append(f"{words} {_with_interval(found)}")
    return _("%(metric)s: %(numbers)s over %(n)s methods.") % {
        "metric": listed([scored.row.label]),
        "numbers": "; ".join(sentences),
        "n": sum(score is not None for score in scored.scores),
    }


def _with_interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _("%(value)s, no interval") % {"value": isolated_figure(estimate.value)}
    return _("%(value)s (%(low)s to %(high)s)") % {
        "value": isolated_figure(estimate.value),
        "low": isolated_figure(estimate.low),
        "high": isolated_figure(estimate.high),
    }


def metric_scores(scores: MethodScores, scored: Scored) -> Table:
    heads = [_("Method"), _("Strength"), _("Rank by the experts"), scored.row.label, _("Rank by the metric")]
    ranks, digits = scored.ranks, distinguishing_digits(scored.scores)
    rows = [
        TableRow(
            name,
            [
                _cell(scores.strengths[place], signed=True),
                _rank(scores.ranks[place]),
                _cell(scored.scores[place], digits=digits),
                _rank(ranks[place]),
            ],
        )
        for place, name in enumerate(scores.methods)
    ]
    return Table(heads, rows)


def _cell(estimate: Estimate | None, *, signed: bool = False, digits: int = 2) -> Cell:
    if estimate is None:
        return missing(_("no score"))
    return estimate_cell(estimate.value, estimate.interval, signed=signed, digits=digits)
