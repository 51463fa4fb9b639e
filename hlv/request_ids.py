"""An id of each request: in its response, in its log lines, and in those of the jobs that it starts."""

from __future__ import annotations

import logging
import re
import time
from uuid import uuid4

from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse

from hlv.core import log_context
from hlv.metrics import count_request
from hlv.middleware import view_type

logger = logging.getLogger("hlv.requests")

HEADER = "X-Request-ID"
# What proxies and libraries make: UUIDs, hexadecimal numbers, ULIDs. Nothing that could be a sentence or an address.
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")


def identify_requests(get_response: view_type) -> view_type:
    """Keep the id that a proxy gave where it is well formed, else make one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if WELL_FORMED.fullmatch(given) else uuid4().hex
        log_context.enter(request=request_id)
        begun = time.perf_counter()
        response = get_response(request)
        response.headers[HEADER] = request_id
        view, seconds = view_name(request), time.perf_counter() - begun
        count_request(method=request.method or "", view=view, status=response.status_code, seconds=seconds)
        logger.info(
            "%s %s %s",
            request.method,
            view,
            response.status_code,
            extra={
                "method": request.method,
                "view": view,
                "status": response.status_code,
                "milliseconds": round(1000 * seconds, 1),
            },
        )
        return response

    return middleware


def view_name(request: HttpRequest) -> str:
    """The name of the page. The path is not used: a stranger may write anything in it."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith("/static/") else "none"
    return match.url_name or match.route


def _forget(**_: object) -> None:
    log_context.leave()


request_finished.connect(_forget, dispatch_uid="request ids")
