"""The labels of a study: new ones after those there are; what was answered keeps what it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.history import record_change
from annotations.models import Label, Study, StudyChange, User
from annotations.selectors.studies import has_answers
from annotations.services.studies import NewLabel, StudyRefusedError, add_labels, check_label_key

FEWEST_LABELS = 2


@dataclass(frozen=True)
class LabelSpec:
    """A label that is there, as it shall be; its key and its position never change."""

    key: str
    name: str
    description: str = ""
    shortcut: str = ""
    colour: str = ""
    is_active: bool = True


@transaction.atomic
def change_labels(
    study: Study, *, wanted: Sequence[LabelSpec], new: Sequence[NewLabel] = (), by: User
) -> int:
    """Change labels and add others; returns how many of both. None is ever deleted: an inactive one stays a column."""
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if study.task == Study.Task.NONE:
        raise StudyRefusedError(_("This study is for judgments only and has no labels."))
    standing = {label.key: label for label in study.labels.all()}
    answered = has_answers(study)
    changed = []
    for asked in wanted:
        label = standing.get(asked.key)
        if label is None:
            raise StudyRefusedError(_("This study has no label %(label)s.") % {"label": asked.key})
        if answered and asked.name != label.name:
            raise StudyRefusedError(
                _(
                    "Annotators have used the label “%(label)s”, so it cannot be renamed. Deactivate it and add another."
                )
                % {"label": label.name}
            )
        if _says_otherwise(label, asked):
            changed.append((label, asked))
    _release_keys([label for label, _asked in changed])
    for label, asked in changed:
        _change(label, asked, by=by)
    _refuse_two_on_one_key(study, new)
    made = add_labels(study, new)
    for label in made:
        record_change(study, what=StudyChange.What.LABEL, subject=label.key, after=_in_words(label), by=by)
    if study.labels.filter(is_active=True).count() < FEWEST_LABELS:
        raise StudyRefusedError(_("A study with labels needs at least two active labels."))
    return len(changed) + len(made)


def _says_otherwise(label: Label, asked: LabelSpec) -> bool:
    return (label.name, label.description, label.shortcut, label.colour, label.is_active) != (
        asked.name,
        asked.description,
        asked.shortcut if asked.is_active else "",
        asked.colour,
        asked.is_active,
    )


def _release_keys(labels: list[Label]) -> None:
    """Two labels may swap their keys: both let go first, as no two may hold one at any moment."""
    Label.objects.filter(pk__in=[label.pk for label in labels]).update(shortcut="")


def _change(label: Label, asked: LabelSpec, *, by: User) -> None:
    before = _in_words(label)
    label.name, label.description, label.colour = asked.name, asked.description, asked.colour
    label.is_active = asked.is_active
    label.shortcut = asked.shortcut if asked.is_active else ""
    check_label_key(label.shortcut)
    try:
        label.clean_fields(exclude=["study"])
    except ValidationError as error:
        raise StudyRefusedError(f"{label.key}: {' '.join(error.messages)}") from error
    _refuse_two_on_one_key(label.study, [label])
    label.save(update_fields=["name", "description", "shortcut", "colour", "is_active"])
    record_change(
        label.study,
        what=StudyChange.What.LABEL,
        subject=label.key,
        before=before,
        after=_in_words(label),
        by=by,
    )


def _refuse_two_on_one_key(study: Study, labels: Sequence[Label | NewLabel]) -> None:
    taken = dict(study.labels.exclude(shortcut="").values_list("shortcut", "name"))
    for label in labels:
        if label.shortcut and taken.get(label.shortcut, label.name) != label.name:
            raise StudyRefusedError(
                _("“%(one)s” and “%(other)s” use the same key. Choose another key for one of them.")
                % {"one": taken[label.shortcut], "other": label.name or label.key}
            )
        taken[label.shortcut] = label.name


def _in_words(label: Label) -> str:
    parts = [label.name, label.description, label.shortcut.removeprefix("Key")]
    parts += [
        str(label.get_colour_display()) if label.colour else "",
        "" if label.is_active else _("not in use"),
    ]
    return " · ".join(part for part in parts if part)
