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

from annotations.account_forms import CodeForm, SetUpForm
from annotations.models import SecondFactor, User
from annotations.policy import needs_second_factor
from annotations.services.people import end_sessions
from annotations.services.second_factor import (
    enrolment,
    has_second_factor,
    n_recovery_codes_left,
    new_recovery_codes,
    new_secret,
    remove_second_factor,
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
    return render(request, "people/sign_in_code.html", {"form": form}, status=400 if form.errors else 200)


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
    if not has_second_factor(person):
        return _setting_up(request, person)
    do = request.POST.get("do", "")
    if do == "codes":
        return _codes_page(request, new_recovery_codes(person))
    if do == "remove":
        remove_second_factor(person)
        request.session.pop(HAS_FACTOR, None)
        end_sessions(person, but=request.session.session_key or "")
        messages.success(request, _("The second factor is removed."))
        return redirect("account")
    context = {
        "factor": SecondFactor.objects.get(user=person),
        "n_left": n_recovery_codes_left(person),
    }
    return render(request, "people/second_factor.html", context)


def _setting_up(request: HttpRequest, person: User) -> HttpResponse:
    # One secret for as long as the page is looked at: an app that scanned it keeps it.
    secret = request.session.setdefault(NEW_FACTOR, new_secret())
    form = SetUpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        codes = set_up(
            person, secret=secret, code=form.cleaned_data["code"], session=request.session.session_key or ""
        )
        if codes is not None:
            del request.session[NEW_FACTOR]
            return _codes_page(request, codes)
        form.add_error("code", _("This is not the code that the app shows now. Please try again."))
    context = {
        "form": form,
        "enrolment": enrolment(person, secret),
        "is_required": needs_second_factor(person),
    }
    return render(request, "people/second_factor_new.html", context, status=400 if form.errors else 200)


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "people/recovery_codes.html", {"codes": codes})
