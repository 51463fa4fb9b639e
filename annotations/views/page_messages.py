"""Messages of the script of the annotation page, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotations.models import Study
from annotations.services.annotating import is_empty_answer


def page_words(study: Study) -> dict[str, str]:
    return {
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "one_waiting": _("1 not yet saved"),
        "many_waiting": _("{n} not yet saved"),
        "not_saved": _("1 answer not saved"),
        "restored": _("Restored what you had chosen; not yet saved"),
        "kept": _(
            "The connection is away. Your answer is kept on this device, and is sent by itself once it is back."
        ),
        "signed_out": _(
            "You are signed out. Sign in again in another tab: your answer is kept on this device and is then sent."
        ),
        "closed_revision": _(
            "Annotating was closed: answers are not revised any more, and this one stands as it was."
        ),
        "no_further": _(
            "No further text is here until the connection is back; your answers are kept ({n} not yet saved)."
        ),
        "change_unsaved": _("This change is not yet saved"),
        "left_unsaved": _("Your change to {text} is not saved yet."),
        "away": _("The connection is away: other pages can be shown again once it is back."),
        "stands": _("This text has an answer already; yours was not stored over it."),
        "stands_before": _("{text} already had an answer. Yours did not replace it."),
        "see_stored": _("See the stored answer"),
        "beside": _("This is the stored answer. The other one, which you gave after it, is not stored."),
        "take_beside": _("Take up the other one"),
        "see_text": _("See that text"),
        "paused": _(
            "Annotating was paused. Your answer to this text is still taken; then no other text follows."
        ),
        "closed": _(
            "Annotating was closed. Your answer to this text is still taken; then no other text follows."
        ),
        "next": _("Next text"),
        "refused": _("One answer was refused and is not stored:"),
        "says_nothing": is_empty_answer(only_ruled_out=False),
        "only_ruled_out": is_empty_answer(only_ruled_out=True),
        "in_hand": _("“{name}” is in hand and has no certainty yet: press 1 to 5, or Esc to put it down.")
        if study.one_label_only
        else _(
            "“{name}” is in hand and has no certainty yet: press 1 to 5, 0 if it surely does not apply, or Esc to "
            "put it down."
        ),
        "why_skip": _(
            "Not skipped yet: write in the field in a few words why you skip this text, then press Ctrl+Enter or "
            "“Skip for this reason”."
        ),
        "skipped": _("Skipped."),
        "back_to_it": _("Go back to it"),
        "guideline_away": _("The connection is away: the guideline can be read once it is back."),
        "guideline_new": _("The guideline has a new version from this text on: H shows it."),
        "keys_off": _("Turn keys off"),
        "keys_on": _("Turn keys on"),
    }
