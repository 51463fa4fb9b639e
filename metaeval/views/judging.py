"""Judging: one pair after another, blind, with and without JavaScript."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from annotations import policy
from annotations.models import Participant
from annotations.submissions import STEP_WORDS, outcome_step
from annotations.submit_responses import reply_to_form, revised, sent_back
from metaeval.forms import (
    VERDICT_WORDS,
    VerdictForm,
    first_entries,
)
from metaeval.models import Campaign, Exposure, Judgment
from metaeval.selectors.exposures import (
    break_is_due,
    done_before,
    exposure_for,
    judgment_named,
    n_done_by,
    newest_done,
)
from metaeval.selectors.judge_quota import share_lately, shares_to_judge
from metaeval.selectors.judgments import current_judgment
from metaeval.selectors.outputs import ShownOutput, shown_pair, shows_the_same
from metaeval.selectors.protocols import asks_labels, campaign_protocol
from metaeval.services.judging import record_judgment
from metaeval.services.presentation import next_exposure, show_exposure, take_back_changed
from metaeval.views.judging_page import judge_context, pair_context, script_messages, verdict_form
from metaeval.views.labels_first import labels_page

TAKEN_BACK = gettext_noop(
    "The outputs of your pair have changed since you saw them: it was taken back, and you go on."
)
KEPT_AS_JUDGED = gettext_noop(
    "The outputs of that pair are no longer those that you judged: your verdict on it stays as it is."
)


def campaign_to_judge(request: HttpRequest, campaign_uuid: UUID) -> tuple[Campaign, Participant]:
    campaign = Campaign.objects.select_related("study").filter(uuid=campaign_uuid).first()
    if campaign is None:
        raise Http404("No such campaign.")
    policy.require(request.user, campaign.study, policy.Action.JUDGE)
    return campaign, policy.participant_for(request.user, campaign.study, Participant.Role.JUDGE)


@require_safe
@login_required
def judge(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Choose what to judge by, or go straight on where there is one question only."""
    study = policy.study_for(request.user, study_uuid, policy.Action.JUDGE)
    participant = policy.participant_for(request.user, study, Participant.Role.JUDGE)
    lines = shares_to_judge(participant)
    if len(lines) == 1:
        return redirect("judge-next", lines[0][0].uuid)
    return render(request, "judge/campaigns.html", {"study": study, "lines": lines})


@require_safe
@login_required
def judge_next(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """To the next pair, or why there is none."""
    campaign, participant = campaign_to_judge(request, campaign_uuid)
    if "paused" in request.GET:
        return _waiting_page(request, campaign, participant, "break")
    following = next_exposure(
        participant, campaign, on_taken_back=lambda: messages.warning(request, _(TAKEN_BACK))
    )
    done = n_done_by(participant, campaign)
    if isinstance(following, Exposure):
        if "on" not in request.GET and break_is_due(participant, campaign, n_done=done):
            return _waiting_page(request, campaign, participant, "tired")
        return redirect("exposure", following.uuid)
    empty = following.kind == "done" and done == 0
    kind = "nothing_assigned" if empty else following.kind
    return _waiting_page(request, campaign, participant, kind, until=following.until)


def _waiting_page(
    request: HttpRequest, campaign: Campaign, participant: Participant, kind: str, **more: Any
) -> HttpResponse:
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "kind": kind,
        "share": share_lately(participant, campaign),
        "last": newest_done(participant, campaign),
        **more,
    }
    return render(request, "judge/waiting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def exposure(request: HttpRequest, exposure_uuid: UUID) -> HttpResponse:
    shown = exposure_for(request.user, exposure_uuid)
    if shown is None:
        raise Http404("No such comparison.")
    policy.require(request.user, shown.comparison.campaign.study, policy.Action.JUDGE)
    if request.method == "POST":
        return _take_verdict(request, shown)
    pair = shown_pair(shown)
    if not shows_the_same(shown, pair):
        return _past_changed(request, shown)
    if asks_labels(shown, campaign_protocol(shown.comparison.campaign)):
        return labels_page(request, shown)
    show_exposure(shown)
    standing = current_judgment(shown)
    back = sent_back(request, shown.uuid)
    if back is not None:
        entered = VerdictForm(back.entered)
        if back.is_clash and entered.is_valid():
            return _conflict_page(request, shown, entered, standing, back.sentence)
        return _pair_page(request, shown, pair, entered, sentence=back.sentence, standing=standing)
    return _pair_page(request, shown, pair, VerdictForm(initial=first_entries(standing)), standing=standing)


def _past_changed(request: HttpRequest, shown: Exposure) -> HttpResponse:
    """To another pair: nobody sees other outputs under a verdict than those it was given on."""
    take_back_changed(Exposure.objects.filter(pk=shown.pk))
    messages.warning(request, _(TAKEN_BACK if shown.done_at is None else KEPT_AS_JUDGED))
    return redirect("judge-next", shown.comparison.campaign.uuid)


def _take_verdict(request: HttpRequest, shown: Exposure) -> HttpResponse:
    form = VerdictForm(request.POST)
    return reply_to_form(
        request,
        form,
        page="exposure",
        place=shown.uuid,
        record=lambda: record_judgment(
            exposure=shown,
            client_key=form.cleaned_data["client_key"],
            submitted=form.given(submitted_at=timezone.now()),
            replaces=revised(form.cleaned_data["replaces"], partial(judgment_named, shown)),
        ),
        onward=lambda row: reverse("judge-next", args=[shown.comparison.campaign.uuid]),
    )


def _conflict_page(
    request: HttpRequest, shown: Exposure, form: VerdictForm, stored: Judgment | None, sentence: str
) -> HttpResponse:
    """What was entered now is offered as a revision of what is stored."""
    entered = form.cleaned_data
    offered = {
        "client_key": uuid4(),
        "replaces": stored.uuid if stored else "",
        "verdict": entered["verdict"],
        "confidence": entered["confidence"] or "",
        "reason": entered["reason"],
    }
    context = {
        "study": shown.comparison.campaign.study,
        "campaign": shown.comparison.campaign,
        "exposure": shown,
        "stored": stored,
        "stored_words": VERDICT_WORDS.get(stored.verdict, "") if stored else "",
        "stored_confidence": step_words(stored.confidence) if stored else "",
        "entered_words": VERDICT_WORDS[entered["verdict"]],
        "entered_confidence": STEP_WORDS.get(entered["confidence"] or 0, ""),
        "offered": offered.items(),
        "sentence": sentence,
    }
    return render(request, "judge/conflict.html", context)


def step_words(confidence: float | None) -> Any:
    return "" if confidence is None else STEP_WORDS[outcome_step(confidence)]


def _pair_page(
    request: HttpRequest,
    shown: Exposure,
    pair: tuple[ShownOutput, ShownOutput],
    form: VerdictForm,
    *,
    standing: Judgment | None = None,
    sentence: str = "",
) -> HttpResponse:
    desk = judge_context(shown)
    context = {
        **desk,
        **pair_context(shown.comparison, pair),
        **verdict_form(form),
        "standing": standing,
        "sentence": sentence,
        "previous": done_before(shown),
        "page": script_messages(shown, place=desk["place"]),
    }
    return render(request, "judge/exposure.html", context)
