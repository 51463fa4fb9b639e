"""What every response carries, and what no request may."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hlv.core.languages import begin_request
from hlv.core.stored_results import StoredResultError

view_type = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def content_security_policy(get_response: view_type) -> view_type:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        # Confidential texts and blind comparisons stay out of shared and back-button caches; so does the page
        # that says of a file that there is none, and bears a name.
        if not request.path.startswith("/static/") or response.status_code not in (200, 206, 304):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def follow_chosen_language(get_response: view_type) -> view_type:
    """What a signed-in person chose counts before a choice in this browser; LocaleMiddleware has read the rest."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # Logging loads this module before there are models.
        of_person = getattr(request.user, "language", "")
        begin_request(of_person or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        response = get_response(request)
        # A study may have decided since.
        response.headers["Content-Language"] = get_language() or settings.LANGUAGE_CODE
        return response

    return middleware


def refuse_lookups_in_parameters(get_response: view_type) -> view_type:
    """A parameter with `__` is a query spelled from outside: filters here come from closed lists."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if any("__" in name for name in request.GET):
            return render(
                request, "400.html", {"reason": "A parameter of this address is not known here."}, status=400
            )
        return get_response(request)

    return middleware


class UnreadableResultPage:
    """A stored result of a newer version, or a damaged one, is no fault to be logged: the page says what to do."""

    def __init__(self, get_response: view_type) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, StoredResultError):
            return None
        context = {"title": _("This result cannot be read"), "reason": exception.sentence}
        return render(request, "400.html", context, status=HTTPStatus.CONFLICT)


def client_address(request: HttpRequest) -> str:
    """Who asks: behind a proxy the last hop that it wrote down, else the other end of the connection.

    Only the last hop is the proxy's own; what stands before it is whatever the client claimed.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return _address(forwarded.rpartition(",")[2].strip()) or direct


def client_network(address: str) -> str:
    """What one client can choose its addresses from: all of an IPv6 /64 count as one."""
    try:
        given = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{given}/64", strict=False)) if given.version == 6 else str(given)


def _address(written: str) -> str:
    """What a proxy wrote, without a port; nothing where it is no address, such as "unknown"."""
    bare = written.removeprefix("[").partition("]")[0] if written.startswith("[") else written
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ip_address(bare))
    except ValueError:
        return ""


class WithoutSignInLinks(logging.Filter):
    """A refused request is logged with its address; that of a sign-in link would let a reader of the log in."""

    # Also where a page of signing in is told where to go on to.
    TOKEN = re.compile(r"((?:/|%2F)(?:sign-in|join)(?:/|%2F))[^/%\s?]+", re.IGNORECASE)

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if self.TOKEN.search(said):
            record.msg, record.args = self.TOKEN.sub(r"\1...", said), ()
        return True
