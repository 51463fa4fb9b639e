"""To the next text or why there is none, and one's own answers."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.answer_versions import AnswerVersion
from annotations.assignment_leases import Waiting
from annotations.models import Participant, Study
from annotations.selectors.answers import answers_before, current_answers_by
from annotations.selectors.item_paragraphs import opening
from annotations.selectors.marked_texts import plain_texts
from annotations.selectors.participation import participant_share
from annotations.services.assigning import next_assignment
from annotations.views.annotate_item import waiting_page

ANSWERS_PER_PAGE = 30
# What of one's own answers is shown, by the word of the address.
KINDS: dict[str, tuple[str | Promise, Q]] = {
    "": (gettext_lazy("all"), Q()),
    "answered": (gettext_lazy("answered"), Q(skipped=False)),
    "skipped": (gettext_lazy("skipped"), Q(skipped=True)),
    "facts": (gettext_lazy("facts insufficient"), Q(facts_insufficient=True)),
    "unclear": (gettext_lazy("guideline unclear"), Q(guideline_unclear=True)),
}
HIGHEST_NUMBER = 2**31 - 1


class _Sought:
    """Filters of one's own answers, and what is wrong with them."""

    def __init__(self, request: HttpRequest) -> None:
        kind = request.GET.get("kind", "")
        self.kind = kind if kind in KINDS else ""
        self.number = request.GET.get("text", "").strip()[:20]
        self.sentence = ""
        self.rows = KINDS[self.kind][1]
        if not self.number:
            return
        is_number = self.number.isdecimal() and 0 < int(self.number) <= HIGHEST_NUMBER
        if is_number:
            self.rows &= Q(item__position=int(self.number) - 1)
        else:
            self.sentence = _("“%(sought)s” is no number of a text: write digits alone, such as 12.") % {
                "sought": self.number
            }
            self.rows = Q(pk__in=())

    @property
    def address(self) -> str:
        given = {"text": self.number, "kind": self.kind}
        return "".join(f"{urlencode({name: value})}&" for name, value in given.items() if value)


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
        return waiting_page(request, participant, "no_task")
    following = next_assignment(participant)
    if isinstance(following, Waiting):
        done, _of = participant_share(participant)
        empty = following.kind == "done" and done == 0
        return waiting_page(
            request, participant, "nothing_assigned" if empty else following.kind, until=following.until
        )
    return redirect("annotate-item", following.uuid)


@require_safe
@login_required
def my_answers(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    participant = _annotator(request, study_uuid)
    done, of = participant_share(participant)
    answers = current_answers_by(participant)
    sought = _Sought(request)
    page = Paginator(answers.filter(sought.rows), ANSWERS_PER_PAGE).get_page(request.GET.get("page"))
    earlier: defaultdict[int, list[AnswerVersion]] = defaultdict(list)
    for answer in answers_before([answer for answer in page if answer.replaces_id]):
        earlier[answer.item_id].append(AnswerVersion(answer))
    lines = [
        {
            "answer": answer,
            "opening": opening(answer.item),
            "version": AnswerVersion(answer, plain_texts(answer.item)),
            "earlier": earlier[answer.item_id],
        }
        for answer in page
    ]
    context = {
        "study": participant.study,
        "person": participant.uuid,
        "page": page,
        "lines": lines,
        "takes_revisions": participant.study.state != Study.State.CLOSED,
        "n_done": done,
        "n_of": of,
        "n_skipped": answers.filter(skipped=True).count(),
        "sought": sought.number,
        "kind": sought.kind,
        "kinds": [(kind, words) for kind, (words, _of) in KINDS.items()],
        "filters": sought.address,
        "sentence": sought.sentence,
    }
    return render(request, "annotate/my_answers.html", context)
