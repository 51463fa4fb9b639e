"""Changing a study that is there: its settings, its state, how many answers it wants."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import islice
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotations import jobs
from annotations.history import record_change
from annotations.models import (
    Import,
    Item,
    ItemText,
    Job,
    JobParams,
    JobResult,
    Label,
    Study,
    StudyChange,
    User,
)
from annotations.selectors.imports import not_withdrawn
from annotations.selectors.participation import has_answers
from annotations.services.studies import (
    NewLabel,
    StudyRefusedError,
    add_labels,
    check_label_key,
    create_study,
    publish_guideline,
    refuse_no_time_zone,
    refuse_unknown_language,
)


@dataclass(frozen=True)
class NewStudySettings:
    """Slug and task are not among them: files, commands and answers refer to them, so they never change."""

    name: str
    question: str
    description: str
    answers_wanted: int
    asks_certainty: bool
    asks_spans: bool
    order: str
    assignment: str
    time_zone: str
    language: str


@dataclass(frozen=True)
class StudySettings(NewStudySettings):
    notice: str


SETTINGS = tuple(field.name for field in fields(StudySettings))


@transaction.atomic
def change_settings(study: Study, *, by: User, **wanted: str | int | bool) -> list[str]:
    """Give settings new values; returns the names of those that differed, each written down."""
    unknown = sorted(set(wanted) - set(SETTINGS))
    if unknown:
        raise ValueError(f"{unknown[0]} is no setting; settings are {', '.join(SETTINGS)}.")
    existing = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    changed = [name for name, value in wanted.items() if getattr(existing, name) != value]
    before = {name: getattr(existing, name) for name in changed}
    for name in changed:
        setattr(existing, name, wanted[name])
        setattr(study, name, wanted[name])
    _refuse_what_cannot_be(existing, changed)
    if changed:
        existing.save(update_fields=changed)
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
    if "language" in changed:
        refuse_unknown_language(study.language)
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
    existing = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if state not in Study.State.values:
        raise StudyRefusedError(_("A study is open, paused or closed."))
    if existing.state == state:
        return False
    record_change(study, what=StudyChange.What.STATE, before=existing.state, after=state, by=by)
    Study.objects.filter(pk=study.pk).update(state=state)
    study.state = state
    return True


FEWEST_LABELS = 2


@dataclass(frozen=True)
class LabelSpec:
    """A label that is there, as it shall be; its key and its position never change."""

    key: str
    name: str
    description: str = ""
    shortcut: str = ""
    colour: str = ""
    group: str = ""
    is_active: bool = True


@transaction.atomic
def change_labels(
    study: Study, *, wanted: Sequence[LabelSpec], new: Sequence[NewLabel] = (), by: User
) -> int:
    """Change labels and add others; returns how many of both. None is ever deleted: an inactive one stays a column."""
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if study.task == Study.Task.NONE:
        raise StudyRefusedError(_("This study is for judgments only and has no labels."))
    existing = {label.key: label for label in study.labels.all()}
    answered = has_answers(study)
    changed = []
    for asked in wanted:
        label = existing.get(asked.key)
        if label is None:
            raise StudyRefusedError(_("This study has no label %(label)s.") % {"label": asked.key})
        if answered and asked.name != label.name:
            raise StudyRefusedError(
                _(
                    "Annotators have used the label “%(label)s”, so it cannot be renamed. Deactivate it and add another."
                )
                % {"label": label.name}
            )
        if _differs(label, asked):
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


def _differs(label: Label, asked: LabelSpec) -> bool:
    return (label.name, label.description, label.shortcut, label.colour, label.group, label.is_active) != (
        asked.name,
        asked.description,
        asked.shortcut if asked.is_active else "",
        asked.colour,
        asked.group,
        asked.is_active,
    )


def _release_keys(labels: list[Label]) -> None:
    """Clear the keys first, so that two labels can swap theirs: keys are unique at every moment."""
    Label.objects.filter(pk__in=[label.pk for label in labels]).update(shortcut="")


def _change(label: Label, asked: LabelSpec, *, by: User) -> None:
    before = _in_words(label)
    label.name, label.description, label.colour = asked.name, asked.description, asked.colour
    label.group, label.is_active = asked.group, asked.is_active
    label.shortcut = asked.shortcut if asked.is_active else ""
    check_label_key(label.shortcut)
    try:
        label.clean_fields(exclude=["study"])
    except ValidationError as error:
        raise StudyRefusedError(f"{label.key}: {' '.join(error.messages)}") from error
    _refuse_two_on_one_key(label.study, [label])
    label.save(update_fields=["name", "description", "shortcut", "colour", "group", "is_active"])
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
    parts = [label.name, label.description, label.group, label.shortcut.removeprefix("Key")]
    parts += [
        str(label.get_colour_display()) if label.colour else "",
        "" if label.is_active else _("not in use"),
    ]
    return " · ".join(part for part in parts if part)


KIND = "copy_items"


@dataclass(frozen=True)
class CopyParams(JobParams):
    source: UUID


@dataclass(frozen=True)
class CopyResult(JobResult):
    sentence: str
    n_added: int
    dry_run: bool
    notes: list[str]


ITEMS_AT_ONCE = 500


@transaction.atomic
def clone_study(
    source: Study, *, slug: str, name: str, with_items: bool, by: User
) -> tuple[Study, Job | None]:
    """The new study, and the job that copies the texts into it; people and answers stay where they are."""
    study = create_study(
        slug=slug,
        name=name,
        task=source.task,
        labels=[
            NewLabel(label.key, label.name, label.description, label.shortcut, label.colour, label.group)
            for label in source.labels.filter(is_active=True)
        ],
        owner=by,
        question=source.question,
        description=source.description,
        notice=source.notice,
        asks_certainty=source.asks_certainty,
        asks_spans=source.asks_spans,
        answers_wanted=source.answers_wanted,
        order=source.order,
        assignment=source.assignment,
        seed=source.seed,
        time_zone=source.time_zone,
        language=source.language,
    )
    record_change(study, what=StudyChange.What.STUDY, subject=_("cloned"), after=source.slug, by=by)
    guideline = source.guidelines.last()
    if guideline is not None:
        publish_guideline(study, text=guideline.text, by=by)
    if not with_items or not source.items.filter(not_withdrawn()).exists():
        return study, None
    job = jobs.create(kind=KIND, study=study, params=CopyParams(source.uuid), created_by=by)
    jobs.wake(job)
    return study, job


def run_copying(job: Job, progress: jobs.Progress) -> CopyResult:
    """Copy the texts, all or none; those whose ids are there already are left as they are."""
    source = Study.objects.get(uuid=job.read_params(CopyParams).source)
    items = source.items.filter(not_withdrawn()).order_by("position").prefetch_related("texts")
    total = items.count()
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=job.study_id)
        known = set(job.study.items.values_list("key", flat=True))
        batch = Import.objects.create(
            study=job.study,
            kind=Import.Kind.ITEMS,
            source=source.slug,
            format="study",
            sha256="",
            created_by=job.created_by,
        )
        position = (job.study.items.aggregate(last=Max("position"))["last"] or 0) + 1 if known else 0
        n_added, n_read, digest = 0, 0, hashlib.sha256()
        rows = items.iterator(chunk_size=ITEMS_AT_ONCE)
        while chunk := list(islice(rows, ITEMS_AT_ONCE)):
            n_read += len(chunk)
            fresh = [item for item in chunk if item.key not in known]
            _copy(fresh, batch, first=position + n_added)
            n_added += len(fresh)
            for item in fresh:
                digest.update(item.key.encode() + b"\n")
            progress(n_read, total, _("copying texts"))
        _settle(batch, n_rows=total, n_added=n_added, sha256=digest.hexdigest())
        sentence = _("%(n)s texts were copied from %(source)s.") % {
            "n": f"{n_added:,}",
            "source": source.name,
        }
        result = CopyResult(sentence, n_added, dry_run=False, notes=[])
        jobs.store(job, result)
    return result


def _copy(items: list[Item], batch: Import, *, first: int) -> None:
    copies = Item.objects.bulk_create(
        Item(
            study=batch.study,
            key=item.key,
            position=first + place,
            lang=item.lang,
            metadata=item.metadata,
            import_batch=batch,
        )
        for place, item in enumerate(items)
    )
    ItemText.objects.bulk_create(
        ItemText(item=copy, position=text.position, name=text.name, text=text.text)
        for copy, item in zip(copies, items, strict=True)
        for text in item.texts.all()
    )


def _settle(batch: Import, *, n_rows: int, n_added: int, sha256: str) -> None:
    if n_added == 0:
        batch.delete()
        return
    batch.n_rows, batch.n_added, batch.sha256 = n_rows, n_added, sha256
    batch.save(update_fields=["n_rows", "n_added", "sha256"])
