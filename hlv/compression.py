"""Compression of responses where their length reveals nothing.

BREACH: who can make a browser ask for a page, choose words that the page repeats, and see how long the compressed
page is, can guess a secret in it letter by letter. So only these are compressed: replies of the API, which a browser
never asks for with somebody's token, and files and parts of pages that repeat nothing of a request. Static files are compressed
once, when they are collected.
"""

from __future__ import annotations

from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

from hlv.middleware import view_type

# Files of results, figures and progress. Whole pages are not here: their forms have a token, and repeat the address.
SAFE: Final = frozenset(
    {
        *("report-file", "campaign-table", "over-campaigns-file", "analysis-file", "training-file"),
        *("figure", "round-figure", "job-progress", "api-job"),
    }
)
OF_THE_API: Final = "v1-"


def compress_where_safe(get_response: view_type) -> view_type:
    gzip = GZipMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        return (
            cast(HttpResponse, gzip.process_response(request, response))
            if is_safe(request, response)
            else response
        )

    return middleware


def is_safe(request: HttpRequest, response: HttpResponse) -> bool:
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    known = name in SAFE or (name.startswith(OF_THE_API) and "Authorization" in request.headers)
    # A bundle is a zip.
    known = known and name != "v1-bundle-file"
    return known and request.method in ("GET", "HEAD") and response.status_code == 200
