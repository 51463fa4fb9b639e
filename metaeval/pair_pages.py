"""What the page of a pair shows, at its own address and in the reply to a verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotations.selectors.item_paragraphs import reading
from annotations.submissions import TOP_STEP
from metaeval.findings.judging_page import explanation, sides, verdict_script_words
from metaeval.forms.judging import CANNOT, VERDICT_BUTTONS, VerdictForm, first_entries
from metaeval.models import Comparison, Exposure, Judgment
from metaeval.selectors.exposures import (
    break_is_due,
    cached_coverage,
    cached_share,
    done_before,
    exposure_for,
    n_done_by,
    newest_done,
    position_in_campaign,
)
from metaeval.selectors.outputs import ShownOutput, shown_pair
from metaeval.selectors.protocols import asks_labels, campaign_protocol
from metaeval.services.campaigns import campaign_question
from metaeval.services.presentation import next_exposure, show_exposure

# Of a template.
Context = dict[str, Any]
TAKEN_BACK = gettext_noop(
    "The outputs of your pair have changed since you saw them: it was taken back, and you go on."
)


@dataclass(frozen=True)
class PairInReply:
    """A pair that the page shows in place of the one before, with progress and the last save."""

    address: str
    title: str
    html: str
    head: str


def next_pair_in_reply(request: HttpRequest, judged: Exposure) -> dict[str, str] | None:
    """The pair after `judged`, stored as shown; None where another page comes first.

    That page offers a break, asks for labels, or explains why no pair follows.
    """
    participant, campaign = judged.participant, judged.comparison.campaign
    taken_back: list[str] = []
    following = next_exposure(participant, campaign, on_taken_back=lambda: taken_back.append(_(TAKEN_BACK)))
    for sentence in taken_back:
        messages.warning(request, sentence)
    if taken_back or not isinstance(following, Exposure):
        return None
    if break_is_due(participant, campaign, n_done=n_done_by(participant, campaign)):
        return None
    shown = exposure_for(request.user, following.uuid)
    if shown is None or asks_labels(shown, campaign_protocol(shown.comparison.campaign)):
        return None
    show_exposure(shown)
    form = VerdictForm(initial=first_entries(None))
    context = pair_page_context(shown, shown_pair(shown), form, stored=None)
    title = render_to_string("judge/_title.html", context)
    pair = PairInReply(
        address=context["here"],
        title=f"{title} · {context['study'].name} · HLV",
        html=render_to_string("judge/_workspace.html", context, request),
        head=render_to_string("judge/_status.html", context, request),
    )
    return asdict(pair)


def pair_page_context(
    shown: Exposure,
    pair: tuple[ShownOutput, ShownOutput],
    form: VerdictForm,
    *,
    stored: Judgment | None,
    sentence: str = "",
) -> Context:
    judge = judge_context(shown)
    return {
        **judge,
        **pair_context(shown.comparison, pair),
        **verdict_context(form),
        "here": reverse("exposure", args=[shown.uuid]),
        "existing": stored,
        "sentence": sentence,
        "previous": done_before(shown),
        "page": script_settings(
            shown,
            place=judge["place"],
            draft=str(shown.uuid),
            address=reverse("api-judgment", args=[shown.uuid]),
            onward=reverse("judge-next", args=[shown.comparison.campaign.uuid]),
            words=verdict_script_words(),
        ),
    }


def judge_context(shown: Exposure) -> Context:
    """The head of a page, and the text."""
    comparison, participant = shown.comparison, shown.participant
    campaign = comparison.campaign
    saved = newest_done(participant, campaign)
    return {
        "study": campaign.study,
        "campaign": campaign,
        "exposure": shown,
        "share": cached_share(participant, campaign),
        "place": position_in_campaign(shown),
        "coverage": cached_coverage(campaign),
        "saved_at": saved.done_at if saved else None,
        **item_context(comparison),
    }


def item_context(comparison: Comparison) -> Context:
    item = comparison.item
    return {"item": item, "texts": reading(item) if item else []}


def pair_context(comparison: Comparison, pair: tuple[ShownOutput, ShownOutput]) -> Context:
    """The question and both outputs, as judges see them and as a preview shows them."""
    campaign = comparison.campaign
    protocol = campaign_protocol(campaign)
    shown = sides(*pair, threshold=campaign.threshold, protocol=protocol)
    return {
        "sides": shown,
        "question": campaign_question(campaign, of_texts=shown.are_texts),
        "threshold": f"{campaign.threshold:.2f}".rstrip("0").rstrip("."),
        "explanation": explanation(protocol),
    }


def verdict_context(form: VerdictForm) -> Context:
    """The buttons of a verdict, as judges have them and as a preview shows them."""
    return {"form": form, "buttons": VERDICT_BUTTONS, "cannot": CANNOT, "steps": form.steps()}


def script_settings(
    shown: Exposure, *, place: int, draft: str, address: str, onward: str, words: dict[str, str]
) -> dict[str, object]:
    """What the script of a page reads, through json_script: addresses and words, nothing of the outputs."""
    return {
        "place": draft,
        "name": _("Pair %(n)s") % {"n": place},
        "person": str(shown.participant.uuid),
        "address": address,
        "next": onward,
        "top": TOP_STEP,
        "words": words,
    }
