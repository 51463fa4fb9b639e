"""The annotation page: one text and its answer, prefetched texts, and conflicts with a stored answer."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotations import policy
from annotations.answer_versions import SKIP_REASONS, AnswerVersion
from annotations.forms import AnswerForm, first_entries, grouped
from annotations.models import Annotation, Assignment, Draft, Item, Label, Participant, Study
from annotations.next_texts import MOST_AT_ONCE, form_key, seconds_left
from annotations.selectors.answers import current_answer
from annotations.selectors.changes import newest_change
from annotations.selectors.item_paragraphs import reading
from annotations.selectors.marked_texts import plain_texts
from annotations.selectors.open_items import (
    answer_named,
    draft_for,
    newest_save,
    next_finished_assignment,
    previous_assignment,
)
from annotations.selectors.participation import (
    cached_coverage,
    cached_share,
    newest_guideline,
    participant_share,
)
from annotations.services.annotating import is_empty_answer, record_annotation
from annotations.services.assigning import (
    MAX_PREFETCHED,
    may_be_shown,
    prefetched_assignments,
    show_assignment,
)
from annotations.submit_responses import NAMES_MISSING, SentBack, names_in, reply_to_form, revised, sent_back

# In the address of a text that was opened from the list of one's own answers: saving leads back there.
FROM = "from"
ANSWERS = "answers"


def waiting_page(
    request: HttpRequest, participant: Participant, kind: str, until: datetime | None = None
) -> HttpResponse:
    done, of = participant_share(participant)
    context = {"study": participant.study, "kind": kind, "n_done": done, "n_of": of, "until": until}
    return render(request, "annotate/no_text.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def annotate_item(request: HttpRequest, assignment_uuid: UUID) -> HttpResponse:
    held = policy.assignment_for(request.user, assignment_uuid)
    study = held.item.study
    labels = list(study.labels.filter(is_active=True))
    if request.method == "POST":
        return _take_answer(request, held, labels)
    existing = current_answer(item_id=held.item_id, participant_id=held.participant_id)
    back = sent_back(request, held.uuid)
    if held.item.evidence == Item.Evidence.COUNTS:
        return waiting_page(request, held.participant, "counted")
    if existing is not None and study.state == Study.State.CLOSED:
        return _closed_answer_page(request, held, existing, sentence=back.sentence if back else "")
    if back is None and existing is None and not may_be_shown(held):
        return waiting_page(request, held.participant, study.state)
    show_assignment(held)
    if back is not None:
        entered = AnswerForm(back.entered, study=study, labels=labels)
        if back.is_clash:
            return _conflict_page(request, held, entered, existing, back)
        return _item_page(request, held, entered, sentence=back.sentence, existing=existing)
    draft = draft_for(held, existing=existing)
    entries = first_entries(study, existing=existing, draft=draft, guideline_version=newest_guideline(study))
    form = AnswerForm(initial=entries, study=study, labels=labels)
    return _item_page(request, held, form, existing=existing, draft=draft)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def next_items(request: HttpRequest, assignment_uuid: UUID) -> HttpResponse:
    """Whether texts follow still. Of a POST, this text is on the screen: how far all is, and what the page has not yet.

    In a study that was paused or closed nothing follows, and nothing counts as shown: the page may be about to take
    away what it showed before it heard.
    """
    held = policy.assignment_for(request.user, assignment_uuid)
    if request.method != "POST":
        return JsonResponse({"state": held.item.study.state})
    have = names_in(request.body)
    if have is None:
        return JsonResponse({"sentence": NAMES_MISSING}, status=400)
    at_most = min(MAX_PREFETCHED, len(have) + MOST_AT_ONCE)
    ahead = prefetched_assignments(held, at_most=at_most)
    new = [place for place, one in enumerate(ahead) if str(one.uuid) not in have][:MOST_AT_ONCE]
    return JsonResponse(
        {
            "state": held.item.study.state,
            "order": [{"place": str(one.uuid), "seconds": seconds_left(one)} for one in ahead],
            "texts": _texts_ahead(request, held, ahead, new) if new else [],
            # Whether asking again would bring any: all that this reply could bring was there.
            "more": bool(new) and len(ahead) == at_most < MAX_PREFETCHED,
            "head": render_to_string("annotate/_status.html", _head(held), request),
        }
    )


def _texts_ahead(
    request: HttpRequest, held: Assignment, ahead: list[Assignment], new: list[int]
) -> list[dict[str, str | int]]:
    study = held.item.study
    labels = list(study.labels.filter(is_active=True))
    version, study_version = newest_guideline(study), newest_change(study).first()
    texts: list[dict[str, str | int]] = []
    for place in new:
        one = ahead[place]
        one.item.study, one.participant = study, held.participant
        draft = draft_for(one, existing=None)
        entries = first_entries(study, existing=None, draft=draft, guideline_version=version)
        form = AnswerForm(initial=entries, study=study, labels=labels)
        address = reverse("annotate-item", args=[one.uuid])
        context = _item_context(
            request,
            one,
            form,
            after=ahead[place - 1] if place else held,
            draft=draft,
        )
        title = _("Text %(n)s") % {"n": one.item.position + 1}
        texts.append(
            {
                "place": str(one.uuid),
                "address": address,
                "title": f"{title} · {study.name} · HLV",
                "seconds": seconds_left(one),
                # A text without a draft has the form of any other: the page may repeat it.
                "form": "" if draft else form_key(study_version),
                "html": render_to_string("annotate/_workspace.html", context, request),
            }
        )
    return texts


def _take_answer(request: HttpRequest, held: Assignment, labels: list[Label]) -> HttpResponse:
    study = held.item.study
    form = AnswerForm(request.POST, study=study, labels=labels)
    return reply_to_form(
        request,
        form,
        page="annotate-item",
        place=held.uuid,
        record=lambda: record_annotation(
            assignment=held,
            client_key=form.entry.client_key,
            answer=form.answer(submitted_at=timezone.now()),
            replaces=revised(form.entry.replaces, partial(answer_named, held)),
        ),
        onward=lambda row: _onward(request, study, is_revision=row.replaces_id is not None),
    )


def _closed_answer_page(
    request: HttpRequest, held: Assignment, existing: Annotation, *, sentence: str
) -> HttpResponse:
    """An answer of a study that is closed: to be read, since it is not revised any more."""
    prefetch_related_objects([existing], "labels__label")
    context = {
        "study": held.item.study,
        "assignment": held,
        "answered": AnswerVersion(existing, plain_texts(held.item)),
        "texts": reading(held.item),
        "sentence": sentence,
    }
    return render(request, "annotate/closed_answer.html", context)


def _conflict_page(
    request: HttpRequest, held: Assignment, form: AnswerForm, stored: Annotation | None, back: SentBack
) -> HttpResponse:
    """What was entered now is offered as a revision of what is stored."""
    offered = back.entered.copy()
    offered["client_key"] = str(uuid4())
    offered["replaces"] = str(stored.uuid) if stored else ""
    offered.pop("skip", None)
    if stored is not None:
        prefetch_related_objects([stored], "labels__label")
    context = {
        "study": held.item.study,
        "assignment": held,
        "stored": stored,
        "stored_labels": AnswerVersion(stored).rows if stored else [],
        "sentence": back.sentence,
        "offered": [(name, value) for name, values in offered.lists() for value in values],
        "entered": [
            (row.label, step) for row in form.rows() for step in row.steps if step.checked and step.value
        ],
    }
    return render(request, "annotate/conflict.html", context)


def _onward(request: HttpRequest, study: Study, *, is_revision: bool) -> str:
    """From a revision back to the list where it was opened; from all else to the next text."""
    to_answers = is_revision and request.GET.get(FROM) == ANSWERS
    return reverse("my-answers" if to_answers else "annotate", args=[study.uuid])


def _item_page(
    request: HttpRequest,
    held: Assignment,
    form: AnswerForm,
    *,
    existing: Annotation | None = None,
    sentence: str = "",
    draft: Draft | None = None,
) -> HttpResponse:
    context = _item_context(
        request,
        held,
        form,
        existing=existing,
        sentence=sentence,
        draft=draft,
        after=previous_assignment(held),
    )
    return render(request, "annotate/item.html", context | _head(held))


def _head(held: Assignment) -> dict[str, Any]:
    """Both progresses, always named, and when this person saved last."""
    done, of = cached_share(held.participant)
    saved = newest_save(held.participant)
    return {
        "study": held.item.study,
        "n_done": done,
        "n_of": of,
        "coverage": cached_coverage(held.item.study),
        "saved_at": saved.done_at if saved else None,
    }


def _item_context(
    request: HttpRequest,
    held: Assignment,
    form: AnswerForm,
    *,
    after: Assignment | None,
    existing: Annotation | None = None,
    sentence: str = "",
    draft: Draft | None = None,
) -> dict[str, Any]:
    """What `_workspace.html` shows: one text, its answer, and what the script needs to know of them."""
    study = held.item.study
    here = reverse("annotate-item", args=[held.uuid])
    if existing is not None and request.GET.get(FROM) == ANSWERS:
        here = f"{here}?{FROM}={ANSWERS}"
    version = form["guideline_version"].value()
    guideline = reverse("guideline", args=[study.uuid])
    rows = form.rows()
    return {
        "study": study,
        "assignment": held,
        "here": here,
        "before": reverse("annotate-item", args=[after.uuid]) if after else "",
        "later": _later(held) if existing is not None else "",
        "form": form,
        "rows": rows,
        "groups": grouped(rows),
        "texts": reading(held.item),
        "existing": existing,
        "skip": AnswerVersion(existing).skip if existing else "",
        "sentence": sentence,
        "skip_reasons": SKIP_REASONS.items(),
        # What annotate.js reads, through json_script: addresses and label keys, nothing of the text.
        "page": {
            "place": str(held.uuid),
            "person": str(held.participant.uuid),
            "name": _("Text %(n)s") % {"n": held.item.position + 1},
            "address": reverse("api-answer", args=[held.uuid]),
            "prefetch_address": reverse("next-items", args=[held.uuid]),
            "state": study.state,
            "next": _onward(request, study, is_revision=existing is not None),
            "guideline": f"{guideline}?version={version}" if version else guideline,
            "guideline_version": version,
            "draft": {
                "address": reverse("api-draft", args=[held.uuid]),
                "version": draft.version if draft else 0,
                "saved_at": draft.saved_at.isoformat() if draft else "",
                "has_choices": bool(draft and draft.choices),
            },
            "study": str(study.uuid),
            "single": study.one_label_only,
            "asks_certainty": study.asks_certainty,
            "asks_spans": study.asks_spans,
            "skip_reason": _own_reason(existing),
            "labels": {
                str(label.position): {"key": label.key, "code": label.shortcut} for label in form.labels
            },
            "shown_at": timezone.now().isoformat(),
            "words": page_words(study),
        },
    }


def _later(held: Assignment) -> str:
    """The next of one's finished texts, and after the last one the open text."""
    after = next_finished_assignment(held)
    return (
        reverse("annotate-item", args=[after.uuid])
        if after
        else reverse("annotate", args=[held.item.study.uuid])
    )


def _own_reason(existing: Annotation | None) -> str:
    """The words in which a text was skipped: offered again where it is skipped again."""
    is_own = existing is not None and existing.skipped and existing.reason not in SKIP_REASONS
    return existing.reason if existing is not None and is_own else ""


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
        "none_ahead": _("Without a connection: no more texts"),
        "one_ahead": _("Without a connection: 1 more text"),
        "some_ahead": _("Without a connection: {n} more texts"),
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
        "mark_for": _("Mark for:"),
        "mark_needs_label": _("Choose a label first, then mark the words that decided it."),
        "span_marked": _("“{words}” marked for {name}."),
        "span_removed": _("The mark of “{words}” is removed."),
        "show_span": _("Show “{words}” in the text"),
        "remove_span": _("Remove “{words}” from {name}"),
        "too_many_spans": _("An answer can have at most 500 marks. Remove one first."),
        "labels_found": _("{n} of {of} labels. Press ↓ or ↑, then Enter."),
        "no_label_found": _("No label has this name. Press Esc to see all."),
        "label_current": _("{name}, {place} of {n}"),
        "none_chosen": _("No label chosen yet"),
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
