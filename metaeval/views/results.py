"""Results: a dashboard that reads snapshots and computes nothing but sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.models import Missing, Study
from annotations.selectors.progress import newest_report
from annotations.workers import no_worker_running
from hlv.core.rendering.tables import Table
from metaeval.findings.choice_labels import WEIGHTS_WORDS
from metaeval.findings.coverage_findings import labels_section
from metaeval.findings.dashboard import Dashboard, dashboard, selection_words
from metaeval.findings.findings import findings, reference_words
from metaeval.findings.judge_findings import judges_section
from metaeval.findings.preregistration_findings import find_departure
from metaeval.findings.result_figures import agreement_figure
from metaeval.findings.score_figures import ranks_table
from metaeval.findings.score_tables import scores_table
from metaeval.findings.sensitivity_findings import sensitivity_section
from metaeval.findings.supplementary_sections import AnalysisSection, analysis_sections
from metaeval.findings.text_links import text_links
from metaeval.models import Campaign, Judgment, MetricAgreement, Ranking
from metaeval.results.method_scores import method_scores
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking import read_ranking
from metaeval.results.scoring import read_scoring
from metaeval.selectors.judgments import n_judgments_since
from metaeval.selectors.scores import corrected_directions, missing_for_metrics
from metaeval.selectors.selections import EVERYTHING, Selection, selectable
from metaeval.selectors.snapshots import (
    OF_RANKING,
    agreement_with_ranking,
    agreements_with_scores,
    campaigns_with_judgments,
    figure_files,
    newest_judge_report,
    newest_ranking,
    newest_sensitivity,
    numbered_ranking,
    snapshot_selection,
    unfinished_jobs,
)
from metaeval.services.refresh import minutes_until, next_refresh
from metaeval.services.scored_labels import asks_certainty


@require_safe
@login_required
def results(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """All campaigns, or straight to the one there is."""
    study = policy.study_for(request.user, study_uuid, policy.Action.SEE_RESULTS)
    campaigns = list(campaigns_with_judgments(study))
    with_scores = agreements_with_scores(study)
    if len(campaigns) == 1 and not with_scores:
        return redirect("campaign-results", campaigns[0].uuid)
    context = {
        "study": study,
        "campaigns": campaigns,
        "has_several": len(campaigns) + len(with_scores) > 1,
        "agreements": [
            {
                "snapshot": agreement,
                "name": agreement.against.name if agreement.against else "",
                "findings": findings(None, read_agreement(agreement), reference=reference_words(agreement)),
                "corrected": corrected_directions(study.pk, since=agreement.as_of),
                "figure": agreement_figure(agreement, figure_files(agreement), number=number),
            }
            for number, agreement in enumerate(with_scores, 1)
        ],
        "sections": analysis_sections(
            study, None, unfinished_jobs(study, None), first_number=len(with_scores) + 1
        ),
    }
    return render(request, "results/list.html", context)


def campaign_for(request: HttpRequest, campaign_uuid: UUID, action: policy.Action) -> Campaign:
    campaign = Campaign.objects.select_related("study").filter(uuid=campaign_uuid).first()
    if campaign is None:
        raise Http404("No such campaign.")
    policy.require(request.user, campaign.study, action)
    return campaign


def download_headers(name: str, media_type: str) -> dict[str, str]:
    """Of a file that is saved and never shown."""
    return {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }


def download(text: str, *, name: str, media_type: str) -> HttpResponse:
    return HttpResponse(text, headers=download_headers(name, media_type))


@require_safe
@gzip_page
@login_required
def campaign_results(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """The newest snapshots of a campaign, or of the part of it that the address names."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    selection = Selection.of(request.GET)
    ranked = newest_ranking(campaign, selection)
    if ranked is None and not selectable(campaign.study).has(selection):
        raise Http404("No such part of the campaign.")
    return _page(request, campaign, selection, ranked)


@require_safe
@gzip_page
@login_required
def ranking(request: HttpRequest, ranking_uuid: UUID) -> HttpResponse:
    """One snapshot for good, whatever was computed after it."""
    found = Ranking.objects.select_related("campaign__study").filter(uuid=ranking_uuid).first()
    if found is None:
        raise Http404("No such snapshot.")
    policy.require(request.user, found.study, policy.Action.SEE_RESULTS)
    ranked = numbered_ranking(found.campaign, ranking_uuid)
    return _page(request, found.campaign, snapshot_selection(found), ranked, fixed=True)


@dataclass(frozen=True)
class Fold:
    """A chapter of the page below the first figure, closed until somebody opens it or asks one of its questions."""

    id: str
    title: str
    template: str
    is_open: bool = False
    section: AnalysisSection | None = None


def _folds(
    asked: QueryDict, shown: Dashboard, sections: list[AnalysisSection], *, is_undetermined: bool
) -> list[Fold]:
    """In the order of the page; one without content is left out."""
    has_scores = bool(shown.scores or shown.scores_page or shown.score_figures)
    folds = [
        Fold("data-show", _("What the data show"), "_shown"),
        Fold("unclear", _("What remains unclear"), "_unclear", is_open=is_undetermined),
        Fold("ranking", _("Ranking"), "_ranking_chapter", is_open=bool(asked.get("one"))),
        Fold("scores", _("Scores"), "_scores_chapter", is_open=bool(asked.get("metric"))),
        *analysis_folds(sections),
        Fold("sensitivity", _("Sensitivity analysis"), "_sensitivity"),
        Fold("judges", _("Judges"), "_judges_chapter"),
        Fold("labels", _("Labels"), "_labels"),
        Fold("provenance", _("Provenance"), "_provenance"),
    ]
    has_content = {
        "data-show": bool(shown.findings.shows),
        "ranking": bool(shown.ranking_figures),
        "scores": has_scores,
    }
    return [
        replace(fold, template=f"results/{fold.template}.html")
        for fold in folds
        if has_content.get(fold.id, True)
    ]


def analysis_folds(sections: list[AnalysisSection]) -> list[Fold]:
    return [Fold(section.kind, section.title, "_analysis", section=section) for section in sections]


def _page(
    request: HttpRequest,
    campaign: Campaign,
    selection: Selection,
    ranked: Ranking | None,
    *,
    fixed: bool = False,
) -> HttpResponse:
    study, waiting = campaign.study, unfinished_jobs(campaign.study, campaign, selection)
    actions = policy.allowed_actions(policy.study_roles(request.user, study))
    context: dict[str, Any] = {
        "actions": actions,
        "study": study,
        "campaign": campaign,
        "ranking": ranked,
        "selection": selection,
        "part": selection_words(selection),
        "fixed": fixed,
        "running": waiting.get("metaeval"),
        "weights": _weights_to_choose(study),
        "no_worker": bool(waiting) and no_worker_running(),
        "bench": judges_section(newest_judge_report(campaign), waiting.get("judges")),
    }
    if ranked is None:
        n_judgments, n_cannot = (
            n_judgments_since(campaign, campaign.created_at, selection=selection, verdict=verdict)
            for verdict in ("", Judgment.Verdict.CANNOT)
        )
        context |= {
            "n_judgments": n_judgments,
            "n_cannot": n_cannot,
            "missing": _missing(study, has_judgments=n_judgments > 0, has_agreement=False),
        }
        return render(request, "results/empty.html", context)
    texts = text_links(campaign, actions)
    agreed = agreement_with_ranking(ranked)
    shown = dashboard(ranked, agreed, request.GET, texts=texts)
    has_judgments = read_ranking(ranked).n_judgments > 0 or shown.n_since > 0
    refreshes = (
        bool(shown.n_since) and not fixed and selection == EVERYTHING and OF_RANKING.isdisjoint(waiting)
    )
    refresh_at = next_refresh(campaign, ranked) if refreshes else None
    context |= vars(shown) | {
        "refresh_minutes": None if refresh_at is None else minutes_until(refresh_at),
        "missing": _missing(study, has_judgments=has_judgments, has_agreement=agreed is not None),
        "departure": find_departure(ranked),
        "labels": labels_section(newest_report(study), texts=texts),
        "sensitivity": sensitivity_section(newest_sensitivity(ranked), ranked, waiting.get("sensitivity")),
        "folds": _folds(
            request.GET,
            shown,
            analysis_sections(study, campaign, waiting, first_number=len(shown.figures) + 1),
            is_undetermined=bool(ranked.undetermined),
        ),
    }
    return render(request, "results/dashboard.html", context)


def _missing(study: Study, *, has_judgments: bool, has_agreement: bool) -> list[Missing]:
    for_metrics = None if has_agreement else missing_for_metrics(study)
    return [*([] if has_judgments else [Missing.JUDGMENTS]), *([for_metrics] if for_metrics else [])]


def _weights_to_choose(study: Study) -> dict[str, str | Promise]:
    """The next computation's, by their names; none where certainty is not asked."""
    if not asks_certainty(study):
        return {}
    return {"": _("as planned, or equal"), **WEIGHTS_WORDS}


ROWS_OF_A_PAGE = 20


def snapshots_for(request: HttpRequest, campaign: Campaign) -> tuple[Ranking | None, MetricAgreement | None]:
    """Those that `?snapshot=` names, or the newest."""
    if "snapshot" not in request.GET:
        ranked = newest_ranking(campaign)
        return ranked, None if ranked is None else agreement_with_ranking(ranked)
    try:
        ranked = numbered_ranking(campaign, UUID(request.GET["snapshot"]))
    except ValueError:
        ranked = None
    if ranked is None:
        raise Http404("No such snapshot.")
    return ranked, agreement_with_ranking(ranked)


@require_safe
@gzip_page
@login_required
def campaign_data(request: HttpRequest, campaign_uuid: UUID, table: str) -> HttpResponse:
    """A table that is too large to stand under its figure, in pages of methods."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = snapshots_for(request, campaign)
    made = None if agreed is None or ranked is None else _large_table(table, ranked, agreed)
    if made is None:
        raise Http404("No such table.")
    title, whole = made
    page = Paginator(whole.rows, ROWS_OF_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "snapshot": ranked,
        "title": title,
        "name": table,
        "table": replace(whole, rows=list(page.object_list)),
        "page": page,
        "view_query": f"?snapshot={ranked.uuid}" if ranked is not None else "",
        "kept": f"snapshot={ranked.uuid}&" if ranked is not None else "",
    }
    return render(request, "results/data.html", context)


def _large_table(name: str, ranked: Ranking, agreed: MetricAgreement) -> tuple[str, Table] | None:
    if name == "metric-ranks":
        scores = method_scores(read_agreement(agreed))
        return None if scores is None else (_("Ranks, from metric to metric"), ranks_table(scores))
    if name == "scores" and agreed.scoring is not None:
        order = read_ranking(ranked).names
        return _("What each metric gives"), scores_table(read_scoring(agreed.scoring), order=order)
    return None
