"""Retention: the day on which a study loses what is personal, and what that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.history.erasing import remove_free_text, written_texts
from annotations.models import Draft, Invitation, SecurityEvent, Study, StudyChange, User


class RetentionRefusedError(ValueError):
    """There can be no such day; the sentence says why."""


@dataclass(frozen=True)
class PersonalContent:
    """What would be removed now."""

    n_answers: int
    n_judgments: int
    n_drafts: int
    n_invitations: int
    n_events: int


def personal_content(study: Study) -> PersonalContent:
    written = written_texts(study=study)
    return PersonalContent(
        n_answers=written["answer"],
        n_judgments=written.get("judgment", 0),
        n_drafts=_drafts(study).count(),
        n_invitations=_invitations(study).count(),
        n_events=SecurityEvent.objects.filter(study=study).count(),
    )


def _drafts(study: Study) -> QuerySet[Draft]:
    return Draft.objects.filter(assignment__item__study=study)


def _invitations(study: Study) -> QuerySet[Invitation]:
    return study.invitations.exclude(email="", note="")


@transaction.atomic
def schedule_removal(study: Study, *, on: date | None, by: User | None) -> bool:
    """The day, or none any more; False where it was so already."""
    existing = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if existing.personal_removed_at is not None:
        raise RetentionRefusedError(_("The personal content of this study is already removed."))
    if on is not None and on <= timezone.now().date():
        raise RetentionRefusedError(_("Choose a day after today."))
    if existing.remove_personal_on == on:
        return False
    record_change(
        existing,
        what=StudyChange.What.SETTING,
        subject=_("removal of personal content"),
        before=_words(existing.remove_personal_on),
        after=_words(on),
        by=by,
    )
    Study.objects.filter(pk=study.pk).update(remove_personal_on=on)
    study.remove_personal_on = on
    return True


def _words(day: date | None) -> str:
    return day.isoformat() if day else _("never")


def remove_due_personal_content() -> int:
    """Of studies whose day has come; returns how many."""
    due = Study.objects.filter(remove_personal_on__lte=timezone.now().date(), personal_removed_at=None)
    return sum(_remove(study.pk) for study in due.order_by("pk"))


@transaction.atomic
def _remove(study_pk: int) -> bool:
    study = Study.objects.select_for_update(no_key=True).get(pk=study_pk)
    # The owner may have changed the day meanwhile, or another worker done it.
    if study.personal_removed_at is not None or study.remove_personal_on is None:
        return False
    remove_free_text(study)
    _drafts(study).delete()
    open_ones = Q(used_at=None, withdrawn_at=None)
    study.invitations.filter(open_ones).update(withdrawn_at=timezone.now())
    _invitations(study).update(email="", note="")
    SecurityEvent.objects.filter(study=study).delete()
    Study.objects.filter(pk=study.pk).update(personal_removed_at=timezone.now())
    record_change(
        study,
        what=StudyChange.What.SETTING,
        subject=_("removal of personal content"),
        after=_("done"),
        by=None,
    )
    return True
