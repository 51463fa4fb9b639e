"""Contexts that judging pages share: header, text, pair, and messages for the scripts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from annotations.selectors.item_paragraphs import reading
from annotations.submissions import TOP_STEP
from metaeval.forms import CANNOT, VERDICT_BUTTONS, LabelChoice, LabelsForm, VerdictForm
from metaeval.models import Campaign, Comparison, Exposure
from metaeval.selectors.exposures import coverage_lately, newest_done, position_in_campaign
from metaeval.selectors.judge_quota import share_lately
from metaeval.selectors.outputs import ShownOutput
from metaeval.selectors.protocols import campaign_protocol, labels_to_choose
from metaeval.services.campaigns import campaign_question
from metaeval.views.output_cards import explanation, sides


def judge_context(shown: Exposure) -> dict[str, Any]:
    """Of a page beside a text: what the head says, and the text."""
    comparison, participant = shown.comparison, shown.participant
    campaign = comparison.campaign
    saved = newest_done(participant, campaign)
    return {
        "study": campaign.study,
        "campaign": campaign,
        "exposure": shown,
        "share": share_lately(participant, campaign),
        "place": position_in_campaign(shown),
        "coverage": coverage_lately(campaign),
        "saved_at": saved.done_at if saved else None,
        **item_text(comparison),
    }


def item_text(comparison: Comparison) -> dict[str, Any]:
    item = comparison.item
    return {"item": item, "texts": reading(item) if item else []}


def pair_context(comparison: Comparison, pair: tuple[ShownOutput, ShownOutput]) -> dict[str, Any]:
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


def verdict_form(form: VerdictForm) -> dict[str, Any]:
    """The buttons of a verdict, as judges have them and as a preview shows them."""
    return {"form": form, "buttons": VERDICT_BUTTONS, "cannot": CANNOT, "steps": form.steps()}


def labels_form(campaign: Campaign) -> list[LabelChoice]:
    """The labels as judges choose from them before a pair, none chosen."""
    return LabelsForm(study=campaign.study, labels=labels_to_choose(campaign)).choices()


def script_messages(shown: Exposure, *, place: int) -> dict[str, Any]:
    """Addresses and messages for judge.js, through json_script; no content of the outputs."""
    campaign = shown.comparison.campaign
    return {
        "place": str(shown.uuid),
        "name": _("Pair %(n)s") % {"n": place},
        "person": str(shown.participant.uuid),
        "address": reverse("api-judgment", args=[shown.uuid]),
        "next": reverse("judge-next", args=[campaign.uuid]),
        "top": TOP_STEP,
        "words": {
            "saved": _("Saved"),
            "one_waiting": _("1 not yet saved"),
            "many_waiting": _("{n} not yet saved"),
            "not_saved": _("Not saved"),
            "restored": _("Your choices are restored, not yet saved"),
            "change_unsaved": _("This change is not yet saved"),
            "left_unsaved": _("Your change to {text} is not saved yet."),
            "back": _("Go back to it"),
            "kept_on_device": _(
                "No connection. Your verdict is kept on this device and will be sent automatically. Then you can"
                " revise it."
            ),
            "offline": _("No connection. Other pages open again when it is back."),
            "signed_out": _(
                "You are signed out. Sign in again in another tab: your verdict is kept on this device and is then"
                " sent. Then you can revise it."
            ),
            "conflict": _("This pair already had a verdict. Yours did not replace it."),
            "show_stored": _("Show the stored verdict"),
            "stored_shown": _("This is the stored verdict. Your later verdict is not stored."),
            "use_unstored": _("Use my later verdict"),
            "next": _("Next pair"),
            "refused": _("One verdict was refused and is not stored:"),
            "choice_missing": _("Choose a verdict first: A, B, both good, neither good, or “Cannot judge”."),
            "reason_missing": _("Write in a few words why you cannot judge this pair."),
            "keys_off": _("Turn keys off"),
            "keys_on": _("Turn keys on"),
        },
    }
