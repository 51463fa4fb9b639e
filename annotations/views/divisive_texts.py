"""The texts that divide people, and one of them with all that was said of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from annotations import policy
from annotations.forms import AnswerVersion
from annotations.models import Annotation, Item, Study
from annotations.results.round_report import ReportedText, RoundTexts, read_round, read_round_texts
from annotations.selectors.answers import answers_to, earlier_answers, label_shares
from annotations.selectors.item_paragraphs import opening, reading
from annotations.selectors.rounds import newest_report
from annotations.views.listing import choices, chosen, page_of

TEXTS_PER_PAGE = 20
ANSWERS_PER_PAGE = 60
OPTIONS = {"order": ("divided", "flagged"), "least": ("2", "3", "5")}
WORDS: dict[str, dict[str, str | Promise]] = {
    "order": {"divided": _("Divide people most"), "flagged": _("Flagged most")},
    "least": {
        "2": _("2 answers or more"),
        "3": _("3 answers or more"),
        "5": _("5 answers or more"),
    },
}


@require_safe
@login_required
def texts(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """As the newest report has them."""
    study = policy.study_for(request.user, study_uuid, policy.Action.WATCH)
    now = chosen(request.GET, OPTIONS)
    report = newest_report(study, with_texts=True)
    kept = read_round_texts(report) if report else RoundTexts()
    of_order, n_all = (
        (kept.flagged, kept.n_flagged) if now["order"] == "flagged" else (kept.divided, kept.n_divided)
    )
    listed = of_order
    if now["order"] == "divided":
        listed = [line for line in listed if line.n >= int(now["least"])]
    page = page_of(listed, request.GET, size=TEXTS_PER_PAGE)
    filters = choices(now, WORDS)
    if now["order"] == "flagged":
        # A flag counts however few answered.
        filters.pop("least")
    context = {
        "study": study,
        "report": report,
        "page": page,
        "lines": text_lines(study, list(page), labels=read_round(report).labels if report else []),
        "n_all": n_all,
        "n_listed": len(of_order),
        "filters": filters,
        "now": now,
        "query": urlencode(now),
    }
    return render(request, "progress/texts.html", context)


@dataclass(frozen=True)
class LabelShare:
    """A label and how many people chose it; `width` is that of its bar, in thousandths."""

    label: str
    n: int
    of: int
    width: int


@dataclass(frozen=True)
class TextLine:
    """A text of a report, with its first words; the last three count flags."""

    item: Item
    number: int
    opening: str
    entropy: float | None
    n: int
    shares: list[LabelShare]
    facts: int
    guideline: int
    skips: int


def text_lines(study: Study, listed: list[ReportedText], *, labels: list[str]) -> list[TextLine]:
    wanted = [line.item for line in listed]
    items = {
        str(item.uuid): item
        for item in Item.objects.filter(study=study, uuid__in=wanted).prefetch_related("texts")
    }
    return [
        TextLine(
            items[line.item],
            line.position + 1,
            opening(items[line.item]),
            line.entropy,
            line.n,
            _shares(labels, line.counts, line.n),
            *line.flags,
        )
        for line in listed
        # An item that nothing refers to may have been deleted since.
        if line.item in items
    ]


def _shares(labels: list[str], counts: list[int], n: int) -> list[LabelShare]:
    """Labels that somebody chose, the most chosen first."""
    given = [(name, count) for name, count in zip(labels, counts, strict=False) if count]
    given.sort(key=lambda pair: -pair[1])
    return [LabelShare(name, count, n, round(1000 * count / max(1, n))) for name, count in given]


def item_for(request: HttpRequest, item_uuid: UUID) -> Item:
    item = (
        Item.objects.select_related("study", "import_batch")
        .prefetch_related("texts")
        .filter(uuid=item_uuid)
        .first()
    )
    if item is None:
        raise Http404("No such item.")
    policy.require(request.user, item.study, policy.Action.WATCH, of="item")
    return item


@require_safe
@login_required
def item(request: HttpRequest, item_uuid: UUID) -> HttpResponse:
    """A text, how its labels are spread, and who said what; live."""
    shown = item_for(request, item_uuid)
    return render(request, "progress/item.html", item_responses_context(request, shown))


def item_responses_context(request: HttpRequest, shown: Item) -> dict[str, Any]:
    """What a page shows of an item: its text, the spread of labels, and who said what."""
    study = shown.study
    spread = label_shares(shown)
    page = page_of(answers_to(shown), request.GET, size=ANSWERS_PER_PAGE)
    sees_names = policy.may(request.user, study, policy.Action.SEE_NAMES)
    return {
        "study": study,
        "item": shown,
        "number": shown.position + 1,
        "texts": reading(shown),
        "spread": spread,
        "shares": _shares(
            [label.name for label, _n in spread.counts],
            [n for _label, n in spread.counts],
            spread.n_annotators,
        ),
        "page": page,
        "lines": _answer_lines(shown, list(page), sees_names=sees_names),
    }


@dataclass(frozen=True)
class AnswerLine:
    """A participant's current answer, and the earlier ones, the newest first."""

    who: str
    name: str
    group: str
    version: AnswerVersion
    earlier: list[AnswerVersion]
    is_settled: bool
    is_remark: bool


def _answer_lines(shown: Item, answers: list[Annotation], *, sees_names: bool) -> list[AnswerLine]:
    before: defaultdict[int, list[AnswerVersion]] = defaultdict(list)
    for answer in earlier_answers(shown, answers):
        before[answer.participant_id].insert(0, AnswerVersion(answer))
    return [
        AnswerLine(
            who=(person := answer.participant).pseudonym,
            name=(str(person.user) if person.user else person.source) if sees_names else "",
            group=person.group,
            version=AnswerVersion(answer),
            earlier=before[person.pk],
            is_settled=answer.is_settled,  # type: ignore[attr-defined]  # annotated
            is_remark=answer.is_remark,  # type: ignore[attr-defined]  # annotated
        )
        for answer in answers
    ]
