"""Forms of the second factor: a code of the app, or of the paper."""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from annotations.models import User
from annotations.services.second_factor import has_second_factor, use_code

_CODE = {"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false"}


def _code_field(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Code"), max_length=20, help_text=help_text, widget=forms.TextInput(attrs={**_CODE})
    )


class SetUpForm(forms.Form):
    code = _code_field(_("The six digits that the app shows."))


class CodeForm(forms.Form):
    """A code of somebody whose password was right; wrong ones count as wrong passwords do."""

    code = _code_field(_("The six digits that your app shows, or a recovery code."))

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.request, self.user = request, user

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
        if not use_code(self.user, str(self.cleaned_data["code"])):
            user_login_failed.send(sender=CodeForm, credentials=credentials, request=self.request)
            self.add_error("code", _("This code is not right, or was used before. Please try again."))


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
            del self.fields["code"]
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
