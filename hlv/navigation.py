"""The tabs of a study: both apps hang their pages in here, so that neither needs to know the other."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.models import Study, User
from annotations.policy import Action, allowed_actions, roles_of


@dataclass(frozen=True)
class Tab:
    """A page of a study, shown to those who may do its action."""

    title: str | Promise
    # The name of an address that takes the study's UUID.
    page: str
    action: Action
    # Names of further pages that count as being here.
    within: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ShownTab:
    title: str | Promise
    address: str
    is_here: bool


TABS: tuple[Tab, ...] = (
    Tab(_("Overview"), "study", Action.VIEW, frozenset({"job"})),
    Tab(_("Guideline"), "guideline", Action.VIEW),
    Tab(_("Annotate"), "annotate", Action.ANNOTATE, frozenset({"seat"})),
    Tab(_("My answers"), "my-answers", Action.ANNOTATE),
)


def tabs_for(user: User | AnonymousUser, study: Study, *, here: str) -> list[ShownTab]:
    actions = allowed_actions(roles_of(user, study))
    return [
        ShownTab(tab.title, reverse(tab.page, args=[study.uuid]), here == tab.page or here in tab.within)
        for tab in TABS
        if tab.action in actions
    ]
