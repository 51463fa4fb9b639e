"""The name and the e-mail address of an account, as its person changes them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import StudyChange, User
from annotations.models.people import normal_email, visible_name
from annotations.services.people import PersonRefusedError, end_sign_in_links


@transaction.atomic
def change_details(person: User, *, name: str, email: str) -> User:
    """The account as it is now. Another address is not proven until its person opens a link made for it.

    Roles stay, and so does the password. Links that were made for the earlier address end.
    """
    email = normal_email(email)
    existing = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if email != existing.email and User.objects.filter(email=email).exists():
        raise PersonRefusedError(_("Another account has this address."))
    existing.name = visible_name(name)
    if email != existing.email:
        existing.email = email
        existing.address_proven_at, existing.address_released_at = None, None
        existing.address_changed_at = timezone.now()
        end_sign_in_links(existing)
        for participant in existing.participations.select_related("study"):
            record_change(
                participant.study,
                what=StudyChange.What.PARTICIPANT,
                subject=participant.pseudonym,
                after=_("address changed"),
                by=existing,
            )
    existing.save()
    return existing
