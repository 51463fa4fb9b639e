"""What every page's frame needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hlv import __version__

# What a reader may choose, as cookies of these names; the first of each is what nobody chose.
APPEARANCES: dict[str, dict[str, str | Promise]] = {
    "theme": {"system": _("As the device"), "light": _("Light"), "dark": _("Dark")},
    "reading-size": {"1": _("normal"), "2": _("larger"), "3": _("largest")},
    "reading-lines": {"1": _("normal"), "2": _("wider"), "3": _("widest")},
}
# When the dark colours hold, to be joined to other conditions by "and": of the device, always, never.
DARK_MEDIA = {"system": "(prefers-color-scheme: dark)", "dark": "(min-width: 0)", "light": "(max-width: 0)"}


@dataclass(frozen=True)
class Appearance:
    """How this reader wants pages to look."""

    theme: str
    size: str
    lines: str

    @property
    def dark_media(self) -> str:
        return DARK_MEDIA[self.theme]

    @property
    def themes(self) -> dict[str, str | Promise]:
        return APPEARANCES["theme"]

    @property
    def sizes(self) -> dict[str, str | Promise]:
        return APPEARANCES["reading-size"]

    @property
    def line_heights(self) -> dict[str, str | Promise]:
        return APPEARANCES["reading-lines"]


def chosen(request: HttpRequest, name: str) -> str:
    first, *_others = APPEARANCES[name]
    given = request.COOKIES.get(name, first)
    return given if given in APPEARANCES[name] else first


def account_key(user: AbstractBaseUser | AnonymousUser) -> str:
    """Under which answers wait on a device for whoever signs in again; it tells nothing of the person."""
    return salted_hmac("hlv.outbox", str(user.pk)).hexdigest()[:32] if user.is_authenticated else ""


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "version": __version__,
        "account": account_key(request.user) if hasattr(request, "user") else "",
        "look": Appearance(*(chosen(request, name) for name in APPEARANCES)),
        "languages": [code for code, _name in settings.LANGUAGES],
    }
