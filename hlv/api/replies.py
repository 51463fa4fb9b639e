"""Streams, and replies that are given once to a request that is sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final, cast

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.models import AnsweredRequest, ApiToken
from hlv.api.problems import Problem

LONGEST_KEY: Final = 100


def stream(lines: Iterable[str], media_type: str) -> StreamingHttpResponse:
    """Lines as they are made, so that memory stays flat."""
    response = StreamingHttpResponse((line.encode() for line in lines), content_type=media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def answer_once(request: Request, content: bytes, respond: Callable[[], Response]) -> Response:
    """The response, and with an `Idempotency-Key` the same one to the same request sent again.

    What is written and the reply are one transaction: after a broken connection the request is sent again without harm.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return respond()
    if not 0 < len(key) <= LONGEST_KEY:
        raise Problem(HTTPStatus.BAD_REQUEST, _("An idempotency key has 1 to 100 characters."))
    asked = f"{request.method} {request.get_full_path()} ".encode() + content
    fingerprint = hashlib.sha256(asked).hexdigest()
    with transaction.atomic():
        row, is_new = AnsweredRequest.objects.get_or_create(
            token=cast(ApiToken, request.auth), key=key, defaults={"fingerprint": fingerprint}
        )
        if row.fingerprint != fingerprint:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                _("This idempotency key belongs to another request: use a new one."),
            )
        if not is_new:
            return _reply(row.body, row.status, row.location)
        response = respond()
        row.status, row.body, row.location = response.status_code, response.data, response.get("Location", "")
        row.save(update_fields=["status", "body", "location"])
        return response


def accepted(body: object, location: str) -> Response:
    """202: the work goes on, and its state is at `location`."""
    return _reply(body, HTTPStatus.ACCEPTED, location)


def _reply(body: object, status: int, location: str) -> Response:
    return Response(body, status=status, headers={"Location": location} if location else None)
