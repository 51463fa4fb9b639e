"""Sign-in: passwords hashed a few at a time, and a lock after repeated failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from threading import Lock
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from annotations.models import User
from annotations.policy import needs_second_factor
from annotations.selectors.second_factor import has_second_factor
from annotations.services.security_log import was_here_before
from annotations.views.people import HAS_FACTOR, ONLY_STUDY
from hlv.middleware import client_address, client_network, view_type


class ConcurrencyLimit:
    """How many may work at once: in all, and of one address."""

    def __init__(self, in_all: int, of_address: int) -> None:
        self._in_all, self._of_address = in_all, of_address
        self._lock = Lock()
        self._taken: Counter[str] = Counter()

    @contextmanager
    def place(self, address: str) -> Iterator[bool]:
        """Whether there was one; never waits."""
        address = client_network(address)
        with self._lock:
            is_free = self._taken.total() < self._in_all and self._taken[address] < self._of_address
            if is_free:
                self._taken[address] += 1
        try:
            yield is_free
        finally:
            if is_free:
                with self._lock:
                    self._taken[address] -= 1
                    if not self._taken[address]:
                        del self._taken[address]


# Each takes a sixth of a second and 100 MB. One address cannot take all places.
_HASHING = ConcurrencyLimit(in_all=3, of_address=2)
# Whose request this thread answers; None in commands, where nobody else waits.
_ADDRESS: ContextVar[str | None] = ContextVar("address", default=None)
SECONDS_UNTIL_RETRY = 2


class PasswordsBusyError(Exception):
    """Too many passwords are hashed at this moment. Waiting would take threads from the pages."""


@contextmanager
def _place_to_hash() -> Iterator[None]:
    address = _ADDRESS.get()
    if address is None:
        yield
        return
    with _HASHING.place(address) as is_free:
        if not is_free:
            raise PasswordsBusyError
        yield


class FewAtATimeArgon2(Argon2PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with _place_to_hash():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _place_to_hash():
            return super().verify(password, encoded)


class RefuseWhenPasswordsBusy:
    """Answers 429 at once where a password finds no place to be hashed."""

    def __init__(self, get_response: view_type) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _ADDRESS.set(client_address(request))
        try:
            return self.get_response(request)
        finally:
            _ADDRESS.reset(token)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, PasswordsBusyError):
            return None
        page = render(request, "people/passwords_busy.html", status=HTTPStatus.TOO_MANY_REQUESTS)
        page["Retry-After"] = str(SECONDS_UNTIL_RETRY)
        return page


def network_of_request(request: HttpRequest) -> str:
    """What axes counts failures by: one address, or all of an IPv6 /64."""
    return client_network(client_address(request)).removesuffix("/64")


class ByPersonAndByAddress(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Counts failures of a person at an address, as axes does, and besides all of the address and of the account."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return (
            super().is_locked(request, credentials)
            or self._is_spraying(request)
            or self._is_guessed(request, str((credentials or {}).get("username", "")))
        )

    def _is_guessed(self, request: HttpRequest, username: str) -> bool:
        """Guessed from many addresses. Who comes from a network used before is not locked out by strangers."""
        tries = AccessAttempt.objects.filter(
            username=username, attempt_time__gte=get_cool_off_threshold(request)
        )
        n_failures = tries.aggregate(n=Sum("failures_since_start"))["n"] or 0
        return (
            bool(username)
            and n_failures >= settings.FAILURE_LIMIT_OF_ACCOUNT
            and not was_here_before(username, client_network(client_address(request)))
        )

    def _is_spraying(self, request: HttpRequest) -> bool:
        tries = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined]  # axes puts it there
            attempt_time__gte=get_cool_off_threshold(request),
        )
        n_failures = tries.aggregate(n=Sum("failures_since_start"))["n"] or 0
        return bool(n_failures >= settings.FAILURE_LIMIT_OF_ADDRESS)


# What somebody may open who must set up a second factor first.
OPEN_WITHOUT_FACTOR = frozenset(
    {
        "second-factor",
        "account",
        "confirm",
        "sign-out",
        "sign-in",
        "sign-in-code",
        "sign-in-link",
        "language",
        "look",
    }
)


class RequireSecondFactor:
    """Leads to the page that sets one up, where the setting asks it of a role of this person."""

    def __init__(self, get_response: view_type) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        is_asked = settings.SECOND_FACTOR_ROLES and isinstance(request.user, User)
        if not is_asked or match is None or match.url_name in OPEN_WITHOUT_FACTOR:
            return None
        if request.session.get(HAS_FACTOR) or not isinstance(request.user, User):
            return None
        if needs_second_factor(request.user):
            return redirect("second-factor")
        if has_second_factor(request.user):
            request.session[HAS_FACTOR] = True
        return None


def restrict_to_link_study(get_response: view_type) -> view_type:
    """Who came by a link that an owner of a study made sees that study alone: the owner may have opened it too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        only = request.session.get(ONLY_STUDY)
        if only is not None and isinstance(request.user, User):
            request.user.only_study_id = only
        return get_response(request)

    return middleware
