"""The language of a page: chosen by the person, else by the study that it belongs to, else by the browser."""

from __future__ import annotations

from contextvars import ContextVar

from django.conf import settings
from django.utils import translation

# Whether the person whose request this thread answers chose a language; in commands nobody is there to choose.
_IS_CHOSEN: ContextVar[bool] = ContextVar("language_is_chosen", default=True)


def is_offered(language: str) -> bool:
    return any(language == code for code, _name in settings.LANGUAGES)


def begin_request(chosen: str | None) -> None:
    """Switch to what the person chose; without a choice, the study may decide before the browser does."""
    is_chosen = bool(chosen) and is_offered(chosen or "")
    _IS_CHOSEN.set(is_chosen)
    if chosen and is_chosen:
        translation.activate(chosen)


def follow_study(language: str) -> None:
    """The pages of a study are in its language for people who chose none."""
    if language and not _IS_CHOSEN.get() and is_offered(language):
        translation.activate(language)
