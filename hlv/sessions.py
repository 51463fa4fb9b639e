"""Sessions with whose they are, an idle and an absolute limit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from annotations.models import BrowserSession
from annotations.models.security import CONFIRMED
from hlv.middleware import client_address, client_network, view_type

SIGNED_IN, SEEN, NETWORK, BROWSER = "signed_in", "seen", "network", "browser"
# A row is written so often at most while somebody works.
SECONDS_BETWEEN_SIGHTS = 300


class SessionStore(DatabaseSessions):
    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        row = cast(BrowserSession, super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        begun = data.get(SIGNED_IN)
        row.signed_in_at = datetime.fromtimestamp(begun, UTC) if begun else None
        row.network, row.browser = data.get(NETWORK, ""), data.get(BROWSER, "")
        return row


def limit_sessions(get_response: view_type) -> view_type:
    """Sign out who was away for too long, or signed in too long ago."""

    def middleware(request: HttpRequest) -> HttpResponse:
        session, now = request.session, timezone.now().timestamp()
        if SESSION_KEY in session:
            idle, age = now - session.get(SEEN, 0), now - session.get(SIGNED_IN, 0)
            if idle > settings.SESSION_IDLE_SECONDS or age > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif idle > SECONDS_BETWEEN_SIGHTS:
                session[SEEN] = now
        return get_response(request)

    return middleware


def note_sign_in(request: HttpRequest, **_: Any) -> None:
    now = timezone.now().timestamp()
    request.session[SIGNED_IN] = request.session[SEEN] = request.session[CONFIRMED] = now
    request.session[NETWORK] = client_network(client_address(request))
    request.session[BROWSER] = request.META.get("HTTP_USER_AGENT", "")[:200]


def connect_sessions() -> None:
    user_logged_in.connect(note_sign_in, weak=False, dispatch_uid="sessions")
