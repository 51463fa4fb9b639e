"""Campaigns for the people who run a study: draft, state, forecast, comparisons, audit, and a preview of a pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations import jobs, policy
from annotations.models import Missing, Study, User
from hlv.core.tabular.writing import csv_text
from metaeval.exporters.results import COMPARISON_HEADER, EXPOSURE_HEADER, comparison_rows, exposure_rows
from metaeval.findings.campaign_summary import (
    audit_checks,
    cost_lines,
    draft_notes,
    expected_width,
    pace_words,
    protocol_lines,
)
from metaeval.forms.campaigns import PRESETS, AllowJudgingForm, CampaignForm, ComparisonFilter
from metaeval.forms.judging import LabelsForm, VerdictForm
from metaeval.models import Campaign
from metaeval.pair_pages import item_context, pair_context, verdict_context
from metaeval.selectors.audit import (
    audit,
    audited_exposures,
    judges_who_saw_results,
    judges_with_other_roles,
    verdicts_by_exposure,
)
from metaeval.selectors.campaigns import (
    JudgingCost,
    compares_texts,
    counted_campaigns,
    filtered_comparisons,
    judging_pace,
    planned_comparisons,
)
from metaeval.selectors.exposures import campaign_coverage
from metaeval.selectors.judges import judge_lines
from metaeval.selectors.outputs import output_pair
from metaeval.selectors.protocols import campaign_protocol, labels_to_choose
from metaeval.selectors.scores import method_names
from metaeval.selectors.snapshots import newest_forecast_of
from metaeval.services.blindness import allow_after_results
from metaeval.services.campaigns import (
    CampaignRefusedError,
    campaign_question,
    foresee_campaign,
    plan_campaign,
    set_campaign_state,
)
from metaeval.services.power_analysis import forecast_params
from metaeval.views.results import campaign_for, download_headers

COMPARISONS_OF_A_PAGE = 50


@require_safe
@login_required
def campaigns(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    study = policy.study_for(request.user, study_uuid, policy.Action.SEE_RESULTS)
    context = {
        "study": study,
        "campaigns": counted_campaigns(study),
        "missing": _missing(study),
        "actions": policy.allowed_actions(policy.study_roles(request.user, study)),
    }
    return render(request, "campaigns/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_campaign(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """GET shows what the entered campaign costs; POST stores it as a draft, which waits to be opened."""
    study = policy.study_for(request.user, study_uuid, policy.Action.RUN_JOBS)
    if "look" in request.POST:
        return redirect(f"{request.path}?{_without_secrets(request.POST)}")
    is_sent = request.method == "POST"
    entered = request.POST if is_sent else request.GET if "name" in request.GET else None
    preset = PRESETS.get(request.GET.get("preset", ""), {}) | _chosen_before(request.GET)
    form = CampaignForm(entered, study=study, initial=preset)
    plan = None
    if form.is_bound and form.is_valid():
        try:
            plan = (
                plan_campaign(study, form.spec(), opened=False, by=cast(User, request.user))
                if is_sent
                else foresee_campaign(study, form.spec(), opened=False)
            )
        except CampaignRefusedError as refused:
            form.add_error(None, str(refused))
    if is_sent and plan is not None:
        return redirect("campaign", plan.campaign.uuid)
    context = {
        "study": study,
        "form": form,
        "plan": plan,
        "cost": cost_lines(plan) if plan else [],
        "notes": draft_notes(plan) if plan else [],
        "missing": _missing(study),
        "actions": policy.allowed_actions(policy.study_roles(request.user, study)),
    }
    return render(request, "campaigns/new.html", context, status=400 if form.errors else 200)


def _chosen_before(query: QueryDict) -> dict[str, Any]:
    """The methods that another page chose, as a trained table does; nothing of a whole campaign."""
    return {
        name: value
        for name, value in (("methods", query.getlist("methods")), ("meeting", query.get("meeting")))
        if value
    }


def _missing(study: Study) -> list[Missing]:
    """Without outputs there is nothing to compare; a page tells before a form is filled in."""
    return [] if study.methods.exists() else [Missing.OUTPUTS]


def _without_secrets(sent: QueryDict) -> str:
    """The form as an address for colleagues, without this person's token."""
    shared = sent.copy()
    for name in ("csrfmiddlewaretoken", "look"):
        shared.pop(name, None)
    return shared.urlencode()


@require_safe
@login_required
def campaign(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """What it asks, what it costs, how far it is."""
    shown = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    planned = planned_comparisons(shown)
    forecast, covered, protocol = (
        newest_forecast_of(shown),
        campaign_coverage(shown),
        campaign_protocol(shown),
    )
    n_planned = planned.count()
    cost = JudgingCost(covered.n_wanted, protocol.repeat_share, judging_pace(shown.study))
    context = {
        "study": shown.study,
        "campaign": shown,
        # Nobody is asked anything in a campaign that came from files.
        "question": campaign_question(shown, of_texts=compares_texts(shown)) if n_planned else shown.question,
        "protocol": protocol_lines(shown, protocol),
        "n_planned": n_planned,
        "n_unasked": planned.filter(unasked_tie__isnull=False).count(),
        "coverage": covered,
        "cost": cost,
        "pace": pace_words(cost),
        "forecast": forecast,
        "width": expected_width(forecast),
        "judges": judge_lines(shown),
    }
    return render(request, "campaigns/campaign.html", context)


@require_POST
@login_required
def campaign_state(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """Open, pause or close it."""
    changed = campaign_for(request, campaign_uuid, policy.Action.RUN_JOBS)
    try:
        set_campaign_state(changed, request.POST.get("state", ""), by=cast(User, request.user))
    except CampaignRefusedError as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(
            request, _("The campaign is now %(state)s.") % {"state": changed.get_state_display()}
        )
    return redirect("campaign", changed.uuid)


@require_POST
@login_required
def campaign_forecast(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """Ask a worker what a campaign of this size would find."""
    foreseen = campaign_for(request, campaign_uuid, policy.Action.RUN_JOBS)
    try:
        job = jobs.request_job(
            study=foreseen.study, kind="forecast", params=forecast_params(foreseen), by=request.user
        )
    except jobs.JobRefusedError as refused:
        messages.warning(request, str(refused))
        return redirect("campaign", foreseen.uuid)
    return redirect("job", job.uuid)


@require_safe
@login_required
def campaign_preview(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """One pair as a judge would see it: nothing is stored, and nothing can be sent."""
    previewed = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    pairs = planned_comparisons(previewed).order_by("position")
    page = Paginator(pairs.select_related("item", "campaign__protocol"), 1).get_page(request.GET.get("page"))
    if not page.object_list:
        raise Http404("Nothing was planned to be judged here.")
    comparison = page.object_list[0]
    asks_labels = campaign_protocol(previewed).labels_first != "never"
    labels = LabelsForm(study=previewed.study, labels=labels_to_choose(previewed))
    context: dict[str, Any] = {
        "study": previewed.study,
        "campaign": previewed,
        "page": page,
        "asks_labels": asks_labels,
        "labels": labels.choices() if asks_labels and "labels" in request.GET else [],
        **item_context(comparison),
        **pair_context(comparison, output_pair(comparison)),
        **verdict_context(VerdictForm()),
    }
    return render(request, "campaigns/preview.html", context)


def _no_such_filter(request: HttpRequest) -> HttpResponse:
    return render(request, "400.html", {"reason": _("There is no such filter.")}, status=400)


@require_safe
@login_required
def comparisons(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """Its comparisons, a page at a time."""
    listed = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    form = ComparisonFilter(request.GET, campaign=listed)
    if not form.is_valid():
        return _no_such_filter(request)
    found = filtered_comparisons(listed, **vars(form.wanted()))
    context = {
        "study": listed.study,
        "campaign": listed,
        "form": form,
        "page": Paginator(found, COMPARISONS_OF_A_PAGE).get_page(request.GET.get("page")),
        "query": form.wanted().query,
    }
    return render(request, "campaigns/comparisons.html", context)


@require_safe
@login_required
def comparisons_file(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse | StreamingHttpResponse:
    """The same as a file, streamed."""
    listed = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    form = ComparisonFilter(request.GET, campaign=listed)
    if not form.is_valid():
        return _no_such_filter(request)
    found = filtered_comparisons(listed, **vars(form.wanted()))
    rows = comparison_rows(found, names=method_names(listed.study))
    return _csv_file(listed, "comparisons", csv_text(COMPARISON_HEADER, rows))


def _csv_file(of: Campaign, what: str, pieces: Iterator[str]) -> StreamingHttpResponse:
    """A table that is written while it is sent."""
    name = f"{slugify(of.study.slug)}-{what}.csv"
    return StreamingHttpResponse(pieces, headers=download_headers(name, "text/csv"))


@require_safe
@login_required
def campaign_audit(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    audited = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    found = audit(audited)
    context = {
        "study": audited.study,
        "campaign": audited,
        "audit": found,
        "checks": audit_checks(found),
        "protocol": protocol_lines(audited, campaign_protocol(audited)),
        "other_roles": judges_with_other_roles(audited),
        "who_saw": judges_who_saw_results(audited),
        "manages": policy.may(request.user, audited.study, policy.Action.MANAGE),
        "closed": sorted(str(policy.ACTION_WORDS[action]) for action in policy.CLOSED_TO_JUDGES),
    }
    return render(request, "campaigns/audit.html", context)


@require_POST
@login_required
def allow_judging(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """An owner lets somebody judge who has seen results: the audit shows it for good."""
    campaign = campaign_for(request, campaign_uuid, policy.Action.MANAGE)
    form = AllowJudgingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the reason. It is part of the record."))
    elif allow_after_results(campaign, by=cast(User, request.user), **vars(form.allowance())):
        messages.success(request, _("This person may judge. The audit shows it."))
    return redirect("campaign-audit", campaign.uuid)


@require_safe
@login_required
def campaign_audit_file(request: HttpRequest, campaign_uuid: UUID) -> StreamingHttpResponse:
    """Every exposure, answered or not."""
    audited = campaign_for(request, campaign_uuid, policy.Action.SEE_RESULTS)
    rows = exposure_rows(
        audited_exposures(audited),
        names=method_names(audited.study),
        verdicts=verdicts_by_exposure(audited),
    )
    return _csv_file(audited, "blinding-audit", csv_text(EXPOSURE_HEADER, rows))
