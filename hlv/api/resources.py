"""What all resources of the API share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from hlv.api import schemas
from hlv.api.access import BearerAuthentication, TokenThrottle
from hlv.api.problems import MEDIA_TYPE, problem_response
from hlv.api.replies import answer_once

_PROBLEM: Final = OpenApiResponse(schemas.ProblemSchema, description="A problem in RFC 9457.")


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """Responses of the schema with these statuses."""
    return {(status, MEDIA_TYPE): _PROBLEM for status in statuses}


PROBLEMS: Final = problems(401, 403, 404, 429)
WRITE_PROBLEMS: Final = PROBLEMS | problems(400, 422)
KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="The same request with the same key is done once.",
)

Sent = TypeVar("Sent", bound="Serializer[Any]")


class OwnFormat(DefaultContentNegotiation):
    """A reply in another format than a program accepts says more than 406."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """A resource: a token is needed, errors are problems."""

    authentication_classes = (BearerAuthentication,)
    permission_classes = (IsAuthenticated,)
    throttle_classes = (TokenThrottle,)
    content_negotiation_class = OwnFormat

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return problem_response


def valid(sent: Sent) -> Sent:
    """A serializer whose data are valid; else a problem with the names of the fields."""
    sent.is_valid(raise_exception=True)
    return sent


def write_once(request: Request, respond: Callable[[], Response]) -> Response:
    """What a request with a JSON body leaves, once for each idempotency key."""
    return answer_once(request, json.dumps(request.data, sort_keys=True).encode(), respond)
