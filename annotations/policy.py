"""Who may do what in which study: the one place that decides.

Every view asks here, and a test generated from the URL conf asks it back for every route and role.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from annotations.models import Assignment, Job, Participant, Study, User
from annotations.models.people import normal_email
from annotations.selectors.second_factor import has_second_factor
from hlv.core.languages import follow_study

Role = Participant.Role


class Action(StrEnum):
    VIEW = "view"
    ANNOTATE = "annotate"
    JUDGE = "judge"
    SEE_RESULTS = "see results"
    RUN_JOBS = "run jobs"
    IMPORT = "import"
    EXPORT = "export"
    WRITE_GUIDELINE = "write the guideline"
    MANAGE = "manage"
    SEE_NAMES = "see names"
    WATCH = "watch annotating"


# As lists name them, and what a member without the right is told.
ACTION_WORDS = {
    Action.VIEW: _lazy("view"),
    Action.ANNOTATE: _lazy("annotate"),
    Action.JUDGE: _lazy("judge"),
    Action.SEE_RESULTS: _lazy("see results"),
    Action.RUN_JOBS: _lazy("run jobs"),
    Action.IMPORT: _lazy("import"),
    Action.EXPORT: _lazy("export"),
    Action.WRITE_GUIDELINE: _lazy("write the guideline"),
    Action.MANAGE: _lazy("manage"),
    Action.SEE_NAMES: _lazy("see names"),
    Action.WATCH: _lazy("watch annotating"),
}
REFUSALS = {
    Action.VIEW: _lazy("Your role in this study does not let you view."),
    Action.ANNOTATE: _lazy("Your role in this study does not let you annotate."),
    Action.JUDGE: _lazy("Your role in this study does not let you judge."),
    Action.SEE_RESULTS: _lazy("Your role in this study does not let you see results."),
    Action.RUN_JOBS: _lazy("Your role in this study does not let you run jobs."),
    Action.IMPORT: _lazy("Your role in this study does not let you import."),
    Action.EXPORT: _lazy("Your role in this study does not let you export."),
    Action.WRITE_GUIDELINE: _lazy("Your role in this study does not let you write the guideline."),
    Action.MANAGE: _lazy("Your role in this study does not let you manage."),
    Action.SEE_NAMES: _lazy("Your role in this study does not let you see names."),
    Action.WATCH: _lazy("Your role in this study does not let you watch annotating."),
}
NOT_IN_ROLE = {
    Role.OWNER: _lazy("You are not an owner of this study."),
    Role.RESEARCHER: _lazy("You are not a researcher of this study."),
    Role.ANNOTATOR: _lazy("You are not an annotator of this study."),
    Role.JUDGE: _lazy("You are not a judge of this study."),
}

_RESEARCH = frozenset(
    {
        Action.VIEW,
        Action.WATCH,
        Action.SEE_RESULTS,
        Action.RUN_JOBS,
        Action.IMPORT,
        Action.EXPORT,
        Action.WRITE_GUIDELINE,
    }
)

ALLOWED: dict[str, frozenset[Action]] = {
    Role.OWNER: _RESEARCH | {Action.MANAGE, Action.SEE_NAMES},
    Role.RESEARCHER: _RESEARCH,
    Role.ANNOTATOR: frozenset({Action.VIEW, Action.ANNOTATE}),
    Role.JUDGE: frozenset({Action.VIEW, Action.JUDGE}),
}

# A judge is blind, whatever other role they have: pages that show methods or ranks are closed to them.
CLOSED_TO_JUDGES = frozenset(
    {Action.WATCH, Action.SEE_RESULTS, Action.RUN_JOBS, Action.IMPORT, Action.EXPORT}
)
# Nobody labels texts while seeing other people's answers, on a page or in a bundle.
CLOSED_TO_ANNOTATORS = frozenset({Action.WATCH, Action.EXPORT})


def _is_admitted(user: User, study: Study) -> bool:
    """Whether this account may have roles in this study at all."""
    return user.is_active and user.only_study_id in (None, study.pk)


def study_roles(user: User | AnonymousUser, study: Study) -> frozenset[str]:
    if not isinstance(user, User) or not _is_admitted(user, study):
        return frozenset()
    return frozenset(study.participants.filter(user=user, is_active=True).values_list("role", flat=True))


def allowed_actions(roles: frozenset[str]) -> frozenset[Action]:
    actions = frozenset[Action]().union(*(ALLOWED[role] for role in roles))
    if Role.ANNOTATOR in roles:
        actions -= CLOSED_TO_ANNOTATORS
    return actions - CLOSED_TO_JUDGES if Role.JUDGE in roles else actions


def actions_in(user: User | AnonymousUser, study: Study) -> frozenset[Action]:
    """Nobody sees names any more in a study that has lost what is personal."""
    return _without_names(allowed_actions(study_roles(user, study)), study)


def _without_names(actions: frozenset[Action], study: Study) -> frozenset[Action]:
    return actions - {Action.SEE_NAMES} if study.personal_removed_at else actions


def actions_by_study(user: User | AnonymousUser) -> dict[Study, frozenset[Action]]:
    """What a person may do in each of their studies, by name of the study: the same as `actions_in`, in one query."""
    if not isinstance(user, User):
        return {}
    roles: defaultdict[Study, set[str]] = defaultdict(set)
    held = user.participations.filter(is_active=True).select_related("study").order_by("study__name", "study")
    for participant in held:
        if _is_admitted(user, participant.study):
            roles[participant.study].add(participant.role)
    return {study: _without_names(allowed_actions(frozenset(own)), study) for study, own in roles.items()}


def may(user: User | AnonymousUser, study: Study, action: Action) -> bool:
    return action in actions_in(user, study)


def require(user: User | AnonymousUser, study: Study, action: Action, *, of: str = "study") -> None:
    """404 for a stranger, who must not learn that the study exists; 403 for a member without the right.

    `of` is what was asked for: what is there and what is not are denied in the same words.
    """
    roles = study_roles(user, study)
    if not roles:
        raise Http404(f"No such {of}.")
    names_are_gone = action == Action.SEE_NAMES and study.personal_removed_at is not None
    if action not in allowed_actions(roles) or names_are_gone:
        raise PermissionDenied(REFUSALS[action])
    if isinstance(user, User):
        user.study_opened = study
    follow_study(study.language)


def study_for(user: User | AnonymousUser, study_uuid: UUID, action: Action) -> Study:
    study = Study.objects.filter(uuid=study_uuid).first()
    if study is None:
        raise Http404("No such study.")
    require(user, study, action)
    return study


def job_for(user: User | AnonymousUser, job_uuid: UUID) -> Job:
    job = Job.objects.select_related("study", "created_by").filter(uuid=job_uuid).first()
    if job is None:
        raise Http404("No such job.")
    require(user, job.study, Action.RUN_JOBS, of="job")
    return job


def assignment_for(user: User | AnonymousUser, assignment_uuid: UUID) -> Assignment:
    """A person's own assignment; anybody else's does not exist for them."""
    own = None
    if isinstance(user, User):
        found = (
            Assignment.objects.select_related("item__study", "participant")
            .filter(uuid=assignment_uuid, participant__user=user, participant__is_active=True)
            .first()
        )
        if found is not None and _is_admitted(user, found.item.study):
            own = found
    if own is None:
        raise Http404("No such assignment.")
    follow_study(own.item.study.language)
    own.participant.study = own.item.study
    # The role of the assignment mostly permits this, and no other role of the person takes it away.
    if Action.ANNOTATE not in allowed_actions(frozenset({own.participant.role})):
        require(user, own.item.study, Action.ANNOTATE)
    return own


def require_may_create_studies(user: User | AnonymousUser) -> User:
    """Creating a study is a right of the account, not a role: operators grant it."""
    is_whole = isinstance(user, User) and user.is_active and user.only_study_id is None
    if isinstance(user, User) and is_whole and user.may_create_studies:
        return user
    raise PermissionDenied(_("Those who run this program have not allowed you to create studies."))


def needs_second_factor(user: User) -> bool:
    """Whether a role of this person opens nothing until they have set up a second factor."""
    required = settings.SECOND_FACTOR_ROLES
    if not required or has_second_factor(user):
        return False
    return user.participations.filter(is_active=True, role__in=required).exists()


def needs_proof(user: User, study: Study | None = None) -> bool:
    """Whether roles and rights wait until the address of this account is proven.

    Who opens an invitation, or changes their address, may write any. An invitation that was addressed counts in its
    own study alone: its owner could have opened it too.
    """
    if user.address_proven_at is not None:
        return False
    if user.address_changed_at is not None:
        return True
    if user.joined_by is None:
        return False
    joined = user.joined_by
    return study is None or joined.study_id != study.pk or normal_email(joined.email) != user.email


def participant_for(user: User | AnonymousUser, study: Study, role: str) -> Participant:
    """The row that answers of this person in this role refer to."""
    if isinstance(user, User) and user.only_study_id in (None, study.pk):
        found = study.participants.filter(user=user, role=role, is_active=True).first()
        if found is not None:
            follow_study(study.language)
            return found
    raise PermissionDenied(NOT_IN_ROLE[Role(role)])


def can_sign_in(participant: Participant) -> bool:
    """Whether an owner may make a sign-in link for this person, which leads into this study and nowhere else.

    Only for who labels or judges: whoever runs the study would be impersonated with their own powers.
    """
    user = participant.user
    if user is None or not user.is_active or not participant.is_active:
        return False
    held = participant.study.participants.filter(user=user, is_active=True).values_list("role", flat=True)
    return set(held) <= {Role.ANNOTATOR, Role.JUDGE}
