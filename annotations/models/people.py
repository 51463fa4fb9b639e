"""People who sign in, and the participants that answers refer to."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.models.history import Chained
from annotations.models.studies import Study


def normal_email(written: str) -> str:
    """The normal form of an e-mail address, used wherever addresses are compared or stored.

    Without regard to case, spaces around it, forms of the same letters, and the two spellings of a domain with letters
    beyond ASCII.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", written).strip().lower()).strip()
    name, at, domain = folded.rpartition("@")
    if domain.isascii() and "xn--" not in domain:
        return folded
    try:
        return f"{name}{at}{domain.encode('idna').decode('idna')}"
    except UnicodeError:
        # No domain at all: the validator of addresses refuses it in words.
        return folded


# Arabic, Persian and Indian scripts write with them, and emoji are joined by one.
_JOINERS = "\u200c\u200d"
# Letters and symbols that fonts draw as nothing.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
_HIDDEN_CATEGORIES = ("Cc", "Cf", "Co", "Cs")


def visible_name(written: str) -> str:
    """A person's name without the characters that nobody sees; empty where nothing is left to see."""
    name = unicodedata.normalize("NFC", " ".join(written.split()))
    kept = "".join(
        letter
        for letter in name
        if letter in _JOINERS
        or (letter not in _BLANKS and unicodedata.category(letter) not in _HIDDEN_CATEGORIES)
    ).strip(f" {_JOINERS}")
    return kept if any(unicodedata.category(letter)[0] in "LNPS" for letter in kept) else ""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normal_email(username or ""))


class User(AbstractBaseUser):
    """A person who signs in, by e-mail address; what they may do is said per study by Participant."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    # Of the pages; blank: the study's, else the browser's.
    language = models.CharField(max_length=10, blank=True, default="")
    is_active = models.BooleanField(default=True)
    # May create studies; everything else follows from the roles held in each study.
    may_create_studies = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # When somebody first opened a link that those who run the program made for this address.
    address_proven_at = models.DateTimeField(null=True, blank=True)
    # When the person last wrote another address themselves.
    address_changed_at = models.DateTimeField(null=True, blank=True)
    # The invitation whose link made this account, with an address that its reader wrote; null where a command made it.
    joined_by = models.ForeignKey(
        "annotations.Invitation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # When somebody else proved the address: `email` is an invented one since, and nobody signs in with it.
    address_released_at = models.DateTimeField(null=True, blank=True)
    # Issuer and subject of the identity provider by which the person signs in.
    identity = models.CharField(max_length=600, null=True, blank=True, unique=True)
    # The account is closed: its person comes back within 30 days, or what is personal goes for good.
    closed_at = models.DateTimeField(null=True, blank=True)
    # Keys of the participants whose roles ended with the account.
    closed_roles = models.JSONField(default=list, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    # Set for a request whose sign-in came from those who run one study: for it there is no other study.
    only_study_id: int | None = None
    # The study that policy opened to this request, for the security log.
    study_opened: Study | None = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower("email"))),
            models.CheckConstraint(
                name="user_released_address_is_not_proven",
                condition=Q(address_released_at__isnull=True) | Q(address_proven_at__isnull=True),
            ),
            models.CheckConstraint(
                name="user_closed_cannot_sign_in", condition=Q(closed_at__isnull=True) | Q(is_active=False)
            ),
            models.CheckConstraint(
                name="user_erased_is_closed", condition=Q(erased_at__isnull=True) | Q(closed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at is not None:
            return gettext("erased account")
        return self.name or self.email

    @property
    def known_email(self) -> str:
        """The address as people know it; none where it was released."""
        return "" if self.address_released_at else self.email


class SignInLink(models.Model):
    """A link that signs one person in, once; only the hash of its token is kept.

    One that an owner of a study made names the participant, and leads into that study alone.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    participant = models.ForeignKey(
        "annotations.Participant",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sign_in_links",
    )

    def __str__(self) -> str:
        return f"sign-in link of {self.user_id}"


class Participant(Chained):
    """One role of one person, or of one pseudonymous source of imported answers, in one study."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        RESEARCHER = "researcher", _("researcher")
        ANNOTATOR = "annotator", _("annotator")
        JUDGE = "judge", _("judge")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="participations"
    )
    source = models.CharField(max_length=500, blank=True)
    # Above 0 where a file gives one source several answers for one input and all are kept.
    source_occurrence = models.PositiveIntegerField(default=0)
    role = models.CharField(max_length=12, choices=Role.choices)
    group = models.CharField(max_length=100, blank=True)
    # "Annotator 7": the pseudonym, counted per study and role.
    number = models.PositiveIntegerField()
    is_active = models.BooleanField(default=True)
    quota = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="participant_is_a_person_or_a_source",
                condition=(Q(user__isnull=False) & Q(source="")) | (Q(user__isnull=True) & ~Q(source="")),
            ),
            models.CheckConstraint(
                name="participant_sources_only_answer",
                condition=Q(user__isnull=False) | Q(role__in=["annotator", "judge"]),
            ),
            models.CheckConstraint(
                name="participant_role_is_known",
                condition=Q(role__in=["owner", "researcher", "annotator", "judge"]),
            ),
            models.UniqueConstraint(
                F("study"),
                F("user"),
                F("role"),
                name="participant_holds_a_role_once",
                condition=Q(user__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["study", "source", "source_occurrence", "role"],
                name="participant_source_once",
                condition=Q(user__isnull=True),
            ),
            models.UniqueConstraint(fields=["study", "role", "number"], name="participant_number_once"),
            models.CheckConstraint(name="participant_numbers_begin_at_1", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="participant_quota_wants_an_answer", condition=Q(quota__isnull=True) | Q(quota__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def pseudonym(self) -> str:
        return f"{self.get_role_display().capitalize()} {self.number}"
