"""Sign-in: passwords hashed a few at a time, and a lock after repeated failures."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from annotations.models import User
from annotations.views.people import ONLY_STUDY
from hlv.middleware import view_type

# Each takes a sixth of a second and 100 MB: a crowd of sign-ins must leave threads for the pages.
_PLACES = BoundedSemaphore(3)


class FewAtATimeArgon2(Argon2PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with _PLACES:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _PLACES:
            return super().verify(password, encoded)


class ByPersonAndByAddress(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Counts failures of a person at an address, as axes does, and besides all failures of the address."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return super().is_locked(request, credentials) or self._is_spraying(request)

    def _is_spraying(self, request: HttpRequest) -> bool:
        tries = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined]  # axes puts it there
            attempt_time__gte=get_cool_off_threshold(request),
        )
        n_failures = tries.aggregate(n=Sum("failures_since_start"))["n"] or 0
        return bool(n_failures >= settings.FAILURE_LIMIT_OF_ADDRESS)


def restrict_to_link_study(get_response: view_type) -> view_type:
    """Who came by a link that an owner of a study made sees that study alone: the owner may have opened it too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        only = request.session.get(ONLY_STUDY)
        if only is not None and isinstance(request.user, User):
            request.user.only_study_id = only
        return get_response(request)

    return middleware
