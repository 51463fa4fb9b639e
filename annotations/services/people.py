"""People and their one-time sign-in links."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import ApiToken, BrowserSession, Participant, SignInLink, Study, StudyChange, User
from annotations.models.people import normal_email, visible_name
from annotations.policy import can_sign_in, needs_proof
from hlv.core.languages import is_offered

HOURS = 24


class PersonRefusedError(ValueError):
    """There can be no such person, or no such right for them; the sentence says why."""


@transaction.atomic
def create_person(*, email: str, name: str = "") -> User:
    """The person of this address, made if unknown, and called so from now on where a name is given.

    No password is set: they sign in by link first. The row is locked, so that the address stays theirs meanwhile.
    """
    known = _locked_person_of(email)
    if known is None:
        try:
            with transaction.atomic():
                return new_person(email=email, name=name)
        except IntegrityError:
            # Somebody took the address at this moment.
            known = _locked_person_of(email)
            if known is None:
                raise
    if name := visible_name(name):
        refuse_unproven(known)
        known.name = name
        _refuse_what_no_column_takes(known)
        known.save(update_fields=["name"])
    return known


def new_person(*, email: str, name: str = "") -> User:
    """An account for an address that has none; IntegrityError where it has one."""
    email, name = normal_email(email), visible_name(name)
    _refuse_what_no_column_takes(User(email=email, name=name))
    return User.objects.create_user(email, name=name)


@transaction.atomic
def allow_creating_studies(person: User) -> bool:
    """False where the person might do so before."""
    existing = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    refuse_unproven(existing)
    if existing.may_create_studies:
        return False
    existing.may_create_studies = True
    existing.save(update_fields=["may_create_studies"])
    return True


def refuse_unproven(person: User, study: Study | None = None) -> None:
    """No right for an account that anybody may have made under this address."""
    existing = User.objects.select_related("joined_by").get(pk=person.pk)
    if not needs_proof(existing, study):
        return
    if existing.address_released_at is not None:
        raise PersonRefusedError(_("This account no longer has an address: another person has proven it."))
    raise PersonRefusedError(
        _(
            "The address %(email)s is not proven. Somebody else may have entered it. "
            "Ask the operator for a link that proves it: hlv create-person %(email)s"
        )
        % {"email": existing.email}
    )


def choose_language(person: User, language: str) -> None:
    """Of every page from now on, on every device; blank leaves it to the study and the browser."""
    if language and not is_offered(language):
        raise PersonRefusedError(_("The pages are not translated into %(code)r.") % {"code": language})
    person.language = language
    person.save(update_fields=["language"])


def nobody_exists() -> bool:
    """An installation that nobody has used yet."""
    return not User.objects.exists()


def grant_only_person_study_creation(person: User) -> bool:
    """Let the only person of an installation create studies; return whether the right is new."""
    if person.may_create_studies or User.objects.exclude(pk=person.pk).exists():
        return False
    person.may_create_studies = True
    person.save(update_fields=["may_create_studies"])
    return True


def _refuse_what_no_column_takes(person: User) -> None:
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as invalid:
        if "email" in invalid.message_dict:
            sentence = _("%(email)r is not an e-mail address.") % {"email": person.email}
            raise PersonRefusedError(sentence) from invalid
        raise PersonRefusedError(" ".join(invalid.messages)) from invalid


def person_with_address(email: str) -> User | None:
    return User.objects.filter(email=normal_email(email)).first()


def _locked_person_of(email: str) -> User | None:
    return User.objects.select_for_update(no_key=True).filter(email=normal_email(email)).first()


def token_hash(token: str) -> str:
    """What is kept of a token that opens something: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_sign_in_link(user: User, *, hours: float = HOURS, participant: Participant | None = None) -> str:
    """The path of a link that works once; only its hash is kept. With a participant it leads into one study."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        user=user,
        token_hash=token_hash(token),
        expires_at=timezone.now() + timedelta(hours=hours),
        participant=participant,
    )
    return f"/sign-in/{token}/"


@transaction.atomic
def sign_in_person(participant: Participant, *, by: User) -> str:
    """The path of a link by which somebody who lost the way in comes back to this study; an earlier one ends."""
    if participant.user is None or not can_sign_in(participant):
        raise PersonRefusedError(
            _("You can create links only for active annotators and judges who do not manage the study.")
        )
    # Two links made at once would else both work.
    User.objects.select_for_update(no_key=True).get(pk=participant.user.pk)
    _end(SignInLink.objects.filter(participant=participant))
    _write_down(participant, after=_("sign-in link made, for %(n)s hours") % {"n": HOURS}, by=by)
    return make_sign_in_link(participant.user, participant=participant)


def link_with_token(token: str) -> SignInLink | None:
    """The link while it works; looking does not use it up."""
    link = (
        SignInLink.objects.filter(
            token_hash=token_hash(token),
            used_at__isnull=True,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .select_related("user__joined_by", "participant__study", "participant__user")
        .first()
    )
    # The person may have left, or have come to run the study, since it was made.
    return link if link and (link.participant is None or can_sign_in(link.participant)) else None


def asks_whose_account(link: SignInLink) -> bool:
    """Whether opening the link must ask who owns the account: it has the address, and the address is not proven."""
    return link.participant is None and needs_proof(link.user)


@transaction.atomic
def use_sign_in_link(token: str, *, is_their_account: bool = False) -> SignInLink | None:
    """Use the link up, and with it the person's others; of two that come together, one gets in.

    `is_their_account` counts where the link `asks_whose_account`: without it they get an account of their own.
    """
    link = link_with_token(token)
    if link is None:
        return None
    # Two links of one person, used at once, would each wait for the other's row.
    person = User.objects.select_for_update(no_key=True).get(pk=link.user.pk)
    used = SignInLink.objects.filter(
        token_hash=token_hash(token), used_at__isnull=True, expires_at__gt=timezone.now()
    ).update(used_at=timezone.now())
    if not used:
        return None
    if link.participant is None:
        # Who asked twice has one message too many, and whoever finds it would get in.
        end_sign_in_links(person)
        link.user = _with_proven_address(person, is_theirs=is_their_account)
        link.save(update_fields=["user"])
    else:
        # No owner of a study ends a link that leads further than theirs.
        _end(SignInLink.objects.filter(participant=link.participant))
        _write_down(link.participant, after=_("signed in by a link"), by=link.user)
    return link


def _with_proven_address(person: User, *, is_theirs: bool) -> User:
    """Whose the address is from now on: this account, or a new one where another made this one."""
    if person.address_proven_at is not None:
        return person
    if needs_proof(person):
        if not is_theirs:
            return _separated(person)
        _end_access(person, after=_("address proven; signed out everywhere, password ended"), by=person)
    person.address_proven_at = timezone.now()
    person.save(update_fields=["address_proven_at"])
    return person


def _separated(person: User) -> User:
    """A new account with the address of one that somebody else made, which keeps its roles and all that it answered.

    The change does not say who: those who run the other's studies learn nothing of whose address it is.
    """
    email = person.email
    _end_access(person, after=_("address released; signed out everywhere, password ended"), by=None)
    # What happened in the old account's name stays in its name; so the address moves, and no row does.
    person.email = f"{uuid4().hex}@released.invalid"
    person.address_released_at = timezone.now()
    person.save(update_fields=["email", "address_released_at"])
    made = new_person(email=email)
    made.address_proven_at = timezone.now()
    made.save(update_fields=["address_proven_at"])
    return made


@transaction.atomic
def keep_account(email: str) -> bool:
    """The account of an address that is not proven stays with who gets the next link, as those say who know them.

    All sessions of the account end, and nobody can sign in until that link is opened. False if nothing had to be proven.
    """
    person = _locked_person_of(email)
    if person is None or not needs_proof(person):
        return False
    _end_access(person, after=_("account kept; signed out everywhere, password ended"), by=None)
    person.joined_by, person.address_changed_at = None, None
    person.save(update_fields=["joined_by", "address_changed_at"])
    return True


def _end_access(person: User, *, after: str, by: User | None) -> None:
    """No session, password, link or API token leads into the account any more."""
    # Django ends the sessions of an account when its password changes.
    person.set_unusable_password()
    person.save(update_fields=["password"])
    end_sign_in_links(person)
    end_api_tokens(person)
    for participant in person.participations.select_related("study"):
        _write_down(participant, after=after, by=by)


def end_sign_in_links(user: User) -> None:
    """No link that the person has not used works any more."""
    _end(SignInLink.objects.filter(user=user))


def end_api_tokens(user: User) -> None:
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def _end(links: QuerySet[SignInLink]) -> None:
    links.filter(used_at__isnull=True, expires_at__gt=timezone.now()).update(expires_at=timezone.now())


def _write_down(participant: Participant, *, after: str, by: User | None) -> None:
    record_change(
        participant.study,
        what=StudyChange.What.PARTICIPANT,
        subject=participant.pseudonym,
        after=after,
        by=by,
    )


def sessions_of(user: User) -> QuerySet[BrowserSession]:
    """Where this person is signed in, the one used last first."""
    return BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")


def end_sessions(user: User, *, but: str) -> int:
    return BrowserSession.objects.filter(user=user).exclude(session_key=but).delete()[0]
