"""People of a study and invitations to it; and what somebody sees who opens such a link."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID, uuid5

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.forms import JoinForm
from annotations.models import Invitation, Participant, Study, User
from annotations.policy import (
    Action,
    allowed_actions,
    can_sign_in,
    may,
    needs_proof,
    require,
    study_for,
    study_roles,
)
from annotations.selectors.assignment_preview import assignment_preview
from annotations.selectors.participation import count_sources, is_only_owner, open_invitations, people_in
from annotations.services.invitations import (
    AddressIsKnownError,
    InvitationRefusedError,
    accept_invitation,
    invitation_with_token,
    invite,
    join_as_new_person,
    renew_invitation,
    why_closed,
    withdraw_invitation,
)
from annotations.services.people import HOURS, PersonRefusedError, sign_in_person
from annotations.services.studies import (
    StudyRefusedError,
    add_participant,
    change_participant,
    deactivate_participant,
)
from annotations.study_forms import InvitationForm, ParticipantForm
from annotations.views.people import ask_again
from hlv.core.addresses import full_address
from hlv.core.languages import follow_study

BACKEND = "django.contrib.auth.backends.ModelBackend"
PEOPLE_ON_A_PAGE = 100
INVITATIONS_ON_A_PAGE = 100


@require_safe
@login_required
def people(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Who takes part, as what, and how far each is; names only where the role says so."""
    study = study_for(request.user, study_uuid, Action.SEE_RESULTS)
    page = Paginator(people_in(study), PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": study,
        "page": page,
        "unproven": {one.pk for one in page if one.user is not None and needs_proof(one.user, study)},
        "n_sources": count_sources(study),
        "sees_names": may(request.user, study, Action.SEE_NAMES),
        "manages": may(request.user, study, Action.MANAGE),
    }
    return render(request, "people/people.html", context)


def _participant_for(request: HttpRequest, participant_uuid: UUID) -> Participant:
    """A participant who is a person: imported sources have no page."""
    found = (
        Participant.objects.filter(uuid=participant_uuid, user__isnull=False)
        .select_related("study", "user__joined_by")
        .first()
    )
    if found is None:
        raise Http404("No such participant.")
    require(request.user, found.study, Action.MANAGE, of="participant")
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def participant(request: HttpRequest, participant_uuid: UUID) -> HttpResponse:
    """Group and quota of one person, and whether they still take part."""
    shown = _participant_for(request, participant_uuid)
    if request.method != "POST":
        form = ParticipantForm(initial={"group": shown.group, "quota": shown.quota})
        return _participant_page(request, shown, form)
    form = ParticipantForm(request.POST)
    if not form.is_valid():
        return _participant_page(request, shown, form)
    try:
        _do(request.POST.get("do", ""), shown, form, by=cast(User, request.user))
    except StudyRefusedError as refused:
        form.add_error(None, str(refused))
        return _participant_page(request, shown, form)
    messages.success(request, _("%(pseudonym)s is saved.") % {"pseudonym": shown.pseudonym})
    if not may(request.user, shown.study, Action.MANAGE):
        # Who gave up their own role sees what is left to them.
        return redirect("studies")
    return redirect("people", shown.study.uuid)


@transaction.atomic
def _do(what: str, shown: Participant, form: ParticipantForm, *, by: User) -> None:
    user = cast(User, shown.user)
    change_participant(shown, by=by, **vars(form.group_and_quota))
    if what == "deactivate":
        deactivate_participant(shown.study, user=user, role=shown.role, by=by)
    elif what == "reactivate":
        add_participant(shown.study, user=user, role=shown.role, by=by)


@require_POST
@login_required
@never_cache
def sign_in_link_for(request: HttpRequest, participant_uuid: UUID) -> HttpResponse:
    """A link into this study for somebody who lost the way in, shown once."""
    shown = _participant_for(request, participant_uuid)
    asked = ask_again(request, reverse("participant", args=[shown.uuid]))
    if asked is not None:
        return asked
    form = ParticipantForm(initial={"group": shown.group, "quota": shown.quota})
    try:
        path = sign_in_person(shown, by=cast(User, request.user))
    except PersonRefusedError as refused:
        messages.error(request, str(refused))
        return redirect("participant", shown.uuid)
    return _participant_page(request, shown, form, link=full_address(request, path))


def _participant_page(
    request: HttpRequest, shown: Participant, form: ParticipantForm, *, link: str = ""
) -> HttpResponse:
    context = {
        "study": shown.study,
        "participant": shown,
        "form": form,
        "link": link,
        "hours": HOURS,
        "may_be_let_in": can_sign_in(shown),
        "is_unproven": needs_proof(cast(User, shown.user), shown.study),
        "is_only_owner": is_only_owner(shown),
        "sees_names": may(request.user, shown.study, Action.SEE_NAMES),
    }
    return render(request, "people/participant.html", context, status=400 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Who was invited and what became of it; new links are shown once, in the answer to the form."""
    study = study_for(request.user, study_uuid, Action.MANAGE)
    if request.method != "POST":
        return _invitations_page(request, study, InvitationForm())
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _invitations_page(request, study, form, status=400)
    try:
        made = _invite_all(study, form, by=cast(User, request.user))
    except InvitationRefusedError as refused:
        form.add_error(None, str(refused))
        return _invitations_page(request, study, form, status=400)
    return _invitations_page(request, study, InvitationForm(), links=made)


@transaction.atomic
def _invite_all(study: Study, form: InvitationForm, *, by: User) -> list[tuple[Invitation, str]]:
    terms, batch = form.terms, form.batch
    return [
        # What the form says makes the invitation's key: sent twice it invites once, changed it invites anew.
        invite(
            study,
            terms=terms,
            by=by,
            email=email,
            note=words,
            uuid=uuid5(study.uuid, f"{batch.key} {place} {email} {words} {terms}"),
        )
        for place, (email, words) in enumerate(batch.whom)
    ]


def _invitations_page(
    request: HttpRequest,
    study: Study,
    form: InvitationForm,
    *,
    links: list[tuple[Invitation, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    listed = study.invitations.select_related("created_by", "participant__user")
    shown = [(one, full_address(request, path)) for one, path in links or []]
    context: dict[str, Any] = {
        "study": study,
        "form": form,
        "links": shown,
        "page": Paginator(listed, INVITATIONS_ON_A_PAGE).get_page(request.GET.get("page")),
        "manages": True,
    }
    return render(request, "people/invitations.html", context, status=status)


def _invitation_for(request: HttpRequest, invitation_uuid: UUID) -> Invitation:
    found = Invitation.objects.filter(uuid=invitation_uuid).select_related("study").first()
    if found is None:
        raise Http404("No such invitation.")
    require(request.user, found.study, Action.MANAGE, of="invitation")
    return found


@require_POST
@login_required
def invitation_withdraw(request: HttpRequest, invitation_uuid: UUID) -> HttpResponse:
    invitation = _invitation_for(request, invitation_uuid)
    if withdraw_invitation(invitation, by=cast(User, request.user)):
        messages.success(request, _("The invitation is withdrawn: its link works no more."))
    else:
        messages.error(request, _("This invitation was accepted or withdrawn before."))
    return redirect("invitations", invitation.study.uuid)


@require_POST
@login_required
@never_cache
def invitation_renew(request: HttpRequest, invitation_uuid: UUID) -> HttpResponse:
    """Another link, shown once; the one before works no more."""
    invitation = _invitation_for(request, invitation_uuid)
    try:
        path = renew_invitation(invitation, by=cast(User, request.user))
    except InvitationRefusedError as refused:
        messages.error(request, str(refused))
        return redirect("invitations", invitation.study.uuid)
    return _invitations_page(request, invitation.study, InvitationForm(), links=[(invitation, path)])


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation as its reader sees it: what is offered, and the button that accepts."""
    invitation = invitation_with_token(token)
    if invitation is None or invitation.state != Invitation.State.OPEN:
        sentence = why_closed(invitation) if invitation else ""
        return render(request, "people/invitation_expired.html", {"sentence": sentence}, status=410)
    follow_study(invitation.study.language)
    if request.user.is_authenticated:
        return _join_as_oneself(request, invitation)
    return _join_as_new_person(request, invitation)


def _join_as_oneself(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    context: dict[str, Any] = {"invitation": invitation, "warning": _what_closes(request, invitation)}
    if cast(User, request.user).only_study_id not in (None, invitation.study_id):
        # Another's link opened this session: it takes up nothing for the person elsewhere.
        context["sentence"] = _(
            "You are signed in by a link into another study. Sign out, sign in with your password, and open this "
            "invitation again."
        )
    elif request.method == "POST":
        try:
            accept_invitation(invitation, person=cast(User, request.user))
        except (InvitationRefusedError, StudyRefusedError) as refused:
            context["sentence"] = str(refused)
        else:
            return _welcome(request, invitation)
    return render(request, "people/join.html", context, status=409 if "sentence" in context else 200)


def _what_closes(request: HttpRequest, invitation: Invitation) -> str:
    """What a person who runs the study loses by accepting the role."""
    roles = study_roles(request.user, invitation.study)
    lost = allowed_actions(roles) - allowed_actions(roles | {invitation.role})
    if Action.SEE_RESULTS in lost:
        closed = _("its progress, its results, imports and exports")
    elif Action.WATCH in lost:
        closed = _("its progress, and its export")
    else:
        return ""
    return _(
        "You run this study. As long as you take part in it as %(role)s, %(closed)s are closed to you, so that you "
        "answer without having seen what others said. An owner can end the role under People."
    ) % {"role": invitation.get_role_display(), "closed": closed}


def _join_as_new_person(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.method != "POST":
        form = JoinForm(email=invitation.email)
        return render(request, "people/join.html", {"invitation": invitation, "form": form})
    form = JoinForm(request.POST, email=invitation.email)
    if form.is_valid():
        try:
            person, _participant = join_as_new_person(invitation, **vars(form.account))
        except AddressIsKnownError as known:
            form.add_error("email", str(known))
        except (InvitationRefusedError, StudyRefusedError) as refused:
            form.add_error(None, str(refused))
        else:
            login(request, person, backend=BACKEND)
            return _welcome(request, invitation)
    return render(request, "people/join.html", {"invitation": invitation, "form": form}, status=400)


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(
        request, _("Welcome. You take part as %(role)s.") % {"role": invitation.get_role_display()}
    )
    return redirect("study", invitation.study.uuid)


@require_safe
@login_required
def assignment(request: HttpRequest, study_uuid: UUID) -> HttpResponse:
    """Assignment preview, computed for each request; on request with open invitations as if accepted."""
    study = study_for(request.user, study_uuid, Action.SEE_RESULTS)
    with_invited = request.GET.get("invited") == "1"
    sees_names = may(request.user, study, Action.SEE_NAMES)
    context = {
        "study": study,
        "preview": assignment_preview(study, with_invited=with_invited, sees_names=sees_names),
        "with_invited": with_invited,
        "n_invited": open_invitations(study).filter(role="annotator").count(),
        "manages": may(request.user, study, Action.MANAGE),
    }
    return render(request, "people/assignment_preview.html", context)
