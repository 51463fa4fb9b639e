"""The inbox: what annotators say to those who run the study, and what was dealt with."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from annotations import policy
from annotations.forms import AnswerVersion
from annotations.models import Annotation, User
from annotations.selectors.item_paragraphs import opening
from annotations.selectors.remarks import KINDS, MOST_REMARKS, ORDERS, STATES, for_page, remarks
from annotations.services.rounds import settle_remark
from annotations.views.listing import choices, chosen, page_of

REMARKS_PER_PAGE = 25
OPTIONS = {"kind": KINDS.keys(), "state": STATES.keys(), "order": ORDERS.keys()}
WORDS: dict[str, dict[str, str | Promise]] = {
    "kind": {
        "all": _("All remarks"),
        "comment": _("Comments"),
        "guideline": _("Guideline unclear"),
        "facts": _("Facts insufficient"),
        "skip": _("Skips"),
    },
    "state": {"waiting": _("Open"), "settled": _("Resolved"), "all": _("Both")},
    "order": {"newest": _("Newest first"), "oldest": _("Oldest first")},
}


@dataclass(frozen=True)
class RemarkLine:
    """An answer as a remark."""

    answer: Annotation
    who: str
    name: str
    group: str
    opening: str
    reason: str
    is_settled: bool


def remark_line(answer: Annotation, *, sees_names: bool) -> RemarkLine:
    person = answer.participant
    return RemarkLine(
        answer,
        who=person.pseudonym,
        name=str(person.user) if sees_names and person.user else "",
        group=person.group,
        opening=opening(answer.item),
        reason=AnswerVersion(answer).skip,
        is_settled=answer.is_settled,  # type: ignore[attr-defined]  # annotated
    )


@require_safe
@login_required
def inbox(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    study = policy.study_for(request.user, study_uuid, policy.Action.WATCH)
    sees_names = policy.may(request.user, study, policy.Action.SEE_NAMES)
    now = chosen(request.GET, OPTIONS)
    found = for_page(remarks(study, kind=now["kind"], state=now["state"], order=now["order"]))
    page = page_of(found[:MOST_REMARKS], request.GET, size=REMARKS_PER_PAGE)
    context = {
        "study": study,
        "page": page,
        "lines": [remark_line(answer, sees_names=sees_names) for answer in page],
        "filters": choices(now, WORDS),
        "now": now,
        "query": urlencode(now),
        "most": MOST_REMARKS,
    }
    return render(request, "progress/remarks.html", context)


@require_POST
@login_required
def settle(request: HttpRequest, annotation_uuid: UUID) -> HttpResponse:
    """Back to the list as it was, which the form names by its filters."""
    said = Annotation.objects.filter(remark__isnull=False, uuid=annotation_uuid)
    answer = said.select_related("item__study").first()
    if answer is None:
        raise Http404("No such remark.")
    study = answer.item.study
    policy.require(request.user, study, policy.Action.WATCH, of="remark")
    back = chosen(request.POST, OPTIONS)
    by = request.user if isinstance(request.user, User) else None
    settle_remark(answer, settled=request.POST.get("settled") != "no", by=by)
    if request.POST.get("from") == "item":
        return redirect("watched-item", answer.item.uuid)
    return redirect(f"{reverse('remarks', args=[study.uuid])}?{urlencode(back)}")
