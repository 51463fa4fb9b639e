"""The step before a pair: a judge says which labels fit the text, and no output is on the page."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations import policy
from annotations.submissions import Outcome
from annotations.submit_responses import reply_to_form, sent_back
from metaeval.forms import LabelsForm
from metaeval.models import Exposure, Labelling
from metaeval.selectors.exposures import exposure_for
from metaeval.selectors.protocols import labels_to_choose
from metaeval.services.judging import record_labelling
from metaeval.views.judging_page import judge_context, script_messages


@require_POST
@login_required
def exposure_labels(request: HttpRequest, exposure_uuid: UUID) -> HttpResponse:
    """Store the labels, then show the outputs."""
    shown = exposure_for(request.user, exposure_uuid)
    if shown is None:
        raise Http404("No such comparison.")
    campaign = shown.comparison.campaign
    policy.require(request.user, campaign.study, policy.Action.JUDGE)
    form = LabelsForm(request.POST, study=campaign.study, labels=labels_to_choose(campaign))
    return reply_to_form(
        request,
        form,
        page="exposure",
        place=shown.uuid,
        record=lambda: _first_stand(
            record_labelling(
                exposure=shown,
                client_key=form.cleaned_data["client_key"],
                submitted=form.given(submitted_at=timezone.now()),
            )
        ),
        onward=lambda row: reverse("exposure", args=[shown.uuid]),
    )


def _first_stand(outcome: Outcome[Labelling]) -> Outcome[Labelling]:
    """Whoever sends others finds the first ones stored and goes on: there is nothing to choose between."""
    return Outcome(200, outcome.row) if outcome.row is not None else outcome


def labels_page(request: HttpRequest, shown: Exposure) -> HttpResponse:
    """The text alone, with the labels to choose from."""
    campaign = shown.comparison.campaign
    labels = labels_to_choose(campaign)
    back = sent_back(request, shown.uuid)
    form = LabelsForm(
        back.entered if back else None,
        initial={"client_key": uuid4()},
        study=campaign.study,
        labels=labels,
    )
    desk = judge_context(shown)
    context = {
        **desk,
        "form": form,
        "labels": form.choices(),
        "sentence": back.sentence if back else "",
        "page": _for_the_script(shown, place=desk["place"]),
    }
    return render(request, "judge/labels.html", context)


def _for_the_script(shown: Exposure, *, place: int) -> dict[str, Any]:
    """What labels.js reads: as of a pair, but for the place, the addresses and some words."""
    page = script_messages(shown, place=place)
    words = {
        "stands": _("Your labels of this text are stored already; they stand as you gave them first."),
        "see_stored": _("To the outputs"),
        "next": _("Show the outputs"),
        "first": _("Choose the labels that fit the text, or say that none applies."),
        "refused": _("Your labels were refused and are not stored:"),
        "kept": _(
            "The connection is away. Your labels are kept on this device and are sent by themselves once it is"
            " back."
        ),
        "away": _("The connection is away: other pages can be shown again once it is back."),
        "signed_out": _(
            "You are signed out. Your labels are kept on this device: sign in again in another tab, and they"
            " are sent by themselves."
        ),
    }
    return {
        **page,
        # Not the place of the verdict: a draft of labels is none of a verdict.
        "place": f"{shown.uuid}/labels",
        "address": reverse("api-labels", args=[shown.uuid]),
        "next": reverse("exposure", args=[shown.uuid]),
        "words": {**page["words"], **words},
    }
