"""The second factor: the code at sign-in, and the page of the account that sets it up."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotations.account_forms import (
    NEW_PASSKEY,
    CodeForm,
    PasskeyForm,
    SetUpForm,
    expected_of,
    passkey_options,
    remember_challenge,
    site_of,
)
from annotations.encryption import decrypted, encrypted
from annotations.models import Passkey, SecondFactor, User
from annotations.policy import needs_second_factor
from annotations.selectors.second_factor import has_second_factor
from annotations.services.passkeys import (
    MAX_PASSKEYS,
    PasskeyError,
    add_passkey,
    new_passkey_challenge,
    remove_passkey,
)
from annotations.services.second_factor import (
    enrolment,
    n_recovery_codes_left,
    new_recovery_codes,
    new_secret,
    remove_app,
    set_up,
)
from annotations.views.people import HAS_FACTOR, PENDING, SignInBegun, ask_again, finish_sign_in

NEW_FACTOR = "new_factor"
SECONDS_TO_ENTER_A_CODE = 10 * 60


def _person_begun(request: HttpRequest) -> tuple[User, SignInBegun] | None:
    """Who gave the right password or opened a link in this browser a moment ago, and waits for the code."""
    kept = request.session.get(PENDING)
    if kept is None:
        return None
    begun = SignInBegun(**kept)
    person = User.objects.filter(pk=begun.user, is_active=True).first()
    if person is None or timezone.now().timestamp() - begun.at > SECONDS_TO_ENTER_A_CODE:
        return None
    # A new password ends sign-ins that wait, too.
    return (person, begun) if constant_time_compare(person.get_session_auth_hash(), begun.hash) else None


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    waiting = _person_begun(request)
    if waiting is None:
        return redirect("sign-in")
    person, begun = waiting
    form = CodeForm(request, person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        request.session.pop(PENDING, None)
        return finish_sign_in(request, person, begun)
    context = {"form": form, "passkey_options": passkey_options(form)}
    return render(request, "people/sign_in_code.html", context, status=400 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    if person.only_study_id is not None:
        raise PermissionDenied("A link into one study changes no second factor.")
    asked = ask_again(request, reverse("second-factor"))
    if asked is not None:
        return asked
    do = request.POST.get("do", "")
    if do == "add passkey":
        return _adding_passkey(request, person)
    if do == "code" or request.GET.get("add") == "app":
        return _setting_up_app(request, person)
    if do in ("remove", "remove passkey"):
        return _removing(request, person, do)
    if do == "codes" and has_second_factor(person):
        return _codes_page(request, new_recovery_codes(person))
    return _factors_page(request, person, PasskeyForm())


def _factors_page(request: HttpRequest, person: User, form: PasskeyForm) -> HttpResponse:
    site = site_of(request)
    passkeys = list(Passkey.objects.filter(user=person))
    can_add = site.can_have_passkeys and len(passkeys) < MAX_PASSKEYS
    options = None
    if can_add:
        options = remember_challenge(request, NEW_PASSKEY, new_passkey_challenge(person, site))
    context = {
        "app": SecondFactor.objects.filter(user=person).first(),
        "passkeys": passkeys,
        "has_second_factor": has_second_factor(person),
        "n_left": n_recovery_codes_left(person),
        "is_required": needs_second_factor(person),
        "passkey_form": form,
        "passkey_options": options,
    }
    return render(request, "people/second_factor.html", context, status=400 if form.errors else 200)


def _adding_passkey(request: HttpRequest, person: User) -> HttpResponse:
    form = PasskeyForm(request.POST)
    if not form.is_valid():
        return _factors_page(request, person, form)
    try:
        codes = add_passkey(
            person,
            site_of(request),
            name=form.cleaned_data["name"],
            expected=expected_of(request, NEW_PASSKEY),
            reply=form.cleaned_data["passkey"],
            session=request.session.session_key or "",
        )
    except PasskeyError:
        form.add_error(None, _("The passkey was not added. Please try again."))
        return _factors_page(request, person, form)
    return _after_adding(request, codes, _("The passkey is added."))


def _after_adding(request: HttpRequest, codes: list[str], sentence: str) -> HttpResponse:
    if codes:
        return _codes_page(request, codes)
    messages.success(request, sentence)
    return redirect("second-factor")


def _removing(request: HttpRequest, person: User, do: str) -> HttpResponse:
    session = request.session.session_key or ""
    number = request.POST.get("passkey", "")
    if do == "remove":
        remove_app(person, session=session)
    elif not number.isdecimal() or not remove_passkey(person, int(number), session=session):
        return redirect("second-factor")
    request.session.pop(HAS_FACTOR, None)
    messages.success(request, _("The app is removed.") if do == "remove" else _("The passkey is removed."))
    return redirect("second-factor" if has_second_factor(person) else "account")


def _setting_up_app(request: HttpRequest, person: User) -> HttpResponse:
    # One secret for as long as the page is looked at: an app that scanned it keeps it.
    secret = decrypted(request.session.get(NEW_FACTOR, "")) or new_secret()
    request.session[NEW_FACTOR] = encrypted(secret)
    form = SetUpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        codes = set_up(
            person, secret=secret, code=form.cleaned_data["code"], session=request.session.session_key or ""
        )
        if codes is not None:
            del request.session[NEW_FACTOR]
            return _after_adding(request, codes, _("The app is set up."))
        form.add_error("code", _("This is not the code that the app shows now. Please try again."))
    context = {
        "form": form,
        "enrolment": enrolment(person, secret),
        "is_required": needs_second_factor(person),
    }
    return render(request, "people/second_factor_new.html", context, status=400 if form.errors else 200)


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "people/recovery_codes.html", {"codes": codes})
