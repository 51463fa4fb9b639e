"""Addresses that leave the program, with the host and port that people use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def full_address(request: HttpRequest, path: str) -> str:
    """A path below `BASE_URL`; where none is set, below the host and port of the request."""
    return f"{settings.BASE_URL}{path}" if settings.HAS_BASE_URL else request.build_absolute_uri(path)
