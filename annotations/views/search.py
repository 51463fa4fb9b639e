"""Search of one's own studies, of their people and of their texts, as far as the roles show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from annotations.models import Item, Participant, Study, User
from annotations.policy import Action, actions_by_study
from annotations.selectors.item_paragraphs import opening
from annotations.selectors.search import (
    MOST_FOUND,
    found_items,
    found_people,
    items_in_order,
    own_answered_items,
)
from annotations.views.divisive_texts import page_of

FOUND_ON_A_PAGE = 25


class SearchForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Words to find"),
        max_length=100,
        help_text=gettext_lazy(
            "Name of a study; pseudonym, name or group of a person; identifier or words of a text."
        ),
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto", "autocomplete": "off"}),
    )


@dataclass(frozen=True)
class SearchLine:
    """One thing found, and the page that shows it."""

    kind: str
    title: str
    address: str
    study: str = ""
    words: str = ""
    lang: str = ""


class _Search:
    """All that one person may find with these words; texts by their keys, until a page of them is shown."""

    def __init__(self, words: str, person: User) -> None:
        self.actions = actions_by_study(person)
        parts = words.casefold().split()
        self.studies = [
            study for study in self.actions if all(part in study.name.casefold() for part in parts)
        ]
        self.people = list(
            found_people(
                words,
                self._where(Action.SEE_RESULTS),
                named_in=self._where(Action.SEE_RESULTS, Action.SEE_NAMES),
            )
        )
        self.texts = found_items(words, self._where(Action.WATCH, Action.SEE_RESULTS))
        self.own_texts = own_answered_items(words, person, self._where(Action.ANNOTATE))

    def _where(self, *wanted: Action) -> list[Study]:
        return [study for study, actions in self.actions.items() if actions.issuperset(wanted)]

    @property
    def found(self) -> list[Study | Participant | int]:
        return [*self.studies, *self.people, *self.texts, *self.own_texts]

    @property
    def is_cut(self) -> bool:
        return any(len(kind) >= MOST_FOUND for kind in (self.people, self.texts, self.own_texts))

    def lines(self, shown: Collection[Study | Participant | int]) -> list[SearchLine]:
        items = items_in_order([one for one in shown if isinstance(one, int)])
        return [
            *(_study_line(one) for one in shown if isinstance(one, Study)),
            *(self._person_line(one) for one in shown if isinstance(one, Participant)),
            *(self._text_line(item) for item in items),
        ]

    def _person_line(self, person: Participant) -> SearchLine:
        actions = self.actions[person.study]
        is_own_page = Action.MANAGE in actions
        name = str(person.user) if Action.SEE_NAMES in actions else ""
        return SearchLine(
            _("People"),
            person.pseudonym,
            reverse("participant", args=[person.uuid])
            if is_own_page
            else reverse("people", args=[person.study.uuid]),
            study=person.study.name,
            words=" · ".join(part for part in (name, person.group) if part),
        )

    def _text_line(self, item: Item) -> SearchLine:
        number = _("Text %(n)s") % {"n": item.position + 1}
        of_study = {"study": item.study.name, "words": opening(item), "lang": item.lang}
        if Action.WATCH in self.actions[item.study]:
            return SearchLine(
                _("Texts"), f"{number} · {item.key}", reverse("item", args=[item.uuid]), **of_study
            )
        address = reverse("my-answers", args=[item.study.uuid])
        return SearchLine(_("Your answers"), number, f"{address}?text={item.position + 1}", **of_study)


def _study_line(study: Study) -> SearchLine:
    return SearchLine(_("Studies"), study.name, reverse("study", args=[study.uuid]))


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    if "q" not in request.GET:
        return render(request, "search/search.html", {"form": SearchForm()})
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "search/search.html", {"form": form}, status=400)
    words = str(form.cleaned_data["q"])
    results = _Search(words, cast(User, request.user))
    page = page_of(results.found, request.GET, size=FOUND_ON_A_PAGE)
    context = {
        "form": form,
        "words": words,
        "page": page,
        "lines": results.lines(list(page)),
        "kept": f"{urlencode({'q': words})}&",
        "is_cut": results.is_cut,
        "most": MOST_FOUND,
    }
    return render(request, "search/search.html", context)
