"""Answers and items as they are taken away: streamed, in an order that does not change."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import F

from annotations.models import Annotation, AnnotationLabel, Item, ItemText, LabelCount, Participant, Study
from annotations.selectors.answers import is_newest_of, known_answers
from annotations.selectors.imports import not_withdrawn

CHUNK_ROWS = 500


@dataclass(frozen=True, slots=True)
class ExportedItem:
    pk: int
    key: str
    texts: tuple[tuple[str, str], ...]
    lang: str
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class ExportedAnswer:
    """One answer with its labels by key, in the order of the label set; certainties are None where not given.

    `submitted_at` is None where an imported file gave no time. `revision` counts from 1 along a chain of
    revisions; `stands` is true for the one that counts.
    """

    item_id: int
    item_key: str
    annotator: str
    group: str
    gives_labels: bool
    chosen: dict[str, float | None]
    rejected: dict[str, float | None]
    flags: tuple[str, ...]
    reason: str
    comment: str
    shown_at: dt.datetime | None
    submitted_at: dt.datetime | None
    active_ms: int | None
    guideline_version: int | None
    revision: int
    is_current: bool


def participant_names(study: Study, *, with_names: bool) -> dict[int, str]:
    """What each participant is called in files: a pseudonym, unless names may be seen.

    A source that a file gave several answers for one input has several participants; each keeps its own name.
    """
    names: dict[int, str] = {}
    for participant in Participant.objects.filter(study=study).select_related("user").order_by("pk"):
        # Not translated: the same study gives the same file in every language.
        name = f"{str(participant.role).capitalize()} {participant.number}"
        if with_names and participant.user is not None:
            name = participant.user.name or participant.user.email
        elif with_names:
            more = participant.source_occurrence
            name = f"{participant.source} ({more + 1})" if more else participant.source
        names[participant.pk] = name
    return names


def names_by_pseudonym(study: Study, *, with_names: bool) -> dict[str, str]:
    """The same for what is kept under pseudonyms."""
    if not with_names:
        return {}
    pseudonyms = participant_names(study, with_names=False)
    named = participant_names(study, with_names=True)
    return {pseudonym: named[pk] for pk, pseudonym in pseudonyms.items()}


def exported_items(study: Study, *, as_of: dt.datetime) -> Iterator[ExportedItem]:
    """Items by position, each with its texts."""
    rows = (
        Item.objects.filter(not_withdrawn(as_of=as_of), study=study, created_at__lte=as_of)
        .order_by("position")
        .values_list("pk", "key", "lang", "metadata")
        .iterator(chunk_size=CHUNK_ROWS)
    )
    while chunk := list(islice(rows, CHUNK_ROWS)):
        texts: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
        for item_id, name, text in (
            ItemText.objects.filter(item__in=[row[0] for row in chunk])
            .order_by("item_id", "position")
            .values_list("item_id", "name", "text")
        ):
            texts[item_id].append((name, text))
        for pk, key, lang, metadata in chunk:
            yield ExportedItem(pk, key, tuple(texts[pk]), lang, metadata)


def exported_answers(
    study: Study, *, as_of: dt.datetime, names: dict[int, str], only_current: bool
) -> Iterator[ExportedAnswer]:
    """Answers by item and participant; withdrawn imports are left out."""
    known = known_answers(as_of=as_of)
    answers = known.filter(item__study=study).annotate(is_current=is_newest_of(known))
    rows = (
        answers.order_by("item__position", "participant__number", "participant_id", "pk")
        .annotate(
            item_key=F("item__key"),
            group=F("participant__group"),
            guideline_version=F("guideline__version"),
            imported_at=F("import_batch__created_at"),
        )
        .iterator(chunk_size=CHUNK_ROWS)
    )
    revision, last = 0, (0, 0)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        labels = _labels_of([answer.pk for answer in chunk])
        for answer in chunk:
            place = (answer.item_id, answer.participant_id)
            revision = revision + 1 if place == last else 1
            last = place
            if only_current and not answer.is_current:
                continue
            # The importer stores its own time where a file gives none.
            has_time = answer.submitted_at != answer.imported_at
            chosen, rejected = labels.get(answer.pk, ({}, {}))
            yield ExportedAnswer(
                item_id=answer.item_id,
                item_key=answer.item_key,
                annotator=names[answer.participant_id],
                group=answer.group,
                gives_labels=answer.gives_labels,
                chosen=chosen,
                rejected=rejected,
                flags=_flags(answer, has_labels=bool(chosen)),
                reason=answer.reason,
                comment=answer.comment,
                shown_at=answer.shown_at,
                submitted_at=answer.submitted_at if has_time else None,
                active_ms=answer.active_ms,
                guideline_version=answer.guideline_version,
                revision=revision,
                is_current=answer.is_current,
            )


Certainties = dict[str, float | None]


def _labels_of(annotations: list[int]) -> dict[int, tuple[Certainties, Certainties]]:
    labels: dict[int, tuple[Certainties, Certainties]] = {}
    for annotation, key, chosen, certainty in (
        AnnotationLabel.objects.filter(annotation__in=annotations)
        .order_by("annotation_id", "label__position")
        .values_list("annotation_id", "label__key", "chosen", "certainty")
    ):
        both = labels.setdefault(annotation, ({}, {}))
        both[0 if chosen else 1][key] = certainty
    return labels


def _flags(answer: Annotation, *, has_labels: bool) -> tuple[str, ...]:
    flags = [name for name in ("facts_insufficient", "guideline_unclear", "skipped") if getattr(answer, name)]
    if flags and answer.gives_labels and not has_labels:
        flags.append("no_label_applies")
    return tuple(flags)


def exported_counts(study: Study, *, as_of: dt.datetime) -> Iterator[tuple[str, str, int, int]]:
    """(item, label, chosen by, of): counts that came without annotators."""
    return (
        LabelCount.objects.filter(
            not_withdrawn(as_of=as_of), item__study=study, import_batch__created_at__lte=as_of
        )
        .order_by("item__position", "label__position")
        .values_list("item__key", "label__key", "n_chosen", "n_annotators")
        .iterator(chunk_size=5000)
    )
