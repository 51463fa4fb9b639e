"""Judging: one pair after another, blind, with and without JavaScript."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations import policy
from annotations.models import Participant, Study, User
from annotations.selectors.item_paragraphs import opening
from annotations.submissions import STEP_WORDS, Outcome, outcome_step
from annotations.submit_responses import NAMES_MISSING, names_in, reply_to_form, revised, sent_back
from metaeval.findings.judging_page import labels_script_words
from metaeval.forms.judging import (
    VERDICT_WORDS,
    EnteredVerdict,
    LabelsForm,
    VerdictForm,
    first_entries,
)
from metaeval.models import Campaign, Exposure, Judgment, Labelling
from metaeval.pair_pages import TAKEN_BACK, judge_context, pair_page_context, report_shown, script_settings
from metaeval.selectors.exposures import (
    break_is_due,
    cached_share,
    closed_by_results,
    exposure_for,
    judge_share,
    judgment_named,
    n_done_by,
    newest_done,
    own_judgments,
    shares_to_judge,
)
from metaeval.selectors.judges import judge_lines, own_consistency
from metaeval.selectors.judgments import current_judgment
from metaeval.selectors.outputs import is_unchanged, shown_pair
from metaeval.selectors.protocols import asks_labels, campaign_protocol, labels_to_choose
from metaeval.services.judging import SubmittedLabels, record_judgment, record_labelling
from metaeval.services.presentation import judging_state, next_exposure, return_changed, show_exposure

JUDGMENTS_OF_A_PAGE = 25
KEPT_AS_JUDGED = gettext_noop(
    "The outputs of that pair are no longer those that you judged: your verdict on it stays as it is."
)


def campaign_to_judge(request: HttpRequest, campaign_uuid: UUID) -> tuple[Campaign, Participant]:
    campaign = Campaign.objects.select_related("study").filter(uuid=campaign_uuid).first()
    if campaign is None:
        raise Http404("No such campaign.")
    policy.require(request.user, campaign.study, policy.Action.JUDGE)
    return campaign, policy.participant_for(request.user, campaign.study, Participant.Role.JUDGE)


def _exposure_to_judge(request: HttpRequest, exposure_uuid: UUID) -> Exposure:
    shown = exposure_for(request.user, exposure_uuid)
    if shown is None:
        raise Http404("No such comparison.")
    policy.require(request.user, shown.comparison.campaign.study, policy.Action.JUDGE)
    return shown


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

    def waiting_page(kind: str, until: datetime | None = None) -> HttpResponse:
        context = {
            "study": campaign.study,
            "campaign": campaign,
            "kind": kind,
            "share": cached_share(participant, campaign),
            "last": newest_done(participant, campaign),
            "until": until,
        }
        return render(request, "judge/no_pair.html", context)

    if isinstance(request.user, User) and closed_by_results(request.user, campaign).exists():
        return waiting_page("seen_results")
    if "paused" in request.GET:
        return waiting_page("break")
    following = next_exposure(
        participant, campaign, on_taken_back=lambda: messages.warning(request, _(TAKEN_BACK))
    )
    n_done = n_done_by(participant, campaign)
    if isinstance(following, Exposure):
        if "on" not in request.GET and break_is_due(participant, campaign, n_done=n_done):
            return waiting_page("tired")
        return redirect("exposure", following.uuid)
    kind = "nothing_assigned" if following.kind == "done" and n_done == 0 else following.kind
    return waiting_page(kind, following.until)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def exposure(request: HttpRequest, exposure_uuid: UUID) -> HttpResponse:
    shown = _exposure_to_judge(request, exposure_uuid)
    if request.method == "POST":
        return _verdict_response(request, shown)
    pair = shown_pair(shown)
    if not is_unchanged(shown, pair):
        # Nobody sees other outputs under a verdict than those it was given on.
        return_changed(Exposure.objects.filter(pk=shown.pk))
        messages.warning(request, _(TAKEN_BACK if shown.done_at is None else KEPT_AS_JUDGED))
        return redirect("judge-next", shown.comparison.campaign.uuid)
    if asks_labels(shown, campaign_protocol(shown.comparison.campaign)):
        return _labels_page(request, shown)
    show_exposure(shown)
    stored = current_judgment(shown)
    back = sent_back(request, shown.uuid)
    form = VerdictForm(initial=first_entries(stored)) if back is None else VerdictForm(back.entered)
    if back is not None and back.is_clash and form.is_valid():
        return _conflict_page(request, shown, form.entered(), stored, back.sentence)
    sentence = back.sentence if back else ""
    context = pair_page_context(shown, pair, form, stored=stored, sentence=sentence)
    return render(request, "judge/pair.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def next_pair(request: HttpRequest, exposure_uuid: UUID) -> HttpResponse:
    """Whether judging goes on. Of a POST, this pair is on the screen, and the next one is reserved and sent ahead."""
    shown = _exposure_to_judge(request, exposure_uuid)
    if request.method != "POST":
        return JsonResponse({"state": judging_state(shown.comparison.campaign)})
    have = names_in(request.body)
    if have is None:
        return JsonResponse({"sentence": NAMES_MISSING}, status=400)
    return JsonResponse(report_shown(request, shown, have=have))


def _verdict_response(request: HttpRequest, shown: Exposure) -> HttpResponse:
    form = VerdictForm(request.POST)

    def record() -> Outcome[Judgment]:
        entered = form.entered()
        return record_judgment(
            exposure=shown,
            client_key=entered.client_key,
            submitted=entered.submitted(at=timezone.now()),
            replaces=revised(entered.replaces, partial(judgment_named, shown)),
        )

    return reply_to_form(
        request,
        form,
        page="exposure",
        place=shown.uuid,
        record=record,
        onward=lambda row: reverse("judge-next", args=[shown.comparison.campaign.uuid]),
    )


def _conflict_page(
    request: HttpRequest, shown: Exposure, entered: EnteredVerdict, stored: Judgment | None, sentence: str
) -> HttpResponse:
    """What was entered now is offered as a revision of what is stored."""
    offered = {
        "client_key": uuid4(),
        "replaces": stored.uuid if stored else "",
        "verdict": entered.verdict,
        "confidence": entered.confidence or "",
        "reason": entered.reason,
    }
    context = {
        "study": shown.comparison.campaign.study,
        "campaign": shown.comparison.campaign,
        "exposure": shown,
        "stored": stored,
        "stored_words": VERDICT_WORDS.get(stored.verdict, "") if stored else "",
        "stored_confidence": _confidence_words(stored.confidence) if stored else "",
        "entered_words": VERDICT_WORDS[entered.verdict],
        "entered_confidence": STEP_WORDS.get(entered.confidence or 0, ""),
        "offered": offered.items(),
        "sentence": sentence,
    }
    return render(request, "judge/conflict.html", context)


def _confidence_words(confidence: float | None) -> str | Promise:
    return "" if confidence is None else STEP_WORDS[outcome_step(confidence)]


@require_POST
@login_required
def exposure_labels(request: HttpRequest, exposure_uuid: UUID) -> HttpResponse:
    """Store the labels, then show the outputs."""
    shown = _exposure_to_judge(request, exposure_uuid)
    campaign = shown.comparison.campaign
    form = LabelsForm(request.POST, study=campaign.study, labels=labels_to_choose(campaign))

    def record() -> Outcome[Labelling]:
        entered = form.entered()
        given = SubmittedLabels(tuple(entered.labels), submitted_at=timezone.now())
        outcome = record_labelling(exposure=shown, client_key=entered.client_key, submitted=given)
        # Whoever sends other labels finds the first ones stored and goes on: there is nothing to choose between.
        return outcome if outcome.row is None else Outcome(200, outcome.row)

    return reply_to_form(
        request,
        form,
        page="exposure",
        place=shown.uuid,
        record=record,
        onward=lambda row: reverse("exposure", args=[shown.uuid]),
    )


def _labels_page(request: HttpRequest, shown: Exposure) -> HttpResponse:
    """The text alone, with the labels to choose from."""
    campaign = shown.comparison.campaign
    back = sent_back(request, shown.uuid)
    form = LabelsForm(
        back.entered if back else None,
        initial={"client_key": uuid4()},
        study=campaign.study,
        labels=labels_to_choose(campaign),
    )
    context = judge_context(shown)
    context |= {
        "form": form,
        "labels": form.choices(),
        "sentence": back.sentence if back else "",
        "page": script_settings(
            shown,
            place=context["place"],
            # Not the place of the verdict: a draft of labels is none of a verdict.
            draft=f"{shown.uuid}/labels",
            address=reverse("api-labels", args=[shown.uuid]),
            onward=reverse("exposure", args=[shown.uuid]),
            words=labels_script_words(),
        ),
    }
    return render(request, "judge/labels.html", context)


@require_safe
@login_required
def judge_feedback(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """A judge's own counts. Before the end they would change how one judges."""
    campaign, participant = campaign_to_judge(request, campaign_uuid)
    share = judge_share(participant, campaign)
    is_closed = Study.State.CLOSED in (campaign.state, campaign.study.state)
    is_over = is_closed or (share.n_done > 0 and share.is_over)
    line = next(iter(judge_lines(campaign, only=participant)), None) if is_over else None
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "is_over": is_over,
        "share": share,
        "line": line,
        "whole_seconds": None if line is None or line.median_seconds is None else round(line.median_seconds),
        "again": own_consistency(participant, campaign) if is_over else None,
    }
    return render(request, "judge/feedback.html", context)


@require_safe
@login_required
def my_judgments(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """A judge's own verdicts. Methods are not named; each line leads to where its verdict may be changed."""
    campaign, participant = campaign_to_judge(request, campaign_uuid)
    paginator = Paginator(own_judgments(participant, campaign), JUDGMENTS_OF_A_PAGE)
    try:
        page = paginator.page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404("No such page.") from error
    lines = [
        {
            "judgment": judgment,
            # What the address begins with: all that anybody's browser knows of what was shown.
            "token": str(judgment.exposure.uuid)[:8] if judgment.exposure else "",
            "item": judgment.comparison.item,
            "opening": opening(judgment.comparison.item) if judgment.comparison.item else "",
            "verdict": VERDICT_WORDS.get(judgment.verdict, ""),
            "confidence": _confidence_words(judgment.confidence),
        }
        for judgment in page
    ]
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "person": participant.uuid,
        "page": page,
        "lines": lines,
        "share": cached_share(participant, campaign),
        "is_closed": Study.State.CLOSED in (campaign.state, campaign.study.state),
    }
    return render(request, "judge/my_judgments.html", context)
