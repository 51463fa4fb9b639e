"""A person changes their own name and address."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotations.forms import DetailsForm
from annotations.models import User
from annotations.services.account_details import change_details
from annotations.services.people import PersonRefusedError
from annotations.views.people import ask_again


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_details(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    if person.only_study_id is not None:
        raise PermissionDenied("A link into one study changes no name and no address.")
    if (asked := ask_again(request, reverse("account-details"))) is not None:
        return asked
    given = request.POST if request.method == "POST" else None
    form = DetailsForm(given, initial={"name": person.name, "email": person.known_email})
    if request.method == "POST" and form.is_valid():
        try:
            change_details(person, **form.cleaned_data)
        except PersonRefusedError as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, _("Your name and address are saved."))
            return redirect("account")
    context = {"form": form}
    return render(request, "people/account_details.html", context, status=400 if form.errors else 200)
