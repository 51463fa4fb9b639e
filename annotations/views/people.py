"""Signing in and out, and a person's own account."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from annotations.account_forms import ConfirmForm, passkey_options
from annotations.forms import NewPasswordForm, OwnAccountForm, SignInForm
from annotations.models import SignInLink, User
from annotations.models.security import CONFIRMED
from annotations.selectors.second_factor import has_second_factor
from annotations.services.people import (
    asks_whose_account,
    end_sessions,
    end_sign_in_links,
    link_with_token,
    nobody_exists,
    sessions_of,
    use_sign_in_link,
)
from hlv.core.languages import follow_study

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Who came by a link cannot be asked for a password they forgot; when they came, in seconds.
CAME_BY_LINK = "came_by_link"
# The one study of who came by a link of its owner, who might have opened the link too: see `hlv.sign_in`.
ONLY_STUDY = "only_study"
# A sign-in that waits for the second factor.
PENDING = "sign_in_begun"
# In a session: whether its person has the second factor that a setting asks for, so that not every request looks.
HAS_FACTOR = "has_factor"
# Long enough to find the page; a screen left open overnight is past it.
SECONDS_TO_SET_A_PASSWORD = 30 * 60


@dataclass(frozen=True)
class SignInBegun:
    """A sign-in whose password or link was right: whose, by what, and where it leads."""

    user: int
    hash: str
    at: float
    then: str
    by_link: bool = False
    # Of who came by a link into one study.
    only_study: int | None = None


def begin_sign_in(
    request: HttpRequest, person: User, *, then: str, by_link: bool = False, only_study: int | None = None
) -> HttpResponse:
    """At once, or after a code where the account has a second factor."""
    begun = SignInBegun(
        user=person.pk,
        hash=person.get_session_auth_hash(),
        at=timezone.now().timestamp(),
        then=then,
        by_link=by_link,
        only_study=only_study,
    )
    if not has_second_factor(person):
        return finish_sign_in(request, person, begun)
    request.session[PENDING] = asdict(begun)
    return redirect("sign-in-code")


def finish_sign_in(request: HttpRequest, person: User, begun: SignInBegun) -> HttpResponse:
    # Who had signed in by themselves before keeps all that they had.
    was_whole = request.user == person and ONLY_STUDY not in request.session
    login(request, person, backend=BACKEND)
    if begun.only_study is None:
        request.session.pop(ONLY_STUDY, None)
        if begun.by_link:
            request.session[CAME_BY_LINK] = int(timezone.now().timestamp())
    elif not was_whole:
        request.session.pop(CAME_BY_LINK, None)
        request.session[ONLY_STUDY] = begun.only_study
    return redirect(begun.then)


class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    http_method_names = ["get", "post", "head", "options"]

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context) | {
            "nobody_exists": nobody_exists(),
            "has_provider": bool(settings.OIDC_ISSUER),
        }

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        return begin_sign_in(self.request, form.get_user(), then=self.get_success_url())


class SignOut(LogoutView):
    """What browsers cached goes. Answers that wait on the device for the network stay, as the page says."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        response = super().post(request, *args, **options)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Looking shows a button only: mail programs open links by themselves and would use it up."""
    link = link_with_token(token)
    if link is not None and link.participant is not None:
        follow_study(link.participant.study.language)
    if link is not None and asks_whose_account(link):
        return _whose_account(request, token, link)
    if request.method == "POST":
        used = use_sign_in_link(token)
        if used is not None:
            return _signed_in_by(used, request)
    elif link is not None:
        return render(request, "people/sign_in_link.html", {"person": link.user, "link": link})
    return render(request, "people/sign_in_link_expired.html", status=410)


def _whose_account(request: HttpRequest, token: str, link: SignInLink) -> HttpResponse:
    """Who proves an address that an account was made with before: nothing of that account is shown."""
    do = request.POST.get("do", "")
    form = OwnAccountForm(request, link.user, request.POST if do == "keep" else None)
    if do == "new" or form.is_valid():
        used = use_sign_in_link(token, is_their_account=do == "keep")
        if used is None:
            return render(request, "people/sign_in_link_expired.html", status=410)
        messages.success(request, _("Your address is proven. Choose a password."))
        return _signed_in_by(used, request, then=reverse("account"))
    context = {"email": link.user.email, "form": form}
    return render(request, "people/confirm_address.html", context, status=400 if form.errors else 200)


def _signed_in_by(link: SignInLink, request: HttpRequest, *, then: str = "") -> HttpResponse:
    only = link.participant.study_id if link.participant else None
    return begin_sign_in(
        request, link.user, then=then or reverse("studies"), by_link=only is None, only_study=only
    )


def _came_by_link_lately(request: HttpRequest) -> bool:
    since = timezone.now().timestamp() - request.session.get(CAME_BY_LINK, 0)
    return bool(since < SECONDS_TO_SET_A_PASSWORD)


def _password_form(request: HttpRequest, person: User) -> SetPasswordForm[User]:
    entered = request.POST or None
    form: SetPasswordForm[User]
    if person.has_usable_password() and not _came_by_link_lately(request):
        form = NewPasswordForm(request, person, entered)
    else:
        form = SetPasswordForm(person, entered)
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
    if person.only_study_id is not None and not person.has_usable_password():
        # Whoever sets the first password has the account, in every study of later too.
        status = 403 if request.method == "POST" else 200
        return _account_page(request, None, status=status)
    form = _password_form(request, person)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            existing = User.objects.select_for_update(no_key=True).get(pk=person.pk)
            if existing.password != person.password:
                # Changed since this request began, and with it every session ended: this one says nothing any more.
                return redirect("account")
            form.save(commit=False)
            person.save(update_fields=["password"])
            # Whoever found one of them could else undo what was just done.
            end_sign_in_links(person)
        update_session_auth_hash(request, person)
        request.session.pop(CAME_BY_LINK, None)
        messages.success(request, _("Your password is set. From now on you can sign in with it."))
        return redirect("account")
    status = 400 if request.method == "POST" else 200
    return _account_page(request, form, status=status)


def _account_page(request: HttpRequest, form: SetPasswordForm[User] | None, *, status: int) -> HttpResponse:
    person = cast(User, request.user)
    # Who came by a link of an owner learns nothing of the person's own sessions.
    listed = [] if person.only_study_id is not None else sessions_of(person)
    context = {
        "form": form,
        "sessions": listed,
        "this_session": request.session.session_key,
        "has_second_factor": has_second_factor(person),
    }
    return render(request, "people/account.html", context, status=status)


def ask_again(request: HttpRequest, back: str) -> HttpResponse | None:
    """Where to go to confirm who one is, before a sensitive action; None where that was lately.

    Who has neither password nor second factor came by a link and has nothing to confirm with.
    """
    person = cast(User, request.user)
    since = timezone.now().timestamp() - request.session.get(CONFIRMED, 0)
    if since < settings.SECONDS_UNTIL_CONFIRMED_AGAIN or not _can_confirm(person):
        return None
    return redirect(f"{reverse('confirm')}?{urlencode({'next': back})}")


def _can_confirm(person: User) -> bool:
    return person.has_usable_password() or has_second_factor(person)


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The password once more; then back to where it was asked for."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("account")
    given = request.POST if request.method == "POST" else None
    form = ConfirmForm(request, cast(User, request.user), given)
    if request.method == "POST" and form.is_valid():
        request.session[CONFIRMED] = timezone.now().timestamp()
        messages.success(request, _("Thank you. Now send the form again."))
        return redirect(back)
    context = {"form": form, "next": back, "passkey_options": passkey_options(form)}
    return render(request, "people/confirm.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    if person.only_study_id is not None:
        raise PermissionDenied("A link into one study ends no other session.")
    n_ended = end_sessions(person, but=request.session.session_key or "")
    messages.success(
        request,
        ngettext("%(n)s other session was signed out.", "%(n)s other sessions were signed out.", n_ended)
        % {"n": n_ended},
    )
    return redirect("account")
