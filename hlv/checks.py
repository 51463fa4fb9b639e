"""System checks: what would make a deployment unsafe is said before it serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register(deploy=True)
def deployed_settings_are_whole(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.EMBEDDED and not settings.ALLOWED_HOSTS:
        found.append(
            Error("ALLOWED_HOSTS is empty.", hint="Name the hosts you serve, comma-separated.", id="hlv.E001")
        )
    if not settings.EMBEDDED and not settings.REDIS_URL:
        found.append(
            Error("REDIS_URL is missing.", hint="PostgreSQL goes with Redis as the broker.", id="hlv.E002")
        )
    return found
