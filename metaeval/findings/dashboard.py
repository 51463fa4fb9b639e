"""What a dashboard shows of a ranking and a metric agreement: figures in their order, findings and where they are from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.rendering.sentences import led, listed
from hlv.core.rendering.tables import Table
from metaeval.findings.choice_labels import WEIGHTS_WORDS, left_out_words, said_of_weights
from metaeval.findings.coverage_findings import coverage_section
from metaeval.findings.findings import findings
from metaeval.findings.pair_findings import pair_question, win_matrix_figure
from metaeval.findings.result_figures import agreement_figure, ranking_figure
from metaeval.findings.score_figures import MOST_CELLS, rank_lines_figure, strength_score_figure
from metaeval.findings.score_tables import error_rates_table, scores_table
from metaeval.findings.text_links import NOWHERE, TextLinks
from metaeval.models import MetricAgreement, Ranking
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking import read_ranking
from metaeval.results.scoring import read_scoring
from metaeval.selectors.exclusions import Exclusions
from metaeval.selectors.judgments import n_judgments_since
from metaeval.selectors.selections import Selection
from metaeval.selectors.snapshots import figure_files, snapshot_selection

RESAMPLED = {
    "judges": _lazy("judges"),
    "items": _lazy("texts"),
    "both": _lazy("judges and texts"),
    "judgments": _lazy("single judgments"),
}
# What a page of results is asked by; a form keeps the others.
QUESTIONS = ("metric", "one", "other", "base_model", "judge_group")


def dashboard(
    ranked: Ranking, agreed: MetricAgreement | None, asked: QueryDict, *, texts: TextLinks = NOWHERE
) -> dict[str, Any]:
    """The context of the page, made of two snapshots and of nothing else but the number of judgments since."""
    files = figure_files(ranked, agreed)
    if agreed is not None:
        texts = texts.of_agreement(read_agreement(agreed))
    result = read_ranking(ranked)
    agreement = None if agreed is None else read_agreement(agreed)
    first: list[dict[str, Any]] = []
    if agreed is not None:
        first.append(agreement_figure(agreed, files, number=1))
    first.append(
        ranking_figure(ranked, files, number=len(first) + 1)
        | {"question": pair_question(result, asked, texts=texts)}
    )
    further: list[dict[str, Any]] = []

    def add(made: dict[str, Any] | None) -> None:
        if made is not None:
            further.append(made)

    def number() -> int:
        return len(first) + len(further) + 1

    if agreed is not None:
        add(rank_lines_figure(agreed, files, number=number()))
        add(strength_score_figure(agreed, files, asked, number=number(), texts=texts))
    add(win_matrix_figure(result, files, number=number(), texts=texts))
    for made in (*first, *further):
        made["kept"] = _kept(asked, made)
        made |= {part: led(made.get(part) or "") for part in ("reading", "line")}
        made["table"] = _leading_to(made.get("table"), made["csv"], texts)
        made["has_numbers"] = bool(made.get("table") or made.get("data_page") or made.get("table_elsewhere"))
    scores = _leading_to(_scores(ranked, agreed), "scores", texts)
    large = scores is not None and len(scores.heads) * len(scores.rows) > MOST_CELLS
    return {
        "agreement": agreed,
        "view_query": f"?snapshot={ranked.uuid}",
        "findings": findings(result, agreement, experts=_("the experts")),
        "provenance": provenance(ranked, agreed),
        "n_since": n_judgments_since(
            ranked.campaign,
            ranked.as_of,
            selection=snapshot_selection(ranked),
            exclusions=Exclusions.of(ranked.parameters),
        ),
        "filters": _filters(ranked),
        "coverage": coverage_section(result, texts=texts),
        "first_figures": first,
        "further_figures": further,
        "scores": None if large else scores,
        "scores_page": large,
        "said_of_weights": [] if agreement is None else said_of_weights(agreement),
        "annotators": None
        if agreed is None or agreed.scoring is None
        else error_rates_table(read_scoring(agreed.scoring), order=result.names),
    }


def _leading_to(table: Table | None, of: str, texts: TextLinks) -> Table | None:
    """A table of methods or of metrics whose rows lead to their texts; other tables know their own way."""
    if table is None or not texts.base or of not in ("ranking", "scores", "metric-ranks", "metric-agreement"):
        return table
    address = texts.of_metric if of == "metric-agreement" else texts.of_method
    return table.leading_to(lambda row: row.address or address(row.head))


@dataclass(frozen=True)
class Filter:
    """A closed list, as a select shows it."""

    name: str
    words: str
    everything: str
    values: tuple[str, ...]
    chosen: str


def _filters(ranked: Ranking) -> list[Filter]:
    """By what this campaign can be looked at in parts, as it was when the snapshot was made."""
    known, now = read_ranking(ranked).selectable, snapshot_selection(ranked)
    return [
        Filter(name, words, everything, values, chosen)
        for name, words, everything, values, chosen in (
            ("base_model", _("Base model"), _("all methods"), known.base_models, now.base_model),
            ("judge_group", _("Judges"), _("all judges"), known.judge_groups, now.judge_group),
        )
        if values
    ]


def selection_words(selection: Selection) -> str:
    """What of the campaign is shown, as part of a sentence; nothing where it is all of it."""
    said = []
    if selection.base_model:
        said.append(_("methods of %(name)s") % {"name": listed([selection.base_model])})
    if selection.judge_group:
        said.append(_("judges of %(name)s") % {"name": listed([selection.judge_group])})
    return ", ".join(said)


def _kept(asked: QueryDict, made: dict[str, Any]) -> list[tuple[str, str]]:
    """What else the address asks, so that one form does not forget the other's answer."""
    own = {"metric"} if "choices" in made else {"one", "other"} if made.get("question") else set()
    return [(name, str(asked[name])) for name in QUESTIONS if name in asked and name not in own]


def provenance(ranked: Ranking, agreed: MetricAgreement | None) -> list[str]:
    """All that is needed to compute it again, in the order of interest; the times stand in the template."""
    result = read_ranking(ranked)
    parts = []
    n_judges = result.n_judges
    parts.append(_("%(n)s judges") % {"n": n_judges} if n_judges else _("number of judges unknown"))
    n_judgments = result.n_judgments
    words = ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"}
    if result.n_items:
        words += _(" on %(n)s texts") % {"n": f"{result.n_items:,}"}
    if result.n_cannot_judge:
        words += _(", %(n)s “cannot judge” left out") % {"n": f"{result.n_cannot_judge:,}"}
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
    parts.append(words + (_(", %(n)s without a ranking of their own") % {"n": f"{lost:,}"} if lost else ""))
    parts.append(_("seed %(seed)s") % {"seed": ranked.seed})
    parts.append(ranked.code_version)
    if held := result.plan:
        words = _("added after analysis plan %(n)s") if held.added else _("as analysis plan %(n)s says")
        parts.append(words % {"n": held.version})
    return parts


def _scores(ranked: Ranking, agreed: MetricAgreement | None) -> Table | None:
    if agreed is None or agreed.scoring is None:
        return None
    table = scores_table(read_scoring(agreed.scoring), order=read_ranking(ranked).names)
    return table if table.rows else None
