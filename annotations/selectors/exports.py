"""Answers and items as they are taken away: streamed, in an order that does not change."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from django.db.models import Count, QuerySet

from annotations.formats.spans import Span, read_spans
from annotations.models import AnnotationLabel, Item, ItemText, LabelCount, Participant, Study
from annotations.selectors.answers import known_answers
from annotations.selectors.imports import not_withdrawn

CHUNK_ROWS = 2000
FLAGS = ("facts_insufficient", "guideline_unclear", "skipped")


@dataclass(frozen=True, slots=True)
class ExportedItem:
    pk: int
    key: str
    texts: tuple[tuple[str, str], ...]
    lang: str
    metadata: dict[str, str]


class ExportedAnswer(msgspec.Struct, frozen=True, gc=False):
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
    spans: tuple[Span, ...]
    shown_at: dt.datetime | None
    submitted_at: dt.datetime | None
    active_ms: int | None
    guideline_version: int | None
    revision: int
    is_current: bool


def participant_names(study: Study, *, with_names: bool) -> dict[int, str]:
    """What each participant is called in files: a pseudonym, unless names may be seen.

    A source that a file gave several answers for one input has several participants; each keeps its own name. So do two
    people of one name.
    """
    participants = list(Participant.objects.filter(study=study).select_related("user").order_by("pk"))
    if not with_names:
        # Not translated: the same study gives the same file in every language.
        return {one.pk: f"{str(one.role).capitalize()} {one.number}" for one in participants}
    people = {one.user for one in participants if one.user is not None}
    n_of_name = Counter(person.name for person in people) + Counter({one.source for one in participants})
    return {one.pk: _name(one, n_of_name) for one in participants}


def _name(participant: Participant, n_of_name: Mapping[str, int]) -> str:
    """The name of a person, with the address where others have that name; or the source that a file gave."""
    person, more = participant.user, participant.source_occurrence
    if person is None:
        return f"{participant.source} ({more + 1})" if more else participant.source
    if person.name and n_of_name[person.name] > 1:
        return f"{person.name} ({person.email})"
    return person.name or person.email


def names_by_pseudonym(study: Study, *, with_names: bool) -> dict[str, str]:
    """The same for what is kept under pseudonyms."""
    if not with_names:
        return {}
    pseudonyms = participant_names(study, with_names=False)
    named = participant_names(study, with_names=True)
    return {pseudonym: named[pk] for pk, pseudonym in pseudonyms.items()}


def exported_items(study: Study, *, as_of: dt.datetime) -> Iterator[ExportedItem]:
    """Items by position, each with its texts."""
    items = _items(study, as_of=as_of).order_by("position")
    texts = _ByPosition(
        ItemText.objects.filter(item__study=study)
        .order_by("item__position")
        .values_list("item__position", "position", "name", "text")
        .iterator(chunk_size=CHUNK_ROWS)
    )
    for pk, key, lang, metadata, position in items.values_list(
        "pk", "key", "lang", "metadata", "position"
    ).iterator(chunk_size=CHUNK_ROWS):
        named = tuple((name, text) for _item, _place, name, text in sorted(texts.at(position)))
        yield ExportedItem(pk, key, named, lang, metadata)


@dataclass(frozen=True)
class ItemColumns:
    """Names of texts, and of facts, over all items."""

    texts: tuple[str, ...]
    metadata: tuple[str, ...]


def item_columns(study: Study, *, as_of: dt.datetime) -> ItemColumns:
    texts = dict.fromkeys(
        ItemText.objects.filter(item__study=study)
        .order_by("position", "name")
        .values_list("name", flat=True)
        .distinct()
    )
    items = _items(study, as_of=as_of).order_by("position").values_list("metadata", flat=True)
    metadata = {name: None for facts in items.iterator(chunk_size=CHUNK_ROWS) for name in facts}
    return ItemColumns(tuple(texts), tuple(metadata))


def exported_languages(study: Study, *, as_of: dt.datetime) -> dict[str, int]:
    """How many items are in each language."""
    return dict(_items(study, as_of=as_of).order_by().values_list("lang").annotate(n=Count("pk")))


def _items(study: Study, *, as_of: dt.datetime) -> QuerySet[Item]:
    return Item.objects.filter(not_withdrawn(as_of=as_of), study=study, created_at__lte=as_of)


def exported_answers(
    study: Study, *, as_of: dt.datetime, names: dict[int, str], only_current: bool
) -> Iterator[ExportedAnswer]:
    """Answers by item and participant; withdrawn imports are left out."""
    for answers in answers_by_item(study, as_of=as_of, names=names):
        yield from (answer for answer in answers if answer.is_current or not only_current)


def answers_by_item(
    study: Study, *, as_of: dt.datetime, names: dict[int, str]
) -> Iterator[list[ExportedAnswer]]:
    """The answers to each answered item, revised ones too, in the order of items and participants.

    Two statements read all of it, in the order of items, so that memory holds one item.
    """
    lookup = _Lookup.of(study, names)
    rows = (
        known_answers(as_of=as_of)
        .filter(item__study=study)
        .order_by("item__position")
        .values_list(*_AnswerRow._fields)
        .iterator(chunk_size=CHUNK_ROWS)
    )
    # Rows are there once the first is read; labels are asked for after it, so that no answer comes without its own.
    labels: _ByPosition | None = None
    for position, group in groupby(rows, key=itemgetter(0)):
        labels = labels or _ByPosition(_label_rows(study))
        given = _labels_by_answer(labels.at(position), lookup.labels)
        answers = [_AnswerRow._make(row) for row in group]
        answers.sort(key=lambda row: (lookup.numbers[row.participant_id], row.participant_id, row.pk))
        yield list(_exported(answers, given, lookup))


class _AnswerRow(NamedTuple):
    """The columns of an answer that are read, by the names of its fields."""

    item__position: int
    pk: int
    item_id: int
    item__key: str
    participant_id: int
    gives_labels: bool
    facts_insufficient: bool
    guideline_unclear: bool
    skipped: bool
    reason: str
    comment: str
    spans: Any
    shown_at: dt.datetime | None
    submitted_at: dt.datetime
    active_ms: int | None
    guideline_id: int | None
    import_batch_id: int | None


@dataclass(frozen=True, slots=True)
class _Lookup:
    """What rows refer to by key: participants, labels, guidelines, imports."""

    names: dict[int, str]
    numbers: dict[int, int]
    groups: dict[int, str]
    labels: dict[int, tuple[int, str]]
    guidelines: dict[int, int]
    imported_at: dict[int, dt.datetime]

    @classmethod
    def of(cls, study: Study, names: dict[int, str]) -> _Lookup:
        people = list(Participant.objects.filter(study=study).values_list("pk", "number", "group"))
        return cls(
            names=names,
            numbers={pk: number for pk, number, _group in people},
            groups={pk: group for pk, _number, group in people},
            labels={
                pk: (position, key) for pk, position, key in study.labels.values_list("pk", "position", "key")
            },
            guidelines=dict(study.guidelines.values_list("pk", "version")),
            imported_at=dict(study.imports.values_list("pk", "created_at")),
        )


class _ByPosition:
    """Rows of a second statement, in the order of items, whose first column is the item's position."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def at(self, position: int) -> Iterable[tuple[Any, ...]]:
        """The rows of one item. Positions only grow from call to call."""
        while self._next is not None and self._next[0] < position:
            self._next = next(self._groups, None)
        return self._next[1] if self._next is not None and self._next[0] == position else ()


Certainties = dict[str, float | None]


def _label_rows(study: Study) -> Iterator[tuple[Any, ...]]:
    return (
        AnnotationLabel.objects.filter(annotation__item__study=study)
        .order_by("annotation__item__position")
        .values_list("annotation__item__position", "annotation_id", "label_id", "chosen", "certainty")
        .iterator(chunk_size=CHUNK_ROWS)
    )


def _labels_by_answer(
    rows: Iterable[tuple[Any, ...]], labels: dict[int, tuple[int, str]]
) -> dict[int, tuple[Certainties, Certainties]]:
    """Chosen and rejected labels of each answer to an item, in the order of the label set."""
    found: dict[int, tuple[Certainties, Certainties]] = {}
    for _item, answer, label, chosen, certainty in sorted(rows, key=lambda row: labels[row[2]]):
        found.setdefault(answer, ({}, {}))[0 if chosen else 1][labels[label][1]] = certainty
    return found


def _exported(
    answers: list[_AnswerRow], labels: dict[int, tuple[Certainties, Certainties]], lookup: _Lookup
) -> Iterator[ExportedAnswer]:
    """The answers to one item, by participant; the last of each participant is the current one."""
    revision = 0
    for place, row in enumerate(answers):
        revision += 1
        is_current = place + 1 == len(answers) or answers[place + 1].participant_id != row.participant_id
        chosen, rejected = labels.get(row.pk) or ({}, {})
        # The importer stores its own time where a file gives none.
        has_time = row.import_batch_id is None or row.submitted_at != lookup.imported_at[row.import_batch_id]
        yield ExportedAnswer(
            item_id=row.item_id,
            item_key=row.item__key,
            annotator=lookup.names[row.participant_id],
            group=lookup.groups[row.participant_id],
            gives_labels=row.gives_labels,
            chosen=chosen,
            rejected=rejected,
            flags=_flags(row, has_labels=bool(chosen)),
            reason=row.reason,
            comment=row.comment,
            spans=read_spans(row.spans) if row.spans else (),
            shown_at=row.shown_at,
            submitted_at=row.submitted_at if has_time else None,
            active_ms=row.active_ms,
            guideline_version=None if row.guideline_id is None else lookup.guidelines[row.guideline_id],
            revision=revision,
            is_current=is_current,
        )
        if is_current:
            revision = 0


def _flags(row: _AnswerRow, *, has_labels: bool) -> tuple[str, ...]:
    if not (row.facts_insufficient or row.guideline_unclear or row.skipped):
        return ()
    flags = [name for name in FLAGS if getattr(row, name)]
    if row.gives_labels and not has_labels:
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
