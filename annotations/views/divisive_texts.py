"""The texts that divide people, and one of them with all that was said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from annotations import policy
from annotations.answer_versions import AnswerVersion
from annotations.models import Annotation, Item, Study, User
from annotations.results.round_report import ReportedText, RoundTexts, read_round, read_round_texts
from annotations.selectors.answers import (
    MOST_REMARKS,
    REMARK_KINDS,
    REMARK_ORDERS,
    REMARK_STATES,
    answers_to,
    earlier_answers,
    label_shares,
    remarks,
    remarks_for_page,
)
from annotations.selectors.item_paragraphs import opening, reading
from annotations.selectors.marked_texts import agreement_on_item, marked_texts, plain_texts, spans_of_item
from annotations.selectors.progress import newest_report
from annotations.services.rounds import settle_remark

Row = TypeVar("Row")


@dataclass(frozen=True)
class Choice:
    """One value of a filter, as a link of the list: where it leads, and whether it is chosen."""

    words: str | Promise
    query: str
    is_chosen: bool


def chosen(given: QueryDict, options: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The value of each filter, by default its first; 404 for an unknown one."""
    found = {}
    for name, values in options.items():
        value = given.get(name) or next(iter(values))
        if value not in values:
            raise Http404(f"No such {name}.")
        found[name] = value
    return found


def choices(
    now: Mapping[str, str], words: Mapping[str, Mapping[str, str | Promise]]
) -> dict[str, list[Choice]]:
    """The links of each filter; one changes only its own, and begins at the first page."""
    return {
        name: [
            Choice(said, urlencode({**now, name: value}), now[name] == value)
            for value, said in of_filter.items()
        ]
        for name, of_filter in words.items()
    }


def page_of(rows: Sequence[Row] | QuerySet[Any, Row], given: QueryDict, *, size: int) -> Page[Row]:
    return Paginator(rows, size).get_page(given.get("page"))


REMARKS_PER_PAGE = 25
REMARK_OPTIONS = {"kind": REMARK_KINDS.keys(), "state": REMARK_STATES.keys(), "order": REMARK_ORDERS.keys()}
REMARK_WORDS: dict[str, dict[str, str | Promise]] = {
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
    now = chosen(request.GET, REMARK_OPTIONS)
    found = remarks_for_page(remarks(study, kind=now["kind"], state=now["state"], order=now["order"]))
    page = page_of(found[:MOST_REMARKS], request.GET, size=REMARKS_PER_PAGE)
    context = {
        "study": study,
        "page": page,
        "lines": [remark_line(answer, sees_names=sees_names) for answer in page],
        "filters": choices(now, REMARK_WORDS),
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
    back = chosen(request.POST, REMARK_OPTIONS)
    by = request.user if isinstance(request.user, User) else None
    settle_remark(answer, settled=request.POST.get("settled") != "no", by=by)
    if request.POST.get("from") == "item":
        return redirect("watched-item", answer.item.uuid)
    return redirect(f"{reverse('remarks', args=[study.uuid])}?{urlencode(back)}")


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
    """A text, its label distribution and its answers, live."""
    shown = item_for(request, item_uuid)
    return render(request, "progress/item.html", item_responses_context(request, shown))


def item_responses_context(request: HttpRequest, shown: Item) -> dict[str, Any]:
    """Context of an item page: its text, label distribution and answers."""
    study = shown.study
    spread = label_shares(shown)
    page = page_of(answers_to(shown), request.GET, size=ANSWERS_PER_PAGE)
    sees_names = policy.may(request.user, study, policy.Action.SEE_NAMES)
    marked = spans_of_item(shown) if study.asks_spans else []
    return {
        "study": study,
        "item": shown,
        "number": shown.position + 1,
        "texts": marked_texts(reading(shown), marked, {label.key: label.name for label, _n in spread.counts}),
        "span_agreement": agreement_on_item(marked),
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
    texts = plain_texts(shown)
    for answer in earlier_answers(shown, answers):
        before[answer.participant_id].insert(0, AnswerVersion(answer, texts))
    return [
        AnswerLine(
            who=(person := answer.participant).pseudonym,
            name=(str(person.user) if person.user else person.source) if sees_names else "",
            group=person.group,
            version=AnswerVersion(answer, texts),
            earlier=before[person.pk],
            is_settled=answer.is_settled,  # type: ignore[attr-defined]  # annotated
            is_remark=answer.is_remark,  # type: ignore[attr-defined]  # annotated
        )
        for answer in answers
    ]
