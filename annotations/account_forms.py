"""Forms of an account: codes of the second factor, and tokens of the HTTP API."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotations.models import Study, User
from annotations.selectors.second_factor import has_second_factor
from annotations.services.api_tokens import MOST_DAYS
from annotations.services.passkeys import (
    MAX_REPLY_CHARACTERS,
    Challenge,
    PasskeyError,
    Site,
    passkey_challenge,
    use_passkey,
)
from annotations.services.second_factor import use_code

_CODE = {"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false"}

# In a session: what the reply for a new passkey, or for one that is used, must fit.
NEW_PASSKEY, USED_PASSKEY = "new_passkey", "used_passkey"
SECONDS_TO_REPLY = 10 * 60


def site_of(request: HttpRequest) -> Site:
    host = request.get_host()
    return Site(urlsplit(f"//{host}").hostname or "", f"{request.scheme}://{host}")


def remember_challenge(request: HttpRequest, name: str, challenge: Challenge) -> dict[str, Any]:
    """The options for the browser. One reply fits them, for ten minutes."""
    request.session[name] = {"at": timezone.now().timestamp(), "expected": dict(challenge.expected)}
    return dict(challenge.options)


def expected_of(request: HttpRequest, name: str) -> dict[str, Any]:
    kept = request.session.pop(name, None)
    if kept is None or timezone.now().timestamp() - kept["at"] > SECONDS_TO_REPLY:
        raise PasskeyError("Nothing was asked of the browser lately.")
    expected: dict[str, Any] = kept["expected"]
    return expected


def _code_field(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Code"), max_length=20, help_text=help_text, widget=forms.TextInput(attrs={**_CODE})
    )


class SetUpForm(forms.Form):
    code = _code_field(_("The six digits that the app shows."))


class CodeForm(forms.Form):
    """A code or passkey of somebody whose password was right; wrong ones count as wrong passwords do."""

    code = _code_field(_("The six digits that your app shows, or a recovery code."))
    # What the browser gives for a passkey, as JSON.
    passkey = forms.CharField(required=False, max_length=MAX_REPLY_CHARACTERS, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.request, self.user = request, user
        if self.data.get("passkey"):
            self.fields["code"].required = False

    def clean(self) -> None:
        super().clean()
        if not self.fields:
            raise ValidationError(_("You have no password yet. Set one first."))
        if not self.errors:
            self._check_code()

    def _check_code(self) -> None:
        credentials = {"username": self.user.email}
        if not AxesProxyHandler.is_allowed(self.request, credentials):
            raise ValidationError(_("Too many wrong codes. Wait a quarter of an hour and try again."))
        try:
            self._use(str(self.cleaned_data["code"]), str(self.cleaned_data["passkey"]))
        except ValidationError as wrong:
            user_login_failed.send(sender=CodeForm, credentials=credentials, request=self.request)
            self.add_error("code", wrong)

    def _use(self, code: str, passkey: str) -> None:
        if not passkey:
            if not use_code(self.user, code):
                raise ValidationError(_("This code is not right, or was used before. Please try again."))
            return
        try:
            expected = expected_of(self.request, USED_PASSKEY)
            use_passkey(self.user, site_of(self.request), expected=expected, reply=passkey)
        except PasskeyError as wrong:
            raise ValidationError(_("This passkey was not accepted. Try again, or enter a code.")) from wrong


class ConfirmForm(CodeForm):
    """Who is signed in shows again that it is them: by the password, and by a code where they have a second factor."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )
    field_order = ("password", "code")

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(request, user, data)
        if not has_second_factor(user):
            del self.fields["code"], self.fields["passkey"]
        if not user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        given = str(self.cleaned_data["password"])
        if authenticate(self.request, username=self.user.email, password=given) is None:
            raise ValidationError(_("This is not your password. Please try again."))
        return given

    def _check_code(self) -> None:
        if "code" in self.fields:
            super()._check_code()


def passkey_options(form: CodeForm) -> dict[str, Any] | None:
    """What the page of this form asks the browser for; None where its person has no passkey."""
    challenge = passkey_challenge(form.user, site_of(form.request)) if "passkey" in form.fields else None
    return remember_challenge(form.request, USED_PASSKEY, challenge) if challenge else None


class PasskeyForm(forms.Form):
    """A new passkey."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Such as the device: my laptop, blue key.")
    )
    passkey = forms.CharField(max_length=MAX_REPLY_CHARACTERS, widget=forms.HiddenInput)


SCOPE_WORDS = (
    ("read", _("read: studies, data and results")),
    ("write", _("write: new studies, guidelines, imports and campaigns")),
    ("jobs", _("jobs: computations")),
    ("people", _("people: participants and invitations")),
    ("answer", _("answer: annotating and judging as yourself")),
)


class TokenForm(forms.Form):
    """A new token of the HTTP API."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Such as the program that uses it."))
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=SCOPE_WORDS, widget=forms.CheckboxSelectMultiple, initial=["read"]
    )
    studies = forms.MultipleChoiceField(
        label=_("Studies"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all your studies, also future ones."),
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=MOST_DAYS, initial=90)

    def __init__(self, person: User, data: Any = None) -> None:
        super().__init__(data)
        mine = Study.objects.filter(participants__user=person, participants__is_active=True)
        self.mine = {study.slug: study for study in mine.distinct().order_by("name")}
        field = cast(forms.ChoiceField, self.fields["studies"])
        field.choices = [(slug, study.name) for slug, study in self.mine.items()]

    def clean_studies(self) -> list[Study]:
        return [self.mine[slug] for slug in self.cleaned_data["studies"]]
