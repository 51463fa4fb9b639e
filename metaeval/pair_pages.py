"""What the page of a pair shows, at its own address and in the reply to a verdict."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from annotations.models import Study
from annotations.selectors.item_paragraphs import reading
from annotations.submissions import TOP_STEP
from metaeval.findings.judging_page import explanation, sides, verdict_script_words
from metaeval.forms.judging import CANNOT, VERDICT_BUTTONS, VerdictForm, first_entries
from metaeval.models import Comparison, Exposure, Judgment
from metaeval.selectors.exposures import (
    break_comes_after,
    break_is_due,
    cached_coverage,
    cached_share,
    done_before,
    exposure_for,
    n_done_by,
    newest_done,
    position_in_campaign,
)
from metaeval.selectors.outputs import ShownOutput, is_unchanged, shown_pair
from metaeval.selectors.protocols import asks_labels, campaign_protocol
from metaeval.services.campaigns import campaign_question
from metaeval.services.presentation import judging_state, next_exposure, reserve_after, show_exposure

# Of a template.
Context = dict[str, Any]
TAKEN_BACK = gettext_noop(
    "The outputs of your pair have changed since you saw them: it was taken back, and you go on."
)


@dataclass(frozen=True)
class PairInReply:
    """A pair that the page shows in place of the one before: nothing in it tells of methods."""

    place: str
    address: str
    title: str
    html: str
    # Until when it is reserved.
    seconds: int


@dataclass(frozen=True)
class Following:
    """Whether judging goes on, progress and last save, and the pair that the page may show next."""

    state: str
    head: str
    texts: list[PairInReply]
    order: list[dict[str, str | int]]
    # There is never more than one ahead.
    more: bool = False


# Its outputs are no longer those that the page shows.
CHANGED = "changed"


def report_shown(request: HttpRequest, shown: Exposure, *, have: Collection[str]) -> dict[str, object]:
    """Store that this pair is on the screen, and reserve the next one; the page has those of `have`.

    In a campaign that is paused or closed nothing counts as shown: the page may be about to leave it.
    """
    state = judging_state(shown.comparison.campaign)
    if state == Study.State.OPEN and not is_unchanged(shown):
        state = CHANGED
    ahead = None
    if state == Study.State.OPEN and not asks_labels(shown, campaign_protocol(shown.comparison.campaign)):
        show_exposure(shown)
        ahead = _pair_ahead(request, shown)
    found = Following(
        state=state,
        head=render_to_string("judge/_status.html", judge_context(shown), request),
        texts=[_pair_in_reply(request, ahead, after=shown)] if ahead and str(ahead.uuid) not in have else [],
        order=[{"place": str(ahead.uuid), "seconds": _seconds_left(ahead)}] if ahead else [],
    )
    return asdict(found)


def _pair_ahead(request: HttpRequest, shown: Exposure) -> Exposure | None:
    """None where a break, labels, or the end comes first, and after a verdict that is being revised."""
    campaign = shown.comparison.campaign
    n_done = n_done_by(shown.participant, campaign)
    if shown.done_at is not None or break_comes_after(campaign, n_done=n_done + 1):
        return None
    return _without_labels_to_ask(request, reserve_after(shown))


def _without_labels_to_ask(request: HttpRequest, reserved: Exposure | None) -> Exposure | None:
    found = exposure_for(request.user, reserved.uuid) if reserved else None
    if found is None or asks_labels(found, campaign_protocol(found.comparison.campaign)):
        return None
    return found


def _pair_in_reply(request: HttpRequest, ahead: Exposure, *, after: Exposure | None = None) -> PairInReply:
    context = pair_page_context(
        ahead, shown_pair(ahead), VerdictForm(initial=first_entries(None)), stored=None, after=after
    )
    title = render_to_string("judge/_title.html", context)
    return PairInReply(
        place=str(ahead.uuid),
        address=context["here"],
        title=f"{title} · {context['study'].name} · HLV",
        html=render_to_string("judge/_workspace.html", context, request),
        seconds=_seconds_left(ahead),
    )


def _seconds_left(ahead: Exposure) -> int:
    return max(0, int((ahead.lease_until - timezone.now()).total_seconds()))


def next_pair_in_reply(request: HttpRequest, judged: Exposure) -> dict[str, object] | None:
    """The pair after `judged`, where the page has none yet; None where another page comes first.

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
    ahead = _without_labels_to_ask(request, following)
    return asdict(_pair_in_reply(request, ahead)) if ahead else None


def pair_page_context(
    shown: Exposure,
    pair: tuple[ShownOutput, ShownOutput],
    form: VerdictForm,
    *,
    stored: Judgment | None,
    sentence: str = "",
    after: Exposure | None = None,
) -> Context:
    """`after`: the pair on the screen, which is judged before this one is shown."""
    judge = judge_context(shown, after=after)
    return {
        **judge,
        **pair_context(shown.comparison, pair),
        **verdict_context(form),
        "here": reverse("exposure", args=[shown.uuid]),
        "existing": stored,
        "sentence": sentence,
        "previous": after or done_before(shown),
        "page": script_settings(
            shown,
            place=judge["place"],
            draft=str(shown.uuid),
            prefetch=reverse("next-pair", args=[shown.uuid]),
            address=reverse("api-judgment", args=[shown.uuid]),
            onward=reverse("judge-next", args=[shown.comparison.campaign.uuid]),
            words=verdict_script_words(),
        ),
    }


def judge_context(shown: Exposure, *, after: Exposure | None = None) -> Context:
    """The head of a page, and the text."""
    comparison, participant = shown.comparison, shown.participant
    campaign = comparison.campaign
    saved = newest_done(participant, campaign)
    return {
        "study": campaign.study,
        "campaign": campaign,
        "exposure": shown,
        "share": cached_share(participant, campaign),
        "place": position_in_campaign(shown, after=after),
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
    shown: Exposure,
    *,
    place: int,
    draft: str,
    address: str,
    onward: str,
    words: dict[str, str],
    prefetch: str = "",
) -> dict[str, object]:
    """What the script of a page reads, through json_script: addresses and words, nothing of the outputs."""
    return {
        "place": draft,
        "name": _("Pair %(n)s") % {"n": place},
        "person": str(shown.participant.uuid),
        "address": address,
        "prefetch_address": prefetch,
        "next": onward,
        "top": TOP_STEP,
        "words": words,
    }
