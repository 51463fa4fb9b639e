"""One text after another, and one's own answers."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from annotations import policy
from annotations.forms import SKIP_REASONS, AnswerForm, certainty_words, first_entries
from annotations.models import Annotation, AnnotationLabel, Assignment, Item, Label, Participant, Study
from annotations.replies import SentBack, reply_to_form, revised, sent_back
from annotations.seating import Waiting
from annotations.selectors.answers import answers_of, standing_answer
from annotations.selectors.reading import opening, reading
from annotations.selectors.seats import answer_named, newest_save, seat_of
from annotations.selectors.studies import coverage, share_of
from annotations.services.annotating import record_annotation
from annotations.services.assigning import next_assignment, show_assignment

ANSWERS_PER_PAGE = 30


def _annotator(request: HttpRequest, study_uuid: UUID) -> Participant:
    study = policy.study_for(request.user, study_uuid, policy.Action.VIEW)
    if not policy.may(request.user, study, policy.Action.ANNOTATE):
        raise PermissionDenied(
            _("You are not assigned to annotate in this study. If you should be, ask the person who runs it.")
        )
    return policy.participant_for(request.user, study, Participant.Role.ANNOTATOR)


@require_safe
@login_required
def annotate(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """To the next text, or why there is none."""
    participant = _annotator(request, study_uuid)
    study = participant.study
    if study.task == Study.Task.NONE:
        return _waiting_page(request, participant, "no_task")
    following = next_assignment(participant)
    if isinstance(following, Waiting):
        done, _of = share_of(participant)
        empty = following.kind == "done" and done == 0
        return _waiting_page(
            request, participant, "nothing_assigned" if empty else following.kind, until=following.until
        )
    return redirect("seat", following.uuid)


def _waiting_page(request: HttpRequest, participant: Participant, kind: str, **more: Any) -> HttpResponse:
    done, of = share_of(participant)
    context = {"study": participant.study, "kind": kind, "n_done": done, "n_of": of, **more}
    return render(request, "annotate/waiting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def seat(request: HttpRequest, seat_uuid: UUID) -> HttpResponse:
    held = seat_of(request.user, seat_uuid)
    if held is None:
        raise Http404("No such seat.")
    study = held.item.study
    policy.require(request.user, study, policy.Action.ANNOTATE)
    labels = list(study.labels.filter(is_active=True))
    if request.method == "POST":
        return _take_answer(request, held, labels)
    standing = standing_answer(item_id=held.item_id, participant_id=held.participant_id)
    back = sent_back(request, held.uuid)
    if held.item.evidence == Item.Evidence.COUNTS:
        return _waiting_page(request, held.participant, "counted")
    show_assignment(held)
    if back is not None:
        entered = AnswerForm(back.entered, study=study, labels=labels)
        if back.is_clash:
            return _conflict_page(request, held, entered, standing, back)
        return _seat_page(request, held, entered, sentence=back.sentence, standing=standing)
    newest = study.guidelines.order_by("-version").values_list("version", flat=True).first()
    form = AnswerForm(
        initial=first_entries(study, standing=standing, guideline_version=newest), study=study, labels=labels
    )
    return _seat_page(request, held, form, standing=standing)


def _take_answer(request: HttpRequest, held: Assignment, labels: list[Label]) -> HttpResponse:
    study = held.item.study
    form = AnswerForm(request.POST, study=study, labels=labels)
    return reply_to_form(
        request,
        form,
        page="seat",
        place=held.uuid,
        record=lambda: record_annotation(
            assignment=held,
            client_key=form.cleaned_data["client_key"],
            answer=form.answer(submitted_at=timezone.now()),
            replaces=revised(form.cleaned_data["replaces"], partial(answer_named, held)),
        ),
        onward=lambda row: reverse("my-answers" if row.replaces_id else "annotate", args=[study.uuid]),
    )


def _conflict_page(
    request: HttpRequest, held: Assignment, form: AnswerForm, stored: Annotation | None, back: SentBack
) -> HttpResponse:
    """What was entered now is offered as a revision of what is stored."""
    offered = back.entered.copy()
    offered["client_key"] = str(uuid4())
    offered["replaces"] = str(stored.uuid) if stored else ""
    offered.pop("skip", None)
    context = {
        "study": held.item.study,
        "seat": held,
        "stored": stored,
        "stored_labels": _said(list(stored.labels.select_related("label"))) if stored else [],
        "sentence": back.sentence,
        "offered": [(name, value) for name, values in offered.lists() for value in values],
        "entered": [
            (row.label, step) for row in form.rows() for step in row.steps if step.checked and step.value
        ],
    }
    return render(request, "annotate/conflict.html", context)


def _seat_page(
    request: HttpRequest,
    held: Assignment,
    form: AnswerForm,
    *,
    standing: Annotation | None = None,
    sentence: str = "",
) -> HttpResponse:
    study, participant = held.item.study, held.participant
    done, of = share_of(participant)
    saved = newest_save(participant)
    now = timezone.now()
    context = {
        "study": study,
        "seat": held,
        "form": form,
        "rows": form.rows(),
        "texts": reading(held.item),
        "standing": standing,
        "sentence": sentence,
        "skip_reasons": SKIP_REASONS.items(),
        "n_done": done,
        "n_of": of,
        "coverage": coverage(study),
        "saved_at": saved.done_at if saved else None,
        "shown_at": now,
        # What annotate.js reads, through json_script: addresses and label keys, nothing of the text.
        "page": {
            "place": str(held.uuid),
            "person": str(participant.uuid),
            "address": reverse("api-answer", args=[held.uuid]),
            "next": reverse("my-answers" if standing else "annotate", args=[study.uuid]),
            "single": study.one_label_only,
            "asks_certainty": study.asks_certainty,
            "labels": {
                str(label.position): {"key": label.key, "code": label.shortcut} for label in form.labels
            },
            "shown_at": now.isoformat(),
            "words": {
                "saved": _("Saved"),
                "one_waiting": _("1 not yet saved"),
                "many_waiting": _("{n} not yet saved"),
                "restored": _("Restored what you had chosen; not yet saved"),
                "kept": _(
                    "The connection is away. Your answer is kept on this device and is sent by itself as soon as"
                    " the connection is back: keep this page open, or come back to it later."
                ),
                "signed_out": _(
                    "You are signed out. Your answer is kept on this device: sign in again in another tab, and it"
                    " is sent by itself."
                ),
                "stands": _("This text has an answer already; yours was not stored over it."),
                "see_stored": _("See the stored answer"),
                "next": _("Next text"),
                "refused": _("One answer was refused and is not stored:"),
                "in_hand": _(
                    "“{name}” is in hand and has no certainty yet: press 1 to 5, or Esc to put it down."
                ),
                "why_skip": _("Say here in a few words why you skip this text, then skip it again."),
                "keys_off": _("Turn keys off"),
                "keys_on": _("Turn keys on"),
            },
        },
    }
    return render(request, "annotate/seat.html", context)


def _said(rows: list[AnnotationLabel]) -> list[dict[str, Any]]:
    """Labels as `_answer.html` shows them: those chosen first."""
    return [
        {
            "label": row.label,
            "chosen": row.chosen,
            "certainty": row.certainty,
            "certainty_words": certainty_words(row.certainty),
        }
        for row in sorted(rows, key=lambda row: (not row.chosen, row.label.position))
    ]


@require_safe
@login_required
def my_answers(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    participant = _annotator(request, study_uuid)
    done, of = share_of(participant)
    page = Paginator(answers_of(participant), ANSWERS_PER_PAGE).get_page(request.GET.get("page"))
    skips: dict[str, Any] = dict(SKIP_REASONS)
    lines = [
        {
            "answer": answer,
            "opening": opening(answer.item),
            "rows": _said(list(answer.labels.all())),
            "skip": skips.get(answer.reason, answer.reason),
        }
        for answer in page
    ]
    context = {
        "study": participant.study,
        "page": page,
        "lines": lines,
        "n_done": done,
        "n_of": of,
    }
    return render(request, "annotate/my_answers.html", context)
