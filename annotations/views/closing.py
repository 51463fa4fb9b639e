"""A person closes their own account."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotations.account_forms import ConfirmForm
from annotations.models import User
from annotations.services.closing import DAYS_TO_COME_BACK, ClosingRefusedError, close_account, only_owner_of


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close_own_account(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    if person.only_study_id is not None:
        raise PermissionDenied("A link into one study closes no account.")
    form = ConfirmForm(request, person, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            close_account(person, but_session=request.session.session_key or "")
        except ClosingRefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _(
                    "Your account is closed. To reopen it within %(n)s days, ask the people who run this program."
                )
                % {"n": DAYS_TO_COME_BACK.days},
            )
            return redirect("sign-in")
    context = {"form": form, "only_owner_of": only_owner_of(person), "days": DAYS_TO_COME_BACK.days}
    return render(request, "people/close_account.html", context, status=400 if form.errors else 200)
