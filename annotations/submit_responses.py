"""Responses to a submit, a job request and a figure: JSON for a script, a redirect for a form.

A page that answers a POST cannot be gone back to, nor loaded anew: some browsers show an error instead. So
what a form sent and was not stored waits in the session, until its page shows it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from annotations import jobs, policy
from annotations.models import Study
from annotations.submissions import InvalidSubmissionError, Outcome
from hlv.core.figures.drawing import on_white
from hlv.core.figures.figure_files import PDF, PNG, SVG

Row = TypeVar("Row", bound=models.Model)
SENT_BACK = "sent_back"
# In the address of a page that offers to revise what is stored by what was sent.
CLASH = "clash"


def first_sentence(errors: Any) -> str:
    """One sentence of a nest of errors, with the field it belongs to."""
    if isinstance(errors, dict):
        name, inner = next(iter(errors.items()))
        said = first_sentence(inner)
        return said if name == "non_field_errors" else f"{name}: {said}"
    if isinstance(errors, list):
        return first_sentence(errors[0]) if errors else ""
    return str(errors)


def revised(uuid: UUID | None, find: Callable[[UUID], Row | None]) -> Row | None:
    """The stored answer that a submit says it replaces."""
    found = find(uuid) if uuid else None
    if uuid and found is None:
        raise Http404("No such answer.")
    return found


def invalid_input(sent: Serializer[Any]) -> Response:
    content = {"sentence": first_sentence(sent.errors), "errors": sent.errors}
    return Response(content, status=status.HTTP_400_BAD_REQUEST)


def reply_to_script(
    sent: Serializer[Any],
    *,
    record: Callable[[], Outcome[Row]],
    stored: Callable[[Row], Mapping[str, object]],
    onward: str,
    revise: str,
    more: Mapping[str, object] | None = None,
) -> Response:
    """201: stored. 200: stored before. 409: another answer exists. 400: invalid, with a sentence."""
    if not sent.is_valid():
        return invalid_input(sent)
    try:
        outcome = record()
    except InvalidSubmissionError as error:
        return Response({"sentence": str(error)}, status=status.HTTP_400_BAD_REQUEST)
    return Response(
        {
            "sentence": outcome.sentence,
            "stored": stored(outcome.row) if outcome.row else None,
            "next": onward,
            "revise": revise,
            **(more or {}),
        },
        status=outcome.status,
    )


# A page asks for what comes next, ten texts at most.
MOST_NAMES = 100
NAMES_MISSING = gettext_lazy("What the page has already is told as a list of names.")


def names_in(body: bytes) -> set[str] | None:
    """Places that a page has already; None where the request does not say."""
    try:
        have = json.loads(body)["have"]
    except (ValueError, KeyError, TypeError):
        return None
    is_list = isinstance(have, list) and len(have) <= MOST_NAMES
    return set(have) if is_list and all(isinstance(name, str) for name in have) else None


@dataclass(frozen=True)
class SentBack:
    """What a form sent that is not stored, and why."""

    entered: QueryDict
    sentence: str
    is_clash: bool


def reply_to_form(
    request: HttpRequest,
    form: Form,
    *,
    page: str,
    place: UUID,
    record: Callable[[], Outcome[Row]],
    onward: Callable[[Row], str],
) -> HttpResponse:
    """On to the next page when the answer is stored, else back to its own with what was entered."""
    if not form.is_valid():
        wrong = next(str(error) for errors in form.errors.values() for error in errors)
        return _send_back(request, page, place, wrong)
    try:
        outcome = record()
    except InvalidSubmissionError as error:
        return _send_back(request, page, place, str(error))
    if outcome.is_stored and outcome.row is not None:
        if request.session.get(SENT_BACK, {}).get("place") == str(place):
            del request.session[SENT_BACK]
        return redirect(onward(outcome.row))
    return _send_back(request, page, place, outcome.sentence, clash=True)


def _send_back(
    request: HttpRequest, page: str, place: UUID, sentence: str, *, clash: bool = False
) -> HttpResponse:
    entered = request.POST.copy()
    entered.pop("csrfmiddlewaretoken", None)
    request.session[SENT_BACK] = {
        "place": str(place),
        "sentence": sentence,
        "entered": entered.urlencode(),
        "is_clash": clash,
    }
    address = reverse(page, args=[place])
    # To the sentence itself: on a phone the head of the page alone would look as if all were well.
    return redirect(f"{address}?{CLASH}" if clash else f"{address}#error")


def sent_back(request: HttpRequest, place: UUID) -> SentBack | None:
    """What waits for this page: a mistake is shown once, a clash as often as its address is opened."""
    kept = request.session.get(SENT_BACK, {})
    if kept.get("place") != str(place) or kept["is_clash"] != (CLASH in request.GET):
        return None
    if not kept["is_clash"]:
        del request.session[SENT_BACK]
    return SentBack(QueryDict(kept["entered"]), kept["sentence"], kept["is_clash"])


def reply_with_job(
    request: HttpRequest, study: Study, kind: str, params: jobs.Params, *, same: jobs.Same | None = None
) -> HttpResponse:
    """Request a job and redirect to its page, or show why it cannot run."""
    try:
        job = jobs.request_job(study=study, kind=kind, params=params, by=request.user, same=same)
    except jobs.JobRefusedError as refusal:
        context: dict[str, Any] = {"reason": str(refusal)}
        if isinstance(refusal, jobs.MissingDataError):
            actions = policy.allowed_actions(policy.study_roles(request.user, study))
            context = {"missing": [refusal.missing], "study": study, "actions": actions}
        return render(request, "400.html", context, status=400)
    return redirect("job", job.uuid)


def reply_with_figure(
    content: bytes, media_type: str, *, name: str, download: bool, printed: bool = False
) -> HttpResponse:
    """A drawing that was kept, in a page or as a file; none but the types that this program draws."""
    ending = {SVG: "svg", PNG: "png", PDF: "pdf"}.get(media_type)
    if ending is None:
        raise Http404("No such figure.")
    if printed and media_type == SVG:
        content = on_white(content)
    kind = "attachment" if download else "inline"
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Content-Disposition": f'{kind}; filename="{name}.{ending}"',
            "X-Content-Type-Options": "nosniff",
            # A drawing holds names that people typed: opened by itself it may run and fetch nothing.
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            # A page asks twice for a drawing, to show it and to find its points: it is fetched once. The answer varies
            # by cookie, so whoever signs out takes nothing of it along.
            "Cache-Control": "private, max-age=3600",
        },
    )
