"""Who sends a request: a token that may what its person may, within its scopes and studies."""

from __future__ import annotations

from typing import Final, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from annotations import policy
from annotations.models import ApiToken, Job, Study, User
from annotations.policy import Action
from annotations.services.api_tokens import valid_api_token
from metaeval.models import Campaign

# The scope that an action needs besides the right of the person. What is not named here no token may do.
SCOPE_OF: Final = {
    Action.ANNOTATE: "answer",
    Action.JUDGE: "answer",
    Action.WRITE_GUIDELINE: "write",
    Action.MANAGE: "people",
    Action.VIEW: "read",
    Action.WATCH: "read",
    Action.SEE_RESULTS: "read",
    Action.EXPORT: "read",
    Action.IMPORT: "write",
    Action.RUN_JOBS: "jobs",
}


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer hlv_…`; sessions of browsers open nothing here, so that no form can send a request."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        token = valid_api_token(parts[1].decode("latin-1")) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class TokenThrottle(SimpleRateThrottle):
    """So many requests of a token in a minute; more get 429 with Retry-After."""

    scope = "token"
    THROTTLE_RATES = {"token": "600/min"}

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        token = request.auth
        return f"api-token-{token.uuid}" if isinstance(token, ApiToken) else None


def study_for(request: Request, study_uuid: UUID, action: Action, *, scope: str | None = None) -> Study:
    """A study in which token and person may do this; one that the token is not for does not exist."""
    require_study_of_token(request, study_uuid)
    study = policy.study_for(request.user, study_uuid, action)
    require_scope(cast(ApiToken, request.auth), scope or SCOPE_OF[action])
    return study


def require_study_of_token(request: Request, study_uuid: UUID, *, of: str = "study") -> None:
    token = cast(ApiToken, request.auth)
    if not token.opens(study_uuid):
        raise Http404(f"No such {of}.")


def campaign_for(
    request: Request, campaign_uuid: UUID, action: Action, *, scope: str | None = None
) -> Campaign:
    """A campaign in whose study token and person may do this."""
    campaign = Campaign.objects.select_related("study").filter(uuid=campaign_uuid).first()
    if campaign is None:
        raise Http404("No such campaign.")
    require_study_of_token(request, campaign.study.uuid, of="campaign")
    policy.require(request.user, campaign.study, action, of="campaign")
    require_scope(cast(ApiToken, request.auth), scope or SCOPE_OF[action])
    return campaign


def job_for(request: Request, job_uuid: UUID) -> Job:
    study = Study.objects.filter(jobs__uuid=job_uuid).first()
    if study is not None:
        require_study_of_token(request, study.uuid, of="job")
    job = policy.job_for(request.user, job_uuid)
    require_scope(cast(ApiToken, request.auth), SCOPE_OF[Action.RUN_JOBS])
    return job


def require_scope(token: ApiToken, scope: str) -> None:
    if scope not in token.scopes:
        raise PermissionDenied(_("This token lacks the scope “%(scope)s”.") % {"scope": scope})
