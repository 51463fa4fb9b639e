"""What every response carries, and what no request may."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

type_of_view = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def content_security_policy(get_response: type_of_view) -> type_of_view:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        # Confidential texts and blind comparisons stay out of shared and back-button caches.
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def refuse_lookups_in_parameters(get_response: type_of_view) -> type_of_view:
    """A parameter with `__` is a query spelled from outside: filters here come from closed lists."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if any("__" in name for name in request.GET):
            return render(
                request, "400.html", {"reason": "A parameter of this address is not known here."}, status=400
            )
        return get_response(request)

    return middleware


def client_address(request: HttpRequest) -> str:
    """Who asks: behind a proxy the last hop that it wrote down, else the other end of the connection.

    Only the last hop is the proxy's own; what stands before it is whatever the client claimed.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


class WithoutSignInLinks(logging.Filter):
    """A refused request is logged with its address; that of a sign-in link would let a reader of the log in."""

    # Also where a page of signing in is told where to go on to.
    TOKEN = re.compile(r"((?:/|%2F)(?:sign-in|join)(?:/|%2F))[^/%\s?]+", re.IGNORECASE)

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if self.TOKEN.search(said):
            record.msg, record.args = self.TOKEN.sub(r"\1...", said), ()
        return True
