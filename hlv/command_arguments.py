"""What the commands about people and campaigns share: finding whom and what they name."""

from __future__ import annotations

from django.core.management.base import CommandError

from annotations.models import Study, User
from annotations.services.people import person_with_address
from metaeval.models import Campaign


def known_person(email: str) -> User:
    person = person_with_address(email)
    if person is None:
        raise CommandError(
            f"Nobody has the address {email!r} yet: hlv create-person {email} makes them known."
        )
    return person


def known_campaign(study: Study, name: str) -> Campaign:
    campaign = study.campaigns.filter(name=name).first()
    if campaign is None:
        known = ", ".join(study.campaigns.values_list("name", flat=True)[:10]) or "none yet"
        raise CommandError(f"The study {study.slug} has no campaign {name!r} (known: {known}).")
    return campaign


def campaign_of(study: Study, name: str | None) -> Campaign:
    """The campaign of this name, or the only one where none is named."""
    if name is not None:
        return known_campaign(study, name)
    campaigns = Campaign.objects.filter(study=study)
    if campaigns.count() > 1:
        known = ", ".join(campaigns.values_list("name", flat=True))
        raise CommandError(f"The study has several campaigns; name one with --campaign: {known}.")
    only = campaigns.first()
    if only is None:
        raise CommandError("The study has no judgments yet: import some with hlv import judgments.")
    return only
