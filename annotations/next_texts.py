"""The next texts in the reply to an answer: each without its form, which the page repeats from another text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from annotations.assignment_leases import LeaseCounts
from annotations.models import Assignment, Study
from annotations.selectors.item_paragraphs import reading
from annotations.selectors.participation import Coverage, recent_coverage, recent_share
from annotations.services.assigning import MAX_PREFETCHED, hold_ahead

# Texts that one reply may bring: the first come soon, and no reply is long.
MOST_AT_ONCE = 3


@dataclass(frozen=True)
class Wanted:
    """What a page tells of itself: the text that it shows, those that it has ahead, and the form that it can repeat."""

    shown: UUID
    have: frozenset[str]
    form: str

    @classmethod
    def from_query(cls, given: Mapping[str, str]) -> Wanted | None:
        """None where the page asks for nothing, or not in these words: then it asks again at an address that explains."""
        try:
            shown = UUID(given.get("shown", ""))
        except ValueError:
            return None
        have = [name for name in given.get("have", "").split(",") if name]
        return cls(shown, frozenset(have), given.get("form", "")) if len(have) <= MAX_PREFETCHED else None

    @property
    def at_most(self) -> int:
        return min(MAX_PREFETCHED, len(self.have) + MOST_AT_ONCE)


@dataclass(frozen=True)
class TextWithoutForm:
    """What differs between two texts of a study that have no draft."""

    place: str
    address: str
    title: str
    seconds: int
    number: str
    before: str
    client_key: str
    html: str
    # Of what the script reads.
    page: dict[str, object]


@dataclass(frozen=True)
class Status:
    """What the head of the page shows."""

    study: Study
    n_done: int
    n_of: int
    coverage: Coverage
    saved_at: object


def form_key(study_version: int | None) -> str:
    """Names all that forms of one study share: another after any change of the study, and in another language."""
    return f"{get_language()}-{study_version or 0}"


def seconds_left(held: Assignment) -> int:
    return max(0, int((held.lease_until - timezone.now()).total_seconds()))


def next_texts_in_reply(
    request: HttpRequest, answered: Assignment, given: Mapping[str, str]
) -> dict[str, object] | None:
    """The texts after the one that the page shows by now; None where the page must ask for them with their forms."""
    wanted = Wanted.from_query(given)
    participant, study = answered.participant, answered.item.study
    if wanted is None or study.state != Study.State.OPEN:
        return None
    ahead = hold_ahead(participant, wanted.shown, at_most=wanted.at_most)
    new = [place for place, one in enumerate(ahead.held) if str(one.uuid) not in wanted.have]
    new = new[:MOST_AT_ONCE]
    has_forms = wanted.form == form_key(ahead.study_version) and ahead.created.issuperset(
        ahead.held[place].pk for place in new
    )
    if not ahead.is_shown or ahead.counts is None or not has_forms:
        return None
    prefetch_related_objects([ahead.held[place].item for place in new], "texts")
    texts = [
        _without_form(ahead.held[place], study, before=ahead.held[place - 1].uuid if place else wanted.shown)
        for place in new
    ]
    return {
        "state": study.state,
        "order": [{"place": str(one.uuid), "seconds": seconds_left(one)} for one in ahead.held],
        "texts": [asdict(text) for text in texts],
        "more": bool(new) and len(ahead.held) == wanted.at_most < MAX_PREFETCHED,
        "head": render_to_string(
            "annotate/_status.html", vars(_status(answered, ahead.counts, is_more=ahead.is_more)), request
        ),
    }


def _without_form(one: Assignment, study: Study, *, before: UUID) -> TextWithoutForm:
    place, number = str(one.uuid), {"n": one.item.position + 1}
    address = reverse("annotate-item", args=[one.uuid])
    name = _("Text %(n)s") % number
    return TextWithoutForm(
        place=place,
        address=address,
        title=f"{name} · {study.name} · HLV",
        seconds=seconds_left(one),
        number=_("Text no. %(n)s of the study") % number,
        before=reverse("annotate-item", args=[before]),
        client_key=str(uuid4()),
        html=render_to_string("_case.html", {"texts": reading(one.item), "lang": one.item.lang}),
        page={
            "place": place,
            "name": name,
            "address": reverse("api-answer", args=[one.uuid]),
            "prefetch_address": reverse("next-items", args=[one.uuid]),
            "draft": {
                "address": reverse("api-draft", args=[one.uuid]),
                "version": 0,
                "saved_at": "",
                "has_choices": False,
            },
        },
    )


def _status(answered: Assignment, counts: LeaseCounts, *, is_more: bool) -> Status:
    done = counts.n_done
    return Status(
        study=answered.item.study,
        n_done=done,
        n_of=recent_share(answered.participant, n_met=done + counts.n_open + is_more),
        coverage=recent_coverage(answered.item.study),
        saved_at=timezone.now(),
    )
