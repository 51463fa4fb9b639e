"""Snapshots as tables for a paper: the numbers of the page, rounded as there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _

from hlv.core.rendering.latex import PaperTable, on_paper
from hlv.core.rendering.sentences import unmarked
from hlv.core.tabular.writing import iso
from metaeval.figures.ranking import scale_title
from metaeval.findings.choice_labels import interval_words, said_of_weights
from metaeval.findings.methods_of_metrics import automatic_judges, resamples_without_answer
from metaeval.findings.methods_section import table_notes
from metaeval.findings.null_hypotheses import p_sentence
from metaeval.findings.ranking_tables import ranking_table
from metaeval.findings.result_tables import agreement_table
from metaeval.findings.score_tables import scores_table
from metaeval.models import MetricAgreement, Ranking
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking import read_ranking
from metaeval.results.scoring import ScoringResult, read_scoring

# What the width of a page holds beside the methods' names.
METRICS_PER_TABLE: Final = 3


def paper_tables(ranked: Ranking, agreed: MetricAgreement | None) -> list[PaperTable]:
    """Those that have a row: the ranking, the metric agreement, the scores in parts."""
    tables = [_ranking(ranked)]
    if agreed is not None:
        tables.append(_agreement(agreed))
        if agreed.scoring is not None:
            tables += _scores(read_scoring(agreed.scoring), order=read_ranking(ranked).names)
    return [table for table in tables if table.rows]


def _ranking(ranked: Ranking) -> PaperTable:
    result = read_ranking(ranked)
    return on_paper(
        ranking_table(result),
        name="ranking",
        caption=_("Ranking of the methods by “%(campaign)s”.") % {"campaign": result.campaign},
        note=_("%(scale)s. %(version)s, as of %(moment)s, seed %(seed)s. Intervals: %(method)s.%(notes)s")
        % {
            "scale": scale_title(result),
            "version": ranked.code_version,
            "moment": iso(ranked.as_of),
            "seed": ranked.seed,
            "method": interval_words(result.interval_method or "") or _("none"),
            "notes": "".join(f" {note}" for note in table_notes(result.notes)),
        },
    )


def _agreement(agreed: MetricAgreement) -> PaperTable:
    result = read_agreement(agreed)
    notes = [
        *filter(None, [p_sentence(result)]),
        *said_of_weights(result),
        *map(unmarked, resamples_without_answer(result)),
        *map(unmarked, automatic_judges(result)),
        *table_notes(result.ranking_notes),
    ]
    return on_paper(
        agreement_table(result),
        name="metric-agreement",
        caption=_("Agreement of each metric with the human ranking of the methods."),
        note=_(
            "Methods: those that the metric scores; p of τ-b, without correction for the number of metrics. "
            "%(version)s, as of %(moment)s, seed %(seed)s; %(n)s joint resamples.%(intervals)s%(notes)s"
        )
        % {
            "version": agreed.code_version,
            "moment": iso(agreed.as_of),
            "seed": agreed.seed,
            "n": f"{result.n_resamples:,}",
            "intervals": _(" Intervals: errors-in-variables posterior.") if result.interval_method else "",
            "notes": "".join(f" {note}" for note in notes),
        },
    )


def _scores(result: ScoringResult, *, order: Sequence[str]) -> Iterator[PaperTable]:
    parts = scores_table(result, order=order).sheets(METRICS_PER_TABLE)
    for number, part in enumerate(parts, start=1):
        yield on_paper(
            part,
            name=f"scores-{number}",
            caption=_("Scores of the methods, %(number)s of %(of)s; 95 %% intervals in brackets.")
            % {"number": number, "of": len(parts)},
            note=" ".join(said_of_weights(result)),
        )
