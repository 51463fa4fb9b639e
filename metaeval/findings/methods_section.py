"""The paragraph on methods for a paper: every number in it is read from a snapshot, and none is typed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.rendering.latex import PaperTable, on_paper
from hlv.core.rendering.sentences import reason, unmarked
from hlv.core.tabular.writing import iso
from hlv.stats.pairwise.bootstrap import WEAK_PRIOR, WITHOUT_RANKING
from metaeval.figures.ranking import scale_title
from metaeval.findings.choice_labels import (
    MODEL_WORDS,
    RESAMPLED,
    interval_words,
    joined_rules,
    left_out_words,
    p_sentence,
    weights_notes,
)
from metaeval.findings.dashboard import selection_words
from metaeval.findings.methods_of_metrics import (
    automatic_judges,
    estimate_words,
    methods_of_metrics,
    resamples_without_answer,
)
from metaeval.findings.ranking_tables import ranking_table
from metaeval.findings.result_tables import agreement_table
from metaeval.findings.score_tables import scores_table
from metaeval.models import AnalysisPlan, MetricAgreement, Ranking
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking import RankingResult, read_ranking
from metaeval.results.scoring import ScoringResult, read_scoring
from metaeval.selectors.selections import Exclusions
from metaeval.selectors.snapshots import snapshot_selection

TIES_IN_SENTENCES: dict[str, str | Promise] = {
    "half": _lazy("each counted as half a win for both methods"),
    "davidson": _lazy("they were modelled by the Davidson model"),
    "rao-kupper": _lazy("they were modelled by the Rao-Kupper model"),
    "drop": _lazy("they were left out"),
    "denominator": _lazy("each counted as a comparison that neither method won"),
}


def methods_paragraph(
    ranked: Ranking, agreed: MetricAgreement | None, plan: AnalysisPlan | None
) -> list[str]:
    """Its sentences, in the order of a paper: what was compared, how it was estimated, what was found."""
    result = read_ranking(ranked)
    sentences = [*_judging(result), *_part(ranked), *_left_out(ranked)]
    if ranked.undetermined:
        sentences.append(
            _("No ranking was determined: %(why)s") % {"why": " ".join(reason(ranked.undetermined).split())}
        )
    else:
        sentences += [*_model(result), *_order(result)]
    if agreed is not None:
        sentences += methods_of_metrics(agreed)
    sentences += _plan(plan)
    sentences.append(_origin(ranked, agreed))
    return sentences


def _part(ranked: Ranking) -> Iterator[str]:
    words = selection_words(snapshot_selection(ranked))
    if words:
        yield _("The analysis covers a subset of the campaign: %(part)s.") % {"part": words}


def _left_out(ranked: Ranking) -> Iterator[str]:
    words = left_out_words(Exclusions.of(ranked.parameters))
    if words:
        n_left_out = read_ranking(ranked).n_left_out
        yield ngettext(
            "%(n)s verdict was left out by rule: those %(rules)s.",
            "%(n)s verdicts were left out by rule: those %(rules)s.",
            n_left_out,
        ) % {"n": f"{n_left_out:,}", "rules": joined_rules(words)}


def _judging(result: RankingResult) -> Iterator[str]:
    n_judgments, n_judges, n_items = result.n_judgments, result.n_judges, result.n_items
    words = ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"}
    judges = (
        ngettext("of %(n)s judge", "of %(n)s judges", n_judges) % {"n": f"{n_judges:,}"}
        if n_judges
        else _("of an unknown number of judges")
    )
    words = _("%(judgments)s %(judges)s") % {"judgments": words, "judges": judges}
    if n_items:
        on_texts = ngettext("%(judgments)s on %(n)s text", "%(judgments)s on %(n)s texts", n_items)
        words = on_texts % {"judgments": words, "n": f"{n_items:,}"}
    yield _(
        "The outputs of %(methods)s methods were compared in pairs by the criterion “%(campaign)s”: %(judgments)s."
    ) % {"methods": len(result.methods), "campaign": result.campaign, "judgments": words}
    if result.n_ties:
        rule = result.ties
        words = (
            _("%(n)s judgments were ties (%(both)s both good, %(neither)s neither good); %(rule)s.")
            if result.n_both_good or result.n_neither_good
            else _("%(n)s judgments were ties; %(rule)s.")
        )
        yield words % {
            "n": f"{result.n_ties:,}",
            "both": f"{result.n_both_good or 0:,}",
            "neither": f"{result.n_neither_good or 0:,}",
            "rule": TIES_IN_SENTENCES.get(rule) or _("tie rule: %(rule)s") % {"rule": rule},
        }
    if n_cannot := result.n_cannot_judge:
        yield ngettext(
            "%(n)s “cannot judge” answer was left out.",
            "%(n)s “cannot judge” answers were left out.",
            n_cannot,
        ) % {"n": f"{n_cannot:,}"}


def _model(result: RankingResult) -> Iterator[str]:
    words = (
        _(
            "Methods were ranked with the model %(model)s, with a Gaussian prior of precision %(ridge)s (%(scale)s)."
        )
        if result.ridge
        else _("Methods were ranked with the model %(model)s (%(scale)s).")
    )
    yield words % {
        "model": MODEL_WORDS.get(result.model, result.model),
        "ridge": f"{result.ridge or 0:g}",
        "scale": result.scale,
    }
    if result.interval_method:
        yield _("Intervals of strengths: %(method)s.") % {"method": interval_words(result.interval_method)}
    if result.n_resamples:
        lost = result.n_resamples_without_answer
        words = (
            _("We drew %(n)s bootstrap resamples of %(unit)s, %(lost)s.")
            if lost
            else _("We drew %(n)s bootstrap resamples of %(unit)s; each determined a ranking.")
        )
        yield words % {
            "n": f"{result.n_resamples:,}",
            "unit": RESAMPLED.get(result.resampling_unit or "", _("judgments")),
            "lost": failed_resamples_sentence(lost, model=result.model),
        }
    # As they were stored: what narrows or widens the intervals must not stay behind on the page.
    yield from table_notes(result.notes)


def failed_resamples_sentence(n: int, *, model: str) -> str:
    words = (
        _(
            "%(n)s of them without a ranking of their own, which resampling intervals of strengths leave out, and which "
            "are solved with a weak prior (precision %(prior)s) where metrics are compared"
        )
        if model == "bradley-terry"
        else _("%(n)s of them without a ranking of their own, which are left out")
    )
    return words % {"n": f"{n:,}", "prior": f"{WEAK_PRIOR:g}"}


def table_notes(notes: Iterable[str]) -> list[str]:
    """What a ranking notes of itself, but for its resamples without a ranking, of which sentences speak with numbers."""
    return [reason(note) for note in notes if WITHOUT_RANKING not in note]


def _order(result: RankingResult) -> Iterator[str]:
    if not result.ranked:
        return
    best = result.ranked[0]
    strength = estimate_words(best.strength, calibrated=not result.ridge)
    if best.rank_interval is None:
        yield _("%(name)s ranked first, with %(strength)s.") % {"name": best.name, "strength": strength}
        return
    low, high = best.rank_interval
    words = _("%(name)s ranked first, with %(strength)s; the judgments allow ranks %(low)s to %(high)s.")
    yield words % {"name": best.name, "strength": strength, "low": f"{low:g}", "high": f"{high:g}"}


def _plan(plan: AnalysisPlan | None) -> Iterator[str]:
    if plan is None:
        yield _("No preregistration was frozen.")
        return
    when = (
        ngettext("after %(n)s judgment", "after %(n)s judgments", plan.n_judgments_before)
        % {"n": f"{plan.n_judgments_before:,}"}
        if plan.n_judgments_before
        else _("before the first judgment")
    )
    yield _("Version %(n)s of a preregistration was frozen on %(moment)s, %(when)s (SHA-256 %(digest)s).") % {
        "n": plan.version,
        "moment": iso(plan.frozen_at),
        "when": when,
        "digest": plan.digest,
    }


def _origin(ranked: Ranking, agreed: MetricAgreement | None) -> str:
    snapshot = agreed if agreed is not None else ranked
    words = _("Computed with %(version)s from the data as of %(moment)s with seed %(seed)s: %(ranking)s.")
    ranking = _("ranking snapshot %(uuid)s, page %(page)s")
    if agreed is not None:
        ranking = _(
            "ranking snapshot %(uuid)s, page %(page)s, which also shows metric-agreement snapshot %(agreement)s"
        )
    return words % {
        "version": snapshot.code_version,
        "moment": iso(snapshot.as_of),
        "seed": snapshot.seed,
        "ranking": ranking
        % {
            "uuid": ranked.uuid,
            "page": reverse("ranking", args=[ranked.uuid]),
            "agreement": "" if agreed is None else agreed.uuid,
        },
    }


def citation(ranked: Ranking, agreed: MetricAgreement | None) -> list[str]:
    """Keys of `exporters.report` for what the paragraph speaks of."""
    result = read_ranking(ranked)
    keys = ["kurniawan2026hlv"]
    keys += {"bradley-terry": ["bradley1952rank"], "rank-centrality": ["negahban2012iterative"]}.get(
        result.model, []
    )
    keys += {"davidson": ["davidson1970ties"], "rao-kupper": ["rao1967ties"]}.get(result.ties, [])
    if (result.interval_method or "").startswith("CR3"):
        keys.append("bell2002bias")
    if agreed is not None:
        keys += ["kendall1945ties", "holm1979simple", "deutsch2021statistical"]
        verdicts = read_agreement(agreed).verdicts
        if verdicts is not None and not verdicts.undetermined:
            keys.append("deutsch2023ties")
    return keys


def date_text(ranked: Ranking, agreed: MetricAgreement | None) -> datetime:
    """The time that the paragraph speaks of."""
    return agreed.as_of if agreed is not None else ranked.as_of


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
        *weights_notes(result),
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
            note=" ".join(weights_notes(result)),
        )
