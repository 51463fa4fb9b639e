"""What a dashboard shows of a ranking and a metric agreement: figures in their order, findings, how sure
they are and where they are from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import isolated_figure, led, listed
from hlv.core.rendering.tables import Table
from metaeval.findings.choice_labels import RESAMPLED, WEIGHTS_WORDS, left_out_words, weights_notes
from metaeval.findings.coverage_findings import CoverageSection, coverage_section
from metaeval.findings.findings import Findings, findings
from metaeval.findings.pair_findings import pair_question
from metaeval.findings.result_figures import Figure, agreement_figure, ranking_figure, win_matrix_figure
from metaeval.findings.score_figures import MOST_CELLS, rank_lines_figure, strength_score_figure
from metaeval.findings.score_tables import error_rates_table, scores_table
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.models import MetricAgreement, Ranking
from metaeval.results.metric_agreement import MetricAgreementResult, read_agreement
from metaeval.results.ranking import RankingResult, read_ranking
from metaeval.results.scoring import read_scoring
from metaeval.selectors.judgments import n_judgments_since
from metaeval.selectors.scores import corrected_directions
from metaeval.selectors.selections import Exclusions, Selection
from metaeval.selectors.snapshots import computed_selections, figure_files, snapshot_selection


def certainty_line(ranking: RankingResult, agreement: MetricAgreementResult | None) -> str:
    """Of the highest agreement where metrics were compared, of the first rank otherwise."""
    data = _data(ranking)
    if ranking.undetermined or not ranking.ranked:
        return _("How sure: no interval can be computed yet. Data: %(data)s.") % {"data": data}
    top = None if agreement is None else next((row.tau for row in agreement.rows if row.tau), None)
    if top is not None and top.interval is not None:
        low, high = top.interval
        words = _(
            "How sure: the highest τ-b is %(value)s (95 %% interval %(low)s to %(high)s). Data: %(data)s."
        )
        return words % {
            "value": isolated_figure(top.value),
            "low": isolated_figure(low),
            "high": isolated_figure(high),
            "data": data,
        }
    if top is not None:
        words = _("How sure: the highest τ-b is %(value)s, without an interval. Data: %(data)s.")
        return words % {"value": isolated_figure(top.value), "data": data}
    n_first = len(ranking.possible_firsts)
    if n_first == 0:
        return _("How sure: this ranking has no rank intervals. Data: %(data)s.") % {"data": data}
    words = ngettext(
        "How sure: %(n)s method can have rank 1 (95 %% rank intervals). Data: %(data)s.",
        "How sure: %(n)s methods can have rank 1 (95 %% rank intervals). Data: %(data)s.",
        n_first,
    )
    return words % {"n": n_first, "data": data}


def _data(ranking: RankingResult) -> str:
    n_methods, n_judges, n_judgments = len(ranking.ranked), ranking.n_judges, ranking.n_judgments
    facts = {
        "methods": ngettext("%(n)s method", "%(n)s methods", n_methods) % {"n": n_methods},
        "judges": ngettext("%(n)s judge", "%(n)s judges", n_judges) % {"n": n_judges},
        "judgments": ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"},
    }
    if not n_methods:
        return _("%(judgments)s") % facts
    if not n_judges:
        return _("%(methods)s, %(judgments)s") % facts
    return _("%(methods)s, %(judges)s, %(judgments)s") % facts


# What a page of results is asked by; a form keeps the others.
QUESTIONS = ("metric", "one", "other", "base_model", "judge_group")


@dataclass(frozen=True)
class FilterChoice:
    """An entry of a select; `is_computed` says whether it leads to a snapshot while the other filters stay."""

    value: str
    words: str
    is_chosen: bool
    is_computed: bool


@dataclass(frozen=True)
class Filter:
    """A closed list, as a select shows it."""

    name: str
    words: str
    choices: list[FilterChoice]


@dataclass(frozen=True)
class Dashboard:
    """What the page shows; `scores_page` instead of `scores` where the table is large."""

    agreement: MetricAgreement | None
    view_query: str
    findings: Findings
    certainty: str
    provenance: list[str]
    n_since: int
    # Metrics whose direction was corrected since.
    corrected: list[str]
    filters: list[Filter]
    coverage: CoverageSection | None
    lead_figure: Figure
    ranking_figures: list[Figure]
    score_figures: list[Figure]
    scores: Table | None
    scores_page: bool
    weights_notes: list[str]
    annotators: Table | None

    @property
    def figures(self) -> list[Figure]:
        """In the order of their numbers."""
        return [self.lead_figure, *self.ranking_figures, *self.score_figures]


def dashboard(
    ranked: Ranking, agreed: MetricAgreement | None, asked: QueryDict, *, texts: TextLinks = NOWHERE
) -> Dashboard:
    """Made only of two snapshots, and of what came since: judgments, and corrected directions."""
    files = figure_files(ranked, agreed)
    result = read_ranking(ranked)
    agreement = None if agreed is None else read_agreement(agreed)
    scoring = None if agreed is None or agreed.scoring is None else read_scoring(agreed.scoring)
    if agreement is not None:
        texts = texts.of_agreement(agreement)
    figures: list[Figure] = []

    def add(made: Figure | None) -> None:
        figures.extend([] if made is None else [_on_page(made, asked, texts)])

    def number() -> int:
        return len(figures) + 1

    if agreed is not None:
        add(agreement_figure(agreed, files, number=number()))
    question = pair_question(result, asked, texts=texts)
    add(replace(ranking_figure(ranked, files, number=number()), question=question))
    add(win_matrix_figure(result, files, texts=texts, number=number()))
    n_before_scores = len(figures)
    add(rank_lines_figure(agreement, files, number=number()))
    add(strength_score_figure(agreement, files, asked, texts=texts, number=number()))
    scores = None if scoring is None else scores_table(scoring, order=result.names)
    scores = _leading_to(scores if scores and scores.rows else None, "scores", texts)
    large = scores is not None and len(scores.heads) * len(scores.rows) > MOST_CELLS
    return Dashboard(
        agreement=agreed,
        view_query=f"?snapshot={ranked.uuid}",
        findings=findings(result, agreement, reference=_("the experts’ ranking")),
        certainty=certainty_line(result, agreement),
        provenance=provenance(ranked, agreed),
        n_since=n_judgments_since(
            ranked.campaign,
            ranked.as_of,
            selection=snapshot_selection(ranked),
            exclusions=Exclusions.of(ranked.parameters),
        ),
        corrected=[] if agreed is None else corrected_directions(agreed.study_id, since=agreed.as_of),
        filters=_filters(ranked),
        coverage=coverage_section(result, texts=texts),
        lead_figure=figures[0],
        ranking_figures=figures[1:n_before_scores],
        score_figures=figures[n_before_scores:],
        scores=None if large else scores,
        scores_page=large,
        weights_notes=[] if agreement is None else weights_notes(agreement),
        annotators=None if scoring is None else error_rates_table(scoring, order=result.names),
    )


def _on_page(figure: Figure, asked: QueryDict, texts: TextLinks) -> Figure:
    """With links to texts, and with what else the address asks, so that one form keeps the other's answer."""
    own = {"metric"} if figure.choices else {"one", "other"} if figure.question else set()
    return replace(
        figure,
        kept=[(name, str(asked[name])) for name in QUESTIONS if name in asked and name not in own],
        reading=led(figure.reading),
        line=led(figure.line),
        table=_leading_to(figure.table, figure.csv, texts),
    )


def _leading_to(table: Table | None, of: str, texts: TextLinks) -> Table | None:
    """A table of methods or of metrics whose rows lead to their texts; other tables know their own way."""
    if table is None or not texts.base or of not in ("ranking", "scores", "metric-ranks", "metric-agreement"):
        return table
    address = texts.of_metric if of == "metric-agreement" else texts.of_method
    return table.leading_to(lambda row: row.address or address(row.head))


def _filters(ranked: Ranking) -> list[Filter]:
    """By what this campaign can be looked at in parts, as it was when the snapshot was made."""
    known, now = read_ranking(ranked).selectable, snapshot_selection(ranked)
    if not (known.base_models or known.judge_groups):
        return []
    computed = computed_selections(ranked.campaign)

    def choice(name: str, value: str, words: str) -> FilterChoice:
        leads_to = replace(now, **{name: value})
        return FilterChoice(value, words, is_chosen=leads_to == now, is_computed=leads_to in computed)

    return [
        Filter(name, words, [choice(name, "", everything), *(choice(name, value, value) for value in values)])
        for name, words, everything, values in (
            ("base_model", _("Base model"), _("all methods"), known.base_models),
            ("judge_group", _("Judges"), _("all judges"), known.judge_groups),
        )
        if values
    ]


def selection_words(selection: Selection) -> str:
    """What of the campaign is shown, as part of a sentence; nothing where it is all of it."""
    sentences = []
    if selection.base_model:
        sentences.append(_("methods of %(name)s") % {"name": listed([selection.base_model])})
    if selection.judge_group:
        sentences.append(_("judges of %(name)s") % {"name": listed([selection.judge_group])})
    return ", ".join(sentences)


def provenance(ranked: Ranking, agreed: MetricAgreement | None) -> list[str]:
    """All that is needed to compute it again, in the order of interest; the times stand in the template."""
    result = read_ranking(ranked)
    parts = []
    n_judges = result.n_judges
    parts.append(_("%(n)s judges") % {"n": n_judges} if n_judges else _("number of judges unknown"))
    n_judgments = result.n_judgments
    words = ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"}
    if result.n_items:
        words = _("%(judgments)s on %(n)s texts") % {"judgments": words, "n": f"{result.n_items:,}"}
    if result.n_cannot_judge:
        n_cannot = f"{result.n_cannot_judge:,}"
        words = _("%(judgments)s, %(n)s “cannot judge” left out") % {"judgments": words, "n": n_cannot}
    parts.append(words)
    rules = left_out_words(Exclusions.of(ranked.parameters))
    if rules:
        parts.append(
            _("%(n)s verdicts left out by rule (%(rules)s)")
            % {"n": f"{result.n_left_out:,}", "rules": "; ".join(rules)}
        )
    if agreed is not None and agreed.scoring is not None:
        parts.append(_("%(n)s scored texts") % {"n": f"{int(agreed.scoring.result.get('n_items') or 0):,}"})
        if (weights := read_agreement(agreed).weights) is not None:
            parts.append(_("weights of human labels: %(weights)s") % {"weights": WEIGHTS_WORDS[weights]})
    n_resamples, lost = result.n_resamples, result.n_resamples_without_answer
    words = _("%(n)s resamples") % {"n": f"{n_resamples:,}"}
    unit = RESAMPLED.get(result.resampling_unit or "")
    if unit and n_resamples:
        words = _("%(n)s resamples of %(unit)s") % {"n": f"{n_resamples:,}", "unit": unit}
    if lost:
        words = _("%(resamples)s, %(n)s without a ranking of their own") % {
            "resamples": words,
            "n": f"{lost:,}",
        }
    parts.append(words)
    parts.append(_("seed %(seed)s") % {"seed": ranked.seed})
    parts.append(ranked.code_version)
    if plan := result.plan:
        words = _("added after preregistration %(n)s") if plan.added else _("as in preregistration %(n)s")
        parts.append(words % {"n": plan.version})
    return parts
