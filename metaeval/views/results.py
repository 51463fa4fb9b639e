"""Results: a dashboard that reads snapshots and computes nothing but sentences."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.charts.tables import Table
from annotations.workers import no_worker_running
from metaeval.charts.tables import read_methods
from metaeval.models import Campaign, MetricAgreement, Ranking
from metaeval.selectors.judgments import n_judgments_since
from metaeval.selectors.snapshots import (
    agreements_with_scores,
    campaigns_with_standing,
    figure_files,
    newest_agreement,
    newest_judge_report,
    newest_ranking,
    unfinished_jobs,
)
from metaeval.views.findings import findings
from metaeval.views.judge_findings import judges_section
from metaeval.views.phrases import listed
from metaeval.views.result_figures import agreement_figure, ranking_figure
from metaeval.views.result_tables import annotators_table, scores_table

RESAMPLED = {
    "judges": _lazy("judges"),
    "items": _lazy("texts"),
    "both": _lazy("judges and texts"),
    "judgments": _lazy("bare judgments"),
}


@require_safe
@login_required
def results(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """All campaigns, or straight to the one there is."""
    study = policy.study_for(request.user, study_uuid, policy.Action.SEE_RESULTS)
    campaigns = list(campaigns_with_standing(study))
    with_scores = agreements_with_scores(study)
    if len(campaigns) == 1 and not with_scores:
        return redirect("campaign-results", campaigns[0].uuid)
    context = {
        "study": study,
        "campaigns": campaigns,
        "agreements": [_against_score(agreement, number) for number, agreement in enumerate(with_scores, 1)],
    }
    return render(request, "results/list.html", context)


def _against_score(agreement: MetricAgreement, number: int) -> dict[str, Any]:
    name = agreement.against.name if agreement.against else ""
    return {
        "snapshot": agreement,
        "name": name,
        "findings": findings(None, agreement.result, experts=listed([name])),
        "figure": agreement_figure(agreement, figure_files(agreement), number=number),
    }


def campaign_for(request: HttpRequest, campaign_uuid: UUID, action: policy.Action) -> Campaign:
    campaign = Campaign.objects.select_related("study").filter(uuid=campaign_uuid).first()
    if campaign is None:
        raise Http404("No such campaign.")
    policy.require(request.user, campaign.study, action)
    return campaign


@require_safe
@login_required
def campaign_results(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    ranked, agreed = newest_ranking(campaign), newest_agreement(campaign)
    waiting = unfinished_jobs(campaign)
    running = waiting.get("metaeval")
    context: dict[str, Any] = {
        "study": campaign.study,
        "campaign": campaign,
        "ranking": ranked,
        "agreement": agreed,
        "running": running,
        "no_worker": bool(waiting) and no_worker_running(),
        "may_compute": True,
        "bench": judges_section(newest_judge_report(campaign), waiting.get("judges")),
    }
    if ranked is None:
        context["n_judgments"] = n_judgments_since(campaign, campaign.created_at)
        return render(request, "results/empty.html", context)
    files = figure_files(ranked, agreed)
    agreement_result = agreed.result if agreed is not None else None
    context |= {
        "findings": findings(ranked.result, agreement_result, experts=_("the experts")),
        "provenance": _provenance(ranked, agreed),
        "n_since": n_judgments_since(campaign, ranked.as_of),
        "figures": [
            *([agreement_figure(agreed, files, number=1)] if agreed is not None else []),
            ranking_figure(ranked, files, number=2 if agreed is not None else 1),
        ],
        "scores": _scores(ranked, agreed),
        "annotators": None
        if agreed is None or agreed.scoring is None
        else annotators_table(agreed.scoring.result),
    }
    return render(request, "results/dashboard.html", context)


def _provenance(ranked: Ranking, agreed: MetricAgreement | None) -> list[str]:
    """All that is needed to compute it again, in the order of interest; the times stand in the template."""
    result = ranked.result
    parts = []
    n_judges = int(result.get("n_judges") or 0)
    parts.append(_("%(n)s judges") % {"n": n_judges} if n_judges else _("judges not known"))
    n_judgments = int(result.get("n_judgments") or 0)
    words = ngettext("%(n)s judgment", "%(n)s judgments", n_judgments) % {"n": f"{n_judgments:,}"}
    if result.get("n_items"):
        words += _(" on %(n)s texts") % {"n": f"{int(result['n_items']):,}"}
    if result.get("n_cannot_judge"):
        words += _(", %(n)s “cannot judge” left out") % {"n": f"{int(result['n_cannot_judge']):,}"}
    parts.append(words)
    if agreed is not None and agreed.scoring is not None:
        parts.append(_("%(n)s scored texts") % {"n": f"{int(agreed.scoring.result.get('n_items') or 0):,}"})
    n_resamples = int(result.get("n_resamples") or 0)
    lost = int(result.get("n_resamples_without_answer") or 0)
    words = _("%(n)s resamples") % {"n": f"{n_resamples:,}"}
    unit = RESAMPLED.get(str(result.get("resampling_unit") or ""))
    if unit and n_resamples:
        words = _("%(n)s resamples of %(unit)s") % {"n": f"{n_resamples:,}", "unit": unit}
    parts.append(words + (_(", %(n)s without an answer") % {"n": lost} if lost else ""))
    parts.append(_("seed %(seed)s") % {"seed": ranked.seed})
    parts.append(ranked.code_version)
    return parts


def _scores(ranked: Ranking, agreed: MetricAgreement | None) -> Table | None:
    if agreed is None or agreed.scoring is None:
        return None
    order = [row.name for row in read_methods(ranked.result)]
    table = scores_table(agreed.scoring.result, order=order)
    return table if table.rows else None
