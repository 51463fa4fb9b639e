"""What enters the security log: requests by the name of their page, sign-ins by Django's signals, and commands."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from annotations.models import SecurityEvent, Study, User
from annotations.services.people import person_with_address
from annotations.services.security_log import record_event
from hlv.middleware import client_address, client_network, view_type
from metaeval.services.blindness import record_results_seen

What = SecurityEvent.What
# By method and name of an address; recorded where the request succeeded.
EVENTS: Final[Mapping[tuple[str, str], What]] = {
    **{
        ("GET", page): What.DOWNLOAD
        for page in (
            *("bundle-file", "report-file", "campaign-table", "comparisons-file"),
            *("campaign-audit-file", "import-errors", "analysis-file"),
            *("over-campaigns-file", "training-file"),
            *("v1-items", "v1-annotations", "v1-distributions", "v1-outputs"),
            *("v1-judgments", "v1-scores", "v1-result", "v1-bundle-file"),
        )
    },
    **{
        ("GET", page): What.READ
        for page in (
            *("item", "texts", "watched-item", "watched-texts", "remarks", "participant"),
            *("search", "v1-participants"),
        )
    },
    ("POST", "bundle"): What.EXPORT,
    ("POST", "v1-bundles"): What.EXPORT,
    ("POST", "account"): What.PASSWORD,
    ("POST", "end-sessions"): What.SESSIONS,
    ("POST", "close-account"): What.CLOSED,
    ("POST", "account-details"): What.DETAILS,
    ("POST", "second-factor"): What.FACTOR,
    ("POST", "retention"): What.RETENTION,
    **{
        ("POST", page): What.LINK
        for page in ("participant-link", "invitations", "invitation-renew", "v1-invitations")
    },
    **{
        ("POST", page): What.RIGHT
        for page in (
            *("participant", "join", "invitation-withdraw"),
            *("api-tokens", "api-token-revoke", "study-token-end"),
        )
    },
}
COMMANDS = frozenset(
    {
        *("add-participant", "create-person", "create-study", "deactivate-participant"),
        *("create-token", "revoke-token"),
        *("backup", "export", "import", "publish-guideline", "restore", "set-campaign", "preregister"),
        *(
            "anchor",
            "close-account",
            "reopen-account",
            "database-roles",
            "reset-second-factor",
            "security-log",
        ),
    }
)
# Pages, files and resources of the API with results of judging: of the campaign in the address, or of all of the study.
RESULTS = frozenset(
    {
        *("campaign-results", "campaign-data", "campaign-table", "campaign-report", "report-file"),
        *("campaign-runs", "campaign-audit-file", "ranking", "figure", "bundle-file", "texts", "item"),
        *("analysis", "analysis-file", "v1-results", "v1-result", "v1-judgments", "v1-bundle-file"),
        *("over-campaigns", "over-campaigns-file"),
    }
)
# Of addresses with a secret in them the page alone is recorded.
SECRET_IN_ADDRESS = frozenset({"join", "sign-in-link"})


def log_events(get_response: view_type) -> view_type:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        method = "GET" if request.method == "HEAD" else request.method
        what = EVENTS.get((method or "", match.url_name or "")) if match else None
        if (
            match
            and match.url_name in RESULTS
            and response.status_code < 400
            and isinstance(request.user, User)
        ):
            record_results_seen(request.user, request.user.study_opened, match.kwargs)
        if match and what and _is_done(response) and isinstance(request.user, User):
            key = "" if match.url_name in SECRET_IN_ADDRESS else " ".join(map(str, match.kwargs.values()))
            record_event(
                what,
                by=request.user,
                study=request.user.study_opened,
                subject=f"{match.url_name} {key}".rstrip(),
                network=_network(request),
            )
        return response

    return middleware


def _is_done(response: HttpResponse) -> bool:
    """Neither refused nor sent to give the password first."""
    return response.status_code < 400 and urlsplit(response.get("Location", "")).path != reverse("confirm")


def _network(request: HttpRequest | None) -> str:
    return client_network(client_address(request)) if request is not None else ""


def connect_sign_ins() -> None:
    user_logged_in.connect(_signed_in, weak=False, dispatch_uid="security log")
    user_logged_out.connect(_signed_out, weak=False, dispatch_uid="security log")
    user_login_failed.connect(_failed, weak=False, dispatch_uid="security log")


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    match = getattr(request, "resolver_match", None)
    record_event(What.SIGNED_IN, by=user, subject=match.url_name if match else "", network=_network(request))


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        record_event(What.SIGNED_OUT, by=user, network=_network(request))


def _failed(credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """What was typed is not recorded: it may be a password in the wrong field."""
    about = person_with_address(str(credentials.get("username", "")))
    record_event(What.SIGN_IN_FAILED, about=about, network=_network(request))


def log_command(spelled: str, rest: Sequence[str]) -> None:
    """A command that gives rights, or takes something in or away, under the name of who ran it."""
    if spelled.replace("_", "-") not in COMMANDS:
        return
    words = [word for word in rest if not word.startswith("-")]
    study = Study.objects.filter(slug__in=words).first()
    if "--erase-now" in rest:
        # The address was just erased everywhere.
        words = []
    record_event(What.COMMAND, operator=getpass.getuser(), study=study, subject=" ".join((spelled, *words)))
