"""Which tokens of the HTTP API open a study."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from annotations.models import ApiToken, Study, User


def studies_opened_by(token: ApiToken, person: User) -> QuerySet[Study]:
    """The studies in which the person has a role and that the token is for."""
    studies = Study.objects.filter(participants__user=person, participants__is_active=True).distinct()
    if token.is_limited:
        studies = studies.filter(pk__in=token.studies.all())
    return studies.exclude(pk__in=token.closed_studies.all())


def tokens_opening(study: Study) -> QuerySet[ApiToken]:
    """Valid tokens of people with a role here, each with these roles as `user.roles_here`."""
    members = study.participants.filter(is_active=True, user__is_active=True)
    return (
        ApiToken.objects.filter(
            Q(is_limited=False) | Q(studies=study),
            user__in=members.values("user"),
            revoked_at=None,
            expires_at__gt=timezone.now(),
        )
        .exclude(closed_studies=study)
        .select_related("user")
        .prefetch_related(
            Prefetch("user__participations", queryset=members.order_by("role"), to_attr="roles_here")
        )
        .distinct()
    )
