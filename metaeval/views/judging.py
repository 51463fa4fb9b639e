"""Judging: one pair after another, blind, with and without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
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
from annotations.replies import reply_to_form, revised, sent_back
from annotations.selectors.reading import reading
from metaeval.forms import (
    CANNOT,
    STEP_WORDS,
    TOP_STEP,
    VERDICT_BUTTONS,
    VERDICT_WORDS,
    VerdictForm,
    first_entries,
)
from metaeval.models import Campaign, Exposure, Judgment
from metaeval.selectors.exposures import (
    campaign_coverage,
    campaigns_to_judge,
    done_before,
    exposure_of,
    judgment_named,
    newest_done,
)
from metaeval.selectors.judgments import share_of_judge, shares_of_judge, standing_judgment
from metaeval.selectors.outputs import ShownOutput, shown_pair, shows_the_same
from metaeval.services.judging import next_exposure, record_judgment, show_exposure, take_back_changed

TAKEN_BACK = gettext_noop(
    "The outputs of your pair have changed since you saw them: it was taken back, and you go on."
)
KEPT_AS_JUDGED = gettext_noop(
    "The outputs of that pair are no longer those that you judged: your verdict on it stays as it is."
)


@dataclass(frozen=True)
class Bar:
    """One label of one output: its value and where the other output stands, in hundredths of the scale."""

    name: str
    percent: int
    other_percent: int

    @property
    def value(self) -> str:
        return f"{self.percent / 100:.2f}"


@dataclass(frozen=True)
class Folded:
    name: str
    a: str
    b: str


@dataclass(frozen=True)
class Sides:
    """Both outputs as the page draws them: same labels, same order, same scale."""

    a: list[Bar]
    b: list[Bar]
    folded: list[Folded]
    text_a: str | None
    text_b: str | None

    @property
    def are_texts(self) -> bool:
        return self.text_a is not None or self.text_b is not None


def sides(left: ShownOutput, right: ShownOutput, *, threshold: float) -> Sides:
    """Values are cut to two digits everywhere, so that nothing finer than what is read can tell outputs apart."""
    values_a = {label.name: label.value for label in left.labels}
    values_b = {label.name: label.value for label in right.labels}
    names = list(dict.fromkeys([*values_a, *values_b]))
    pairs = [(name, values_a.get(name, 0.0), values_b.get(name, 0.0)) for name in names]
    # By the mean of both, so that the order favours neither.
    shown = sorted(
        (pair for pair in pairs if max(pair[1], pair[2]) >= threshold), key=lambda pair: -(pair[1] + pair[2])
    )
    hundredths = [(name, round(100 * a), round(100 * b)) for name, a, b in shown]
    return Sides(
        a=[Bar(name, a, b) for name, a, b in hundredths],
        b=[Bar(name, b, a) for name, a, b in hundredths],
        folded=[Folded(name, f"{a:.2f}", f"{b:.2f}") for name, a, b in pairs if max(a, b) < threshold],
        text_a=left.text,
        text_b=right.text,
    )


def _campaign_for(request: HttpRequest, campaign_uuid: UUID) -> tuple[Campaign, Participant]:
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
    lines = shares_of_judge(participant, campaigns_to_judge(participant))
    if len(lines) == 1:
        return redirect("judge-next", lines[0][0].uuid)
    return render(request, "judge/campaigns.html", {"study": study, "lines": lines})


@require_safe
@login_required
def judge_next(request: HttpRequest, campaign_uuid: UUID) -> HttpResponse:
    """To the next pair, or why there is none."""
    campaign, participant = _campaign_for(request, campaign_uuid)
    if "paused" in request.GET:
        return _waiting_page(request, campaign, participant, "break")
    following = next_exposure(
        participant, campaign, on_taken_back=lambda: messages.warning(request, _(TAKEN_BACK))
    )
    if isinstance(following, Exposure):
        return redirect("exposure", following.uuid)
    done, _of = share_of_judge(participant, campaign)
    empty = following.kind == "done" and done == 0
    kind = "nothing_assigned" if empty else following.kind
    return _waiting_page(request, campaign, participant, kind, until=following.until)


def _waiting_page(
    request: HttpRequest, campaign: Campaign, participant: Participant, kind: str, **more: Any
) -> HttpResponse:
    done, of = share_of_judge(participant, campaign)
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "kind": kind,
        "n_done": done,
        "n_of": of,
        "last": newest_done(participant, campaign),
        **more,
    }
    return render(request, "judge/waiting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def exposure(request: HttpRequest, exposure_uuid: UUID) -> HttpResponse:
    shown = exposure_of(request.user, exposure_uuid)
    if shown is None:
        raise Http404("No such comparison.")
    policy.require(request.user, shown.comparison.campaign.study, policy.Action.JUDGE)
    if request.method == "POST":
        return _take_verdict(request, shown)
    pair = shown_pair(shown)
    if not shows_the_same(shown, pair):
        return _past_changed(request, shown)
    show_exposure(shown)
    standing = standing_judgment(shown)
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
            given=form.given(submitted_at=timezone.now()),
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
        "stored_confidence": _step_words(stored.confidence) if stored else "",
        "entered_words": VERDICT_WORDS[entered["verdict"]],
        "entered_confidence": STEP_WORDS.get(entered["confidence"] or 0, ""),
        "offered": offered.items(),
        "sentence": sentence,
    }
    return render(request, "judge/conflict.html", context)


def _step_words(confidence: float | None) -> Any:
    return "" if confidence is None else STEP_WORDS[min(TOP_STEP, max(1, round(confidence * TOP_STEP)))]


def _pair_page(
    request: HttpRequest,
    shown: Exposure,
    pair: tuple[ShownOutput, ShownOutput],
    form: VerdictForm,
    *,
    standing: Judgment | None = None,
    sentence: str = "",
) -> HttpResponse:
    comparison, participant = shown.comparison, shown.participant
    campaign = comparison.campaign
    done, of = share_of_judge(participant, campaign)
    saved = newest_done(participant, campaign)
    context = {
        "study": campaign.study,
        "campaign": campaign,
        "exposure": shown,
        "item": comparison.item,
        "texts": reading(comparison.item) if comparison.item else [],
        "sides": sides(*pair, threshold=campaign.threshold),
        "threshold": f"{campaign.threshold:.2f}".rstrip("0").rstrip("."),
        "form": form,
        "buttons": VERDICT_BUTTONS,
        "cannot": CANNOT,
        "steps": form.steps(),
        "standing": standing,
        "sentence": sentence,
        "n_done": done,
        "n_of": of,
        "place": min(done + (0 if standing else 1), max(of, 1)),
        "coverage": campaign_coverage(campaign),
        "saved_at": saved.done_at if saved else None,
        "before": done_before(shown),
        "page": _for_the_script(shown),
    }
    return render(request, "judge/exposure.html", context)


def _for_the_script(shown: Exposure) -> dict[str, Any]:
    """What judge.js reads, through json_script: addresses and words, nothing of the outputs."""
    campaign = shown.comparison.campaign
    return {
        "place": str(shown.uuid),
        "person": str(shown.participant.uuid),
        "address": reverse("api-judgment", args=[shown.uuid]),
        "next": reverse("judge-next", args=[campaign.uuid]),
        "top": TOP_STEP,
        "words": {
            "saved": _("Saved"),
            "one_waiting": _("1 not yet saved"),
            "many_waiting": _("{n} not yet saved"),
            "restored": _("Restored what you had chosen; not yet saved"),
            "kept": _(
                "The connection is away. Your verdict is kept on this device and is sent by itself as soon as"
                " the connection is back: keep this page open, or come back to it later."
            ),
            "signed_out": _(
                "You are signed out. Your verdict is kept on this device: sign in again in another tab, and it is"
                " sent by itself."
            ),
            "stands": _("This pair has a verdict already; yours was not stored over it."),
            "see_stored": _("See the stored verdict"),
            "next": _("Next pair"),
            "refused": _("One verdict was refused and is not stored:"),
            "first": _("Say first which output is better: A, B, both or neither; or that you cannot judge."),
            "why": _("Say in a few words why you cannot judge this pair."),
            "keys_off": _("Turn keys off"),
            "keys_on": _("Turn keys on"),
        },
    }
