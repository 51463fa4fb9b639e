"""Messages that the annotation page's script shows, in the reader's language."""

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
        "restored": _("Your choices are restored, not yet saved"),
        "kept_on_device": _(
            "No connection. Your answer is kept on this device and will be sent automatically."
        ),
        "signed_out": _(
            "You are signed out. Sign in again in another tab: your answer is kept on this device and is then sent."
        ),
        "closed_revision": _(
            "Annotating is closed. Answers can no longer be changed; yours is kept as it was."
        ),
        "no_more_texts": _(
            "No more texts can be loaded without a connection. Your answers are kept ({n} not yet saved)."
        ),
        "change_unsaved": _("This change is not yet saved"),
        "left_unsaved": _("Your change to {text} is not saved yet."),
        "offline": _("No connection. Other pages open again when it is back."),
        "conflict": _("This text already had an answer. Yours did not replace it."),
        "earlier_conflict": _("{text} already had an answer. Yours did not replace it."),
        "show_stored": _("Show the stored answer"),
        "stored_shown": _("This is the stored answer. Your later answer is not stored."),
        "use_unstored": _("Use my later answer"),
        "show_text": _("Show that text"),
        "paused": _("Annotating is paused. You can still answer this text. No other text follows."),
        "closed": _("Annotating is closed. You can still answer this text. No other text follows."),
        "next": _("Next text"),
        "refused": _("One answer was refused and is not stored:"),
        "empty_answer": is_empty_answer(only_ruled_out=False),
        "only_rejected": is_empty_answer(only_ruled_out=True),
        "certainty_missing": _("“{name}” selected. How certain are you? Press 1–5, or Esc to cancel.")
        if study.one_label_only
        else _(
            "“{name}” selected. How certain are you? Press 1–5, 0 if it does not apply, or Esc to cancel."
        ),
        "skip_reason_missing": _(
            "Not skipped yet. Write why you skip this text, then press Ctrl+Enter or “Skip for this reason”."
        ),
        "skipped": _("Skipped."),
        "back": _("Go back to it"),
        "guideline_offline": _("No connection. The guideline can be read when it is back."),
        "guideline_new": _("The guideline has a new version. Press H to read it."),
        "keys_off": _("Turn keys off"),
        "keys_on": _("Turn keys on"),
    }
