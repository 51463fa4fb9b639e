"""Changing a study that is there: its settings, its state, how many answers it wants."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import Study, StudyChange, User
from annotations.services.studies import StudyRefusedError, refuse_no_time_zone

# Slug and task stay: files, commands and answers rest on them.
SETTINGS = (
    "name",
    "description",
    "notice",
    "question",
    "asks_certainty",
    "answers_wanted",
    "order",
    "assignment",
    "time_zone",
)


@transaction.atomic
def change_settings(study: Study, *, by: User, **wanted: Any) -> list[str]:
    """Give settings new values; returns the names of those that differed, each written down."""
    unknown = sorted(set(wanted) - set(SETTINGS))
    if unknown:
        raise ValueError(f"{unknown[0]} is no setting; settings are {', '.join(SETTINGS)}.")
    standing = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    changed = [name for name, value in wanted.items() if getattr(standing, name) != value]
    before = {name: getattr(standing, name) for name in changed}
    for name in changed:
        setattr(standing, name, wanted[name])
        setattr(study, name, wanted[name])
    _refuse_what_cannot_be(standing, changed)
    if changed:
        standing.save(update_fields=changed)
    for name in changed:
        record_change(
            study,
            what=StudyChange.What.SETTING,
            subject=name,
            before=str(before[name]),
            after=str(wanted[name]),
            by=by,
        )
    return changed


def _refuse_what_cannot_be(study: Study, changed: list[str]) -> None:
    if "time_zone" in changed:
        refuse_no_time_zone(study.time_zone)
    if "answers_wanted" in changed:
        # Whoever is being given a text at this moment holds it: they come first, and are counted. Who comes after
        # waits, and then sees the new number.
        list(study.items.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        most = study.items.aggregate(most=Max("seats_taken"))["most"] or 0
        if study.answers_wanted < most:
            raise StudyRefusedError(
                _(
                    "A text already has %(most)s answers or assignments. The number of answers per text cannot be lower."
                )
                % {"most": most}
            )
    try:
        study.full_clean(validate_unique=False)
    except ValidationError as error:
        raise StudyRefusedError(" ".join(error.messages)) from error


@transaction.atomic
def set_state(study: Study, *, state: str, by: User) -> bool:
    """Open, pause or close the study; False where it was so already."""
    standing = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if state not in Study.State.values:
        raise StudyRefusedError(_("A study is open, paused or closed."))
    if standing.state == state:
        return False
    record_change(study, what=StudyChange.What.STATE, before=standing.state, after=state, by=by)
    Study.objects.filter(pk=study.pk).update(state=state)
    study.state = state
    return True
