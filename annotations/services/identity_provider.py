"""People who come by an identity provider: whose account, and which roles its claims give."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.models import Participant, Study, User
from annotations.models.people import normal_email
from annotations.policy import needs_proof
from annotations.services.people import PersonRefusedError, new_person, person_with_address
from annotations.services.studies import StudyRefusedError, add_participant, deactivate_participant


@dataclass(frozen=True)
class RoleOfGroup:
    """Who is in this group of the provider has this role in the study, and nobody else who comes by it."""

    group: str
    study: str
    role: str


@dataclass(frozen=True)
class Identity:
    """What the provider says of a person; its signature was verified."""

    subject: str
    email: str
    is_verified: bool
    name: str
    groups: Collection[str]


@transaction.atomic
def person_of_identity(identity: Identity, roles: Sequence[RoleOfGroup] = ()) -> User:
    """The account of this identity, made if unknown, with the roles that its groups give."""
    person = User.objects.select_for_update(no_key=True).filter(identity=identity.subject).first()
    if person is None:
        person = _claimed(identity)
    if not person.is_active:
        raise PersonRefusedError(_("This account is closed."))
    for one in roles:
        _follow(person, one, identity.groups)
    return person


def _claimed(identity: Identity) -> User:
    """At the first sign-in the address tells whose account it is. Later the subject alone counts: addresses move."""
    if not identity.is_verified or not identity.email:
        raise PersonRefusedError(_("Your organization has not verified your e-mail address."))
    person = person_with_address(normal_email(identity.email))
    if person is None:
        person = new_person(email=identity.email, name=identity.name)
    elif person.identity:
        raise PersonRefusedError(_("The account with this address belongs to another person."))
    elif needs_proof(person):
        raise PersonRefusedError(
            _("Somebody else may have registered your address here. Ask the operator for a sign-in link.")
        )
    person.identity = identity.subject
    person.address_proven_at = person.address_proven_at or timezone.now()
    person.save(update_fields=["identity", "address_proven_at"])
    return person


def _follow(person: User, given: RoleOfGroup, groups: Collection[str]) -> None:
    study = Study.objects.filter(slug=given.study).first()
    if study is None:
        return
    has_role = Participant.objects.filter(study=study, user=person, role=given.role, is_active=True).exists()
    if given.group in groups and not has_role:
        add_participant(study, user=person, role=given.role)
    elif has_role and given.group not in groups:
        try:
            deactivate_participant(study, user=person, role=given.role)
        except StudyRefusedError:
            # The only owner stays: a study without one is out of reach.
            return
