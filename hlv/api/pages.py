"""Lists page by page: a reply has its rows and the address of the next page."""

from __future__ import annotations

import datetime as dt
import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.models import Snapshot
from hlv.core.addresses import full_address

ROWS: Final = 100
MOST_ROWS: Final = 1000
_LONGEST_KEY: Final = 18
_UNKNOWN: Final = _("This is no cursor of this list.")
PAGE: Final = [
    OpenApiParameter("cursor", description="As the address of the next page has it."),
    OpenApiParameter("limit", int, description=f"Rows of a page, at most {MOST_ROWS}; {ROWS}."),
]
SnapshotsByKind: TypeAlias = "Mapping[str, QuerySet[Any]]"


def page_of(schema: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The schema of a page of such rows."""
    made: serializers.Serializer[Any] = inline_serializer(
        f"PageOf{schema.__name__.removesuffix('Schema')}",
        {
            "next": serializers.URLField(allow_null=True, help_text="null: this is the last page."),
            "previous": serializers.URLField(allow_null=True),
            "results": schema(many=True),
        },
    )
    return made


class Pages(CursorPagination):
    """Rows by key: a page does not move when rows are added."""

    ordering = "pk"
    page_size = ROWS
    page_size_query_param = "limit"
    max_page_size = MOST_ROWS

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        found: Any = super().paginate_queryset(queryset, request, view)
        self.base_url = full_address(request, request.get_full_path())
        return found

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        key = "" if cursor is None else str(cursor.position or "")
        if key and not (key.isdecimal() and len(key) <= _LONGEST_KEY):
            raise ValidationError({"cursor": _UNKNOWN})
        return cursor


def list_page(
    request: Request, rows: QuerySet[Any], schema: type[serializers.Serializer[Any]], **mask: object
) -> Response:
    """One page; values of `mask` replace those of every row."""
    pages = Pages()
    shown = schema(pages.paginate_queryset(rows, request), many=True).data
    return pages.get_paginated_response([{**one, **mask} for one in shown] if mask else list(shown))


def snapshots_page(request: Request, kinds: SnapshotsByKind) -> tuple[list[tuple[str, Snapshot]], str | None]:
    """The newest snapshots of all kinds after the cursor, and the address of the next page."""
    after, limit = _after(request), Pages().get_page_size(request) or ROWS
    if after is not None:
        at, uuid = after
        earlier = Q(created_at__lt=at) | Q(created_at=at, uuid__lt=uuid)
        kinds = {kind: found.filter(earlier) for kind, found in kinds.items()}
    newest = [
        [(kind, one) for one in found.order_by("-created_at", "-uuid")[: limit + 1]]
        for kind, found in kinds.items()
    ]
    merged = heapq.merge(*newest, key=lambda row: (row[1].created_at, row[1].uuid), reverse=True)
    rows = list(islice(merged, limit + 1))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], _next_address(request, rows[limit - 1][1])


def _next_address(request: Request, last: Snapshot) -> str:
    cursor = urlsafe_b64encode(f"{last.created_at.isoformat()} {last.uuid}".encode()).decode()
    asked: Sequence[tuple[str, Any]] = [
        (name, values) for name, values in request.query_params.lists() if name != "cursor"
    ]
    query = urlencode([*asked, ("cursor", cursor)], doseq=True)
    return full_address(request, f"{request.path}?{query}")


def _after(request: Request) -> tuple[dt.datetime, UUID] | None:
    cursor = request.query_params.get("cursor")
    if not cursor:
        return None
    try:
        at, uuid = urlsafe_b64decode(cursor.encode()).decode().split(" ")
        moment = dt.datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment, UUID(uuid)
    except ValueError as error:
        raise ValidationError({"cursor": _UNKNOWN}) from error
