"""Whether an account has a second factor."""

from __future__ import annotations

from django.db.models import Q

from annotations.models import User


def has_second_factor(person: User) -> bool:
    """An app with codes, or a passkey."""
    has_one = Q(second_factor__isnull=False) | Q(passkeys__isnull=False)
    return User.objects.filter(has_one, pk=person.pk).exists()
