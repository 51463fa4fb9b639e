"""Studies, their labels, guidelines and participants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from annotations.models import Guideline, Label, Participant, Study, User

# By position under one hand, as on the annotating page: three rows of four, then the digits.
SHORTCUTS = ("KeyQ", "KeyW", "KeyE", "KeyR", "KeyA", "KeyS", "KeyD", "KeyF", "KeyZ", "KeyX", "KeyC", "KeyV")


class StudyRefusedError(ValueError):
    """The study cannot be made so; the sentence says what to change."""


@dataclass(frozen=True)
class NewLabel:
    key: str
    name: str = ""
    description: str = ""
    shortcut: str = ""
    colour: str = ""


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
    answers_wanted: int = 3,
    order: str = Study.Order.FIXED,
    seed: int = 0,
    time_zone: str = "UTC",
) -> Study:
    if task == Study.Task.NONE and labels:
        raise StudyRefusedError("Labels were given without a task: say single, multilabel or ordinal.")
    if task != Study.Task.NONE and len({label.key for label in labels}) < 2:
        raise StudyRefusedError("A study with labels needs at least two different ones.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StudyRefusedError(
            f"{time_zone!r} is no time zone; use a name such as Australia/Melbourne."
        ) from error
    study = Study(
        slug=slug,
        name=name or slug,
        task=task,
        question=question,
        description=description,
        notice=notice,
        asks_certainty=asks_certainty,
        answers_wanted=answers_wanted,
        order=order,
        seed=seed,
        time_zone=time_zone,
    )
    try:
        study.full_clean()
    except ValidationError as error:
        raise StudyRefusedError(" ".join(error.messages)) from error
    study.save()
    add_labels(study, labels)
    if owner is not None:
        add_participant(study, user=owner, role=Participant.Role.OWNER)
    return study


def add_labels(study: Study, labels: Sequence[NewLabel]) -> list[Label]:
    """Add labels after those there are: a column of a distribution never moves."""
    keys = [label.key for label in labels]
    if len(set(keys)) != len(keys):
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise StudyRefusedError(f"The label {repeated!r} is given twice.")
    first = study.labels.count()
    return Label.objects.bulk_create(
        Label(
            study=study,
            key=label.key,
            name=label.name or label.key,
            description=label.description,
            position=first + index,
            shortcut=label.shortcut or (SHORTCUTS[first + index] if first + index < len(SHORTCUTS) else ""),
            colour=label.colour,
        )
        for index, label in enumerate(labels)
    )


def add_participant(
    study: Study, *, user: User, role: str, group: str = "", quota: int | None = None
) -> Participant:
    """Give a person a role; a role once held and closed is opened again."""
    known = study.participants.filter(user=user, role=role).first()
    if known is not None:
        if not known.is_active:
            known.is_active = True
            known.save(update_fields=["is_active"])
        return known
    with transaction.atomic():
        # The lock orders two additions: numbers are counted without gaps or repeats.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        last = study.participants.filter(role=role).aggregate(last=Max("number"))["last"] or 0
        return Participant.objects.create(
            study=study, user=user, role=role, group=group, quota=quota, number=last + 1
        )


def publish_guideline(study: Study, *, text: str, by: User | None = None) -> Guideline:
    """A new version; answers given before keep the one that was read."""
    try:
        with transaction.atomic():
            last = study.guidelines.aggregate(last=Max("version"))["last"] or 0
            return Guideline.objects.create(study=study, version=last + 1, text=text, created_by=by)
    except IntegrityError as error:
        raise StudyRefusedError(
            "Another version was published at the same moment; read it, then publish yours."
        ) from error
