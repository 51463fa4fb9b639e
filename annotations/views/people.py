"""Signing in and out, and a person's own account."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotations.forms import SignInForm
from annotations.models import User
from annotations.services.people import person_of_link, use_sign_in_link

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Who came by a link cannot be asked for a password they forgot or never had.
CAME_BY_LINK = "came_by_link"


class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ["get", "post", "head", "options"]


class SignOut(LogoutView):
    http_method_names = ["post", "options"]


@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Looking shows a button only: mail programs open links by themselves and would use it up."""
    if request.method == "POST":
        person = use_sign_in_link(token)
        if person is not None:
            login(request, person, backend=BACKEND)
            request.session[CAME_BY_LINK] = True
            return redirect("studies")
    else:
        person = person_of_link(token)
        if person is not None:
            return render(request, "people/sign_in_link.html", {"person": person})
    return render(request, "people/link_gone.html", status=410)


def _password_form(request: HttpRequest, person: User) -> SetPasswordForm[User]:
    asks_old = person.has_usable_password() and not request.session.get(CAME_BY_LINK)
    kind: Any = PasswordChangeForm if asks_old else SetPasswordForm
    form: SetPasswordForm[User] = kind(person, request.POST or None)
    for field in form.fields.values():
        # The frame decides where a page begins to be read.
        field.widget.attrs.pop("autofocus", None)
        field.widget.attrs["dir"] = "ltr"
    return form


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = _password_form(request, person)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, person)
        request.session.pop(CAME_BY_LINK, None)
        messages.success(request, _("Your password is set. From now on you can sign in with it."))
        return redirect("account")
    status = 400 if request.method == "POST" else 200
    return render(request, "people/account.html", {"form": form}, status=status)
