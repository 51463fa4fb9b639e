"""Studies, their labels, guidelines and participants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import Guideline, Label, Participant, Study, StudyChange, User
from annotations.services.people import PersonRefusedError, refuse_unproven
from hlv.core.languages import is_offered

# By position under one hand, as on the annotating page: three rows of four, then the digits.
SHORTCUTS = ("KeyQ", "KeyW", "KeyE", "KeyR", "KeyA", "KeyS", "KeyD", "KeyF", "KeyZ", "KeyX", "KeyC", "KeyV")

# Keys that the pages of annotating and judging use themselves, whatever the labels are.
RESERVED_KEYS = frozenset("TGBNMHUKPY")

LARGEST_QUOTA = 1_000_000
LONGEST_GUIDELINE = 200_000


class StudyRefusedError(ValueError):
    """The study cannot be made so; the sentence says what to change."""


@dataclass(frozen=True)
class NewLabel:
    key: str
    name: str = ""
    description: str = ""
    shortcut: str = ""
    colour: str = ""
    group: str = ""


def refuse_no_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    # A folder of the zones, and a name too long for a file, are refused by the system.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise StudyRefusedError(
            _("%(name)r is not a time zone. Use a name such as Australia/Melbourne.") % {"name": name}
        ) from error


def refuse_unknown_language(code: str) -> None:
    if code and not is_offered(code):
        known = ", ".join(code for code, _name in settings.LANGUAGES)
        raise StudyRefusedError(
            _("The pages are not translated into %(code)r. Choose one of %(known)s.")
            % {"code": code, "known": known}
        )


@transaction.atomic
def create_study(
    *,
    slug: str,
    name: str = "",
    task: str = Study.Task.NONE,
    labels: Sequence[NewLabel] = (),
    owner: User | None = None,
    question: str = "",
    description: str = "",
    notice: str = "",
    asks_certainty: bool = True,
    asks_spans: bool = False,
    answers_wanted: int = 3,
    order: str = Study.Order.FIXED,
    assignment: str = Study.AssignmentRule.BREADTH,
    seed: int = 0,
    time_zone: str = "UTC",
    language: str = "",
) -> Study:
    if task == Study.Task.NONE and labels:
        raise StudyRefusedError(_("Labels need a task: single, multilabel or ordinal."))
    if task != Study.Task.NONE and len({label.key for label in labels}) < 2:
        raise StudyRefusedError(_("A study with labels needs at least two different ones."))
    if task == Study.Task.NONE and asks_spans:
        raise StudyRefusedError(_("Marked words belong to labels: choose a kind of answer with labels."))
    refuse_no_time_zone(time_zone)
    refuse_unknown_language(language)
    study = Study(
        slug=slug,
        name=name or slug,
        task=task,
        question=question,
        description=description,
        notice=notice,
        asks_certainty=asks_certainty,
        asks_spans=asks_spans,
        answers_wanted=answers_wanted,
        order=order,
        assignment=assignment,
        seed=seed,
        time_zone=time_zone,
        language=language,
    )
    try:
        study.full_clean()
    except ValidationError as error:
        raise StudyRefusedError(" ".join(error.messages)) from error
    study.save()
    add_labels(study, labels)
    record_change(study, what=StudyChange.What.STUDY, after=study.name, by=owner)
    if owner is not None:
        add_participant(study, user=owner, role=Participant.Role.OWNER, by=owner)
    return study


def add_labels(study: Study, labels: Sequence[NewLabel]) -> list[Label]:
    """Add labels after those there are: a column of a distribution never moves."""
    keys = [label.key for label in labels]
    if len(set(keys)) != len(keys):
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise StudyRefusedError(f"The label {repeated!r} is given twice.")
    held = set(study.labels.filter(key__in=keys).values_list("key", flat=True))
    if held:
        raise StudyRefusedError(_("This study has a label %(label)r already.") % {"label": min(held)})
    first = study.labels.count()
    shortcuts = _shortcuts(study, labels, first=first)
    made = [
        Label(
            study=study,
            key=label.key,
            name=label.name or label.key,
            description=label.description,
            position=first + index,
            shortcut=shortcuts[index],
            colour=label.colour,
            group=label.group,
        )
        for index, label in enumerate(labels)
    ]
    for label in made:
        check_label_key(label.shortcut)
        try:
            label.clean_fields(exclude=["study"])
        except ValidationError as error:
            raise StudyRefusedError(f"The label {label.key!r}: {' '.join(error.messages)}") from error
    return Label.objects.bulk_create(made)


def check_label_key(shortcut: str) -> None:
    """A label on a key that the page uses itself would take it from the page, and the list of keys would lie."""
    letter = shortcut.removeprefix("Key")
    is_letter = shortcut.startswith("Key") and len(letter) == 1 and "A" <= letter <= "Z"
    if shortcut and (not is_letter or letter in RESERVED_KEYS):
        raise StudyRefusedError(
            _(
                "The key %(key)s cannot choose a label. Use a letter such as Q; the page itself uses %(kept)s, "
                "digits and all other keys."
            )
            % {"key": letter, "kept": ", ".join(sorted(RESERVED_KEYS))}
        )


def _shortcuts(study: Study, labels: Sequence[NewLabel], *, first: int) -> list[str]:
    """The keys asked for; for others the key of their position, or the first that is free."""
    taken = {*study.labels.values_list("shortcut", flat=True), *(label.shortcut for label in labels)}
    found = []
    for index, label in enumerate(labels):
        own = SHORTCUTS[first + index : first + index + 1]
        free = [key for key in (*own, *SHORTCUTS) if key not in taken]
        found.append(label.shortcut or (free[0] if free else ""))
        taken.add(found[-1])
    return found


@transaction.atomic
def add_participant(
    study: Study,
    *,
    user: User,
    role: str,
    group: str = "",
    quota: int | None = None,
    by: User | None = None,
    invited: bool = False,
) -> Participant:
    """Give a person a role; a role once held and closed is opened again, and what is given is changed.

    An account with an unproven address gets no role, except by an invitation: its role belongs to the person who opens the link.
    """
    # The lock orders two additions: numbers are counted without gaps or repeats.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    held = study.participants.filter(role=role)
    participant = held.filter(user=user).first() or Participant(
        study=study,
        user=user,
        role=role,
        number=(held.aggregate(last=Max("number"))["last"] or 0) + 1,
    )
    if not invited and (participant.pk is None or not participant.is_active):
        try:
            refuse_unproven(user, study)
        except PersonRefusedError as refused:
            raise StudyRefusedError(str(refused)) from refused
    participant.is_active = True
    participant.group = group.strip() or participant.group
    participant.quota = participant.quota if quota is None else quota
    _refuse_what_cannot_be(participant)
    participant.save()
    record_change(
        study,
        what=StudyChange.What.PARTICIPANT,
        subject=participant.pseudonym,
        after=participation_terms(participant),
        by=by,
    )
    return participant


def participation_terms(participant: Participant) -> str:
    """Group, quota and whether somebody takes part, as changes are written down."""
    parts = [participant.group, _("quota %(n)s") % {"n": participant.quota} if participant.quota else ""]
    parts.append(_("takes part") if participant.is_active else _("left"))
    return " · ".join(part for part in parts if part)


@transaction.atomic
def change_participant(
    participant: Participant, *, group: str, quota: int | None, by: User | None
) -> Participant:
    """Another group or quota; what was answered keeps counting."""
    existing = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    before = participation_terms(existing)
    existing.group, existing.quota = group.strip(), quota
    _refuse_what_cannot_be(existing)
    if participation_terms(existing) != before:
        existing.save(update_fields=["group", "quota"])
        record_change(
            existing.study,
            what=StudyChange.What.PARTICIPANT,
            subject=existing.pseudonym,
            before=before,
            after=participation_terms(existing),
            by=by,
        )
    return existing


def _refuse_what_cannot_be(participant: Participant) -> None:
    if participant.user is not None and not participant.user.is_active:
        raise StudyRefusedError(_("%(person)s was deactivated.") % {"person": participant.user.email})
    if participant.quota is not None and not 1 <= participant.quota <= LARGEST_QUOTA:
        raise StudyRefusedError(_("A quota must be between 1 and %(n)s.") % {"n": f"{LARGEST_QUOTA:,}"})
    try:
        participant.clean_fields(exclude=["study", "user", "source"])
    except ValidationError as error:
        raise StudyRefusedError(" ".join(error.messages)) from error


@transaction.atomic
def deactivate_participant(
    study: Study, *, user: User, role: str | None = None, by: User | None = None
) -> list[Participant]:
    """Close one role of a person, or all: the person is a stranger again, the answers stay and count."""
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    active = study.participants.filter(is_active=True)
    closing = list(active.filter(user=user) if role is None else active.filter(user=user, role=role))
    pks = [participant.pk for participant in closing]
    owners = active.filter(role=Participant.Role.OWNER)
    if owners.filter(pk__in=pks).exists() and not owners.exclude(pk__in=pks).exists():
        raise StudyRefusedError(_("A study needs an owner. Add another owner first."))
    active.filter(pk__in=pks).update(is_active=False)
    for participant in closing:
        before, participant.is_active = participation_terms(participant), False
        record_change(
            study,
            what=StudyChange.What.PARTICIPANT,
            subject=participant.pseudonym,
            before=before,
            after=participation_terms(participant),
            by=by,
        )
    return closing


@transaction.atomic
def publish_guideline(study: Study, *, text: str, by: User | None = None) -> Guideline:
    """A new version; answers given before keep the one that was read. The same text is no new version."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise StudyRefusedError(_("The guideline is empty. Write some text."))
    if len(text) > LONGEST_GUIDELINE:
        raise StudyRefusedError(
            _("A guideline can have at most %(n)s characters.") % {"n": f"{LONGEST_GUIDELINE:,}"}
        )
    if "\x00" in text:
        raise StudyRefusedError(_("The guideline contains a NUL character. Remove it."))
    # The lock orders two publications.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    existing = study.guidelines.last()
    if existing is not None and existing.text == text:
        return existing
    version = existing.version + 1 if existing else 1
    record_change(study, what=StudyChange.What.GUIDELINE, after=str(version), by=by)
    return Guideline.objects.create(study=study, version=version, text=text, created_by=by)
