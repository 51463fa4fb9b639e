"""Answers of source annotators."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import uuid4

from django.utils import timezone

from annotations.formats.import_options import Duplicates, Intake
from annotations.formats.items import AnnotationRecord
from annotations.formats.spans import outside, plain_text, spans_json
from annotations.import_ledger import ImportLedger, Sources, insert_rows, reserve_keys
from annotations.importers.counts import store_evidence
from annotations.models import Annotation, AnnotationLabel, Item, ItemText, Participant, Study
from annotations.selectors.imports import StudyItems, StudyLabels, not_withdrawn
from hlv.core.tabular.cells import read_time
from hlv.core.tabular.errors import FirstPlaces, RowError

Evidence = Item.Evidence
FLAGS = ("facts_insufficient", "guideline_unclear", "skipped", "no_label_applies")
LONGEST_SOURCE = 500
_ITEMS_PER_ANNOTATOR = 1 << 40
ANSWER_FIELDS = (
    "id",
    "uuid",
    "client_key",
    "payload_hash",
    "item",
    "participant",
    "replaces",
    "gives_labels",
    "facts_insufficient",
    "guideline_unclear",
    "skipped",
    "reason",
    "comment",
    "surplus",
    "submitted_at",
    "active_ms",
    "import_batch",
    "row_key",
    "metadata",
    "spans",
    "received_at",
)
LABEL_FIELDS = ("annotation", "label", "chosen", "certainty")


@dataclass(frozen=True, slots=True)
class CurrentAnswer:
    """The newest answer of a source to an item, and whether it counts or its import was withdrawn."""

    pk: int
    counts: bool
    file: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An answer that will be stored, with where it goes."""

    record: AnnotationRecord
    row_key: str
    item: int
    occurrence: int
    replaces: int | None


Existing = dict[tuple[int, str, int], CurrentAnswer]


class AnnotationImporter:
    """Takes annotation records into one study.

    Parameters
    ----------
    winners
        With `Duplicates.LAST`: places in the file, from 0, of the answers that stand (`last_answers`).
    """

    def __init__(
        self,
        study: Study,
        batches: ImportLedger,
        intake: Intake,
        items: StudyItems,
        labels: StudyLabels,
        *,
        duplicates: Duplicates,
        winners: frozenset[int] | None = None,
    ) -> None:
        self._study = study
        self._batches = batches
        self._intake = intake
        self._items = items
        self._labels = labels
        self._duplicates = duplicates
        self._winners = winners
        self._sources = Sources(study, Participant.Role.ANNOTATOR)
        # Answers of this command come to `existing` through memory; only older ones are asked for.
        self._has_older = Annotation.objects.filter(
            item__study=study, participant__user__isnull=True
        ).exists()
        self._codes: dict[str, int] = {}
        # Two whole numbers for each answer: a million answers fit.
        self._seen: FirstPlaces[int] = FirstPlaces()
        self._n_read = 0
        # Of the texts of items with spans, by item and position.
        self._lengths: dict[int, dict[int, int]] = {}

    def take(
        self,
        rows: Iterable[AnnotationRecord | RowError],
        *,
        after_chunk: Callable[[int], None] = lambda n: None,
    ) -> None:
        for chunk in self._intake.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._intake.n_rows)
        self._sources.shuffle()

    def _take_chunk(self, records: list[AnnotationRecord]) -> None:
        keys = [self._batches.key(record.source, record.cells) for record in records]
        known = self._batches.known(Annotation, keys)
        existing = self._existing(records) if self._has_older else {}
        self._lengths = self._lengths_of_texts(records)
        placed: list[Placed] = []
        for record, row_key in zip(records, keys, strict=True):
            place = self._n_read
            self._n_read += 1
            if self._winners is not None and place not in self._winners:
                self._intake.n_left_out += 1
                continue
            item = self._place(record)
            if item is None:
                continue
            if row_key in known:
                self._intake.n_known += 1
                self._seen.earlier_place(self._pair(record, item), record)
                continue
            found = self._decide(record, row_key, item, existing)
            if found is not None:
                placed.append(found)
        # After an error nothing will be stored: the rest of the file is only checked.
        if not self._intake.errors:
            self._store(placed)

    def _lengths_of_texts(self, records: list[AnnotationRecord]) -> dict[int, dict[int, int]]:
        found = (self._items.get(record.item_key) for record in records if record.spans)
        lengths: dict[int, dict[int, int]] = {pk: {} for pk, *_rest in filter(None, found)}
        for item, position, text in ItemText.objects.filter(item__in=lengths).values_list(
            "item", "position", "text"
        ):
            lengths[item][position] = len(plain_text(text))
        return lengths

    def _place(self, record: AnnotationRecord) -> int | None:
        """The item that this answer is for; None after saying what is wrong with the row."""
        found = self._items.get(record.item_key)
        wrong: str | None
        if found is None:
            wrong = self._items.unknown(record.item_key)
        elif found[1] == Evidence.COUNTS:
            wrong = (
                f"the item “{record.item_key}” has counts without annotators: answers of annotators never mix "
                "with them within an item."
            )
        else:
            wrong = self._wrong_answer(record) or self._wrong_spans(record, found[0])
        if wrong is not None:
            self._intake.refuse(record, wrong)
            return None
        return found[0] if found else None

    def _wrong_answer(self, record: AnnotationRecord) -> str | None:
        unknown = self._labels.unknown(record.labels) or self._labels.unknown(record.certainties or ())
        if unknown is not None:
            return unknown
        if self._study.one_label_only and len(record.labels) > 1:
            listed = ", ".join(f"“{label}”" for label in record.labels)
            return f"there are {len(record.labels)} labels, {listed}, and the study takes one per answer."
        strange = [flag for flag in record.flags if flag not in FLAGS]
        if strange:
            return f"the flag “{strange[0]}” is none of {', '.join(FLAGS)}."
        if record.labels and ("skipped" in record.flags or "no_label_applies" in record.flags):
            return "there are labels beside a flag that says there are none."
        if "skipped" in record.flags and (record.certainties or "no_label_applies" in record.flags):
            return "a skip has neither certainties nor “no_label_applies”: keep one of the two."
        if len(record.annotator) > LONGEST_SOURCE:
            return f"the annotator's name has more than {LONGEST_SOURCE} characters."
        return None

    def _wrong_spans(self, record: AnnotationRecord, item: int) -> str | None:
        for span in record.spans:
            if span.label not in record.labels:
                return f"words are marked for the label “{span.label}”, which is not chosen."
        wrong = outside(record.spans, self._lengths.get(item, {}))
        return (
            f"there are no characters {wrong.start} to {wrong.end} in text {wrong.text} of the item."
            if wrong
            else None
        )

    def _decide(self, record: AnnotationRecord, row_key: str, item: int, existing: Existing) -> Placed | None:
        """Where an answer goes that was not known: by the rule for duplicates."""
        earlier_row = self._seen.earlier_place(self._pair(record, item), record)
        occurrence = 0
        if earlier_row is not None:
            if self._duplicates is Duplicates.FIRST:
                self._intake.n_left_out += 1
                return None
            if self._duplicates is not Duplicates.ALL:
                self._intake.refuse(record, self._twice(record, earlier_row))
                return None
            occurrence = self._seen.n_more(self._pair(record, item))
        there = existing.get((item, record.annotator, occurrence))
        while there is not None and there.counts and self._duplicates is Duplicates.ALL:
            occurrence += 1
            there = existing.get((item, record.annotator, occurrence))
        if there is not None and there.counts and self._duplicates is not Duplicates.LAST:
            if self._duplicates is Duplicates.FIRST:
                self._intake.n_left_out += 1
            else:
                self._intake.refuse(
                    record,
                    f"“{record.annotator}” has answered the item “{record.item_key}” already, in {there.file}: "
                    "say --duplicates first to keep that answer, or last to replace it.",
                )
            return None
        return Placed(record, row_key, item, occurrence, there.pk if there is not None else None)

    def _twice(self, record: AnnotationRecord, earlier_row: str) -> str:
        return (
            f"“{record.annotator}” answers the item “{record.item_key}” here and {earlier_row}: "
            "say --duplicates first, last or all."
        )

    def _pair(self, record: AnnotationRecord, item: int) -> int:
        code = self._codes.setdefault(record.annotator, len(self._codes))
        return code * _ITEMS_PER_ANNOTATOR + item

    def _existing(self, records: list[AnnotationRecord]) -> Existing:
        """The newest answers of sources to these items that earlier imports brought."""
        items = {found[0] for record in records if (found := self._items.get(record.item_key)) is not None}
        rows = Annotation.objects.filter(item__in=items, participant__user__isnull=True).order_by("pk")
        existing = set(rows.filter(not_withdrawn()).values_list("pk", flat=True))
        newest: Existing = {}
        for pk, item, source, occurrence, file in rows.values_list(
            "pk",
            "item_id",
            "participant__source",
            "participant__source_occurrence",
            "import_batch__source",
        ):
            before = newest.get((item, source, occurrence))
            counts = pk in existing or (before is not None and before.counts)
            newest[item, source, occurrence] = CurrentAnswer(pk, counts, file or "this study")
        return newest

    def _store(self, placed: list[Placed]) -> None:
        self._intake.made(
            "annotators",
            self._sources.ensure((one.record.annotator, one.occurrence, one.record.group) for one in placed),
        )
        keys, now = reserve_keys(Annotation, len(placed)), timezone.now()
        insert_rows(
            Annotation,
            ANSWER_FIELDS,
            [(key, *self._answer(one), now) for key, one in zip(keys, placed, strict=True)],
        )
        insert_rows(
            AnnotationLabel,
            LABEL_FIELDS,
            [
                (key, *label)
                for key, one in zip(keys, placed, strict=True)
                for label in self._labels_of(one.record)
            ],
        )
        for one in placed:
            self._intake.added[one.record.source] += 1
        store_evidence(self._items, (one.record.item_key for one in placed), Evidence.ANNOTATIONS)

    def _answer(self, placed: Placed) -> tuple[object, ...]:
        """The values of `ANSWER_FIELDS` between the key and the time of arrival."""
        record = placed.record
        batch = self._batches.of(record.source)
        said_otherwise = bool(record.flags) and "no_label_applies" not in record.flags
        active_ms = record.metadata.get("active_ms", "")
        return (
            uuid4(),
            uuid4(),
            "",
            placed.item,
            self._sources.pk(record.annotator, placed.occurrence),
            placed.replaces,
            bool(record.labels) or not said_otherwise,
            "facts_insufficient" in record.flags,
            "guideline_unclear" in record.flags,
            "skipped" in record.flags,
            "",
            "",
            False,
            # A file that gives no time: the time of the import, which exports know to leave out.
            read_time(record.submitted_at) if record.submitted_at else batch.created_at,
            int(active_ms) if active_ms.isascii() and active_ms.isdecimal() else None,
            batch.pk,
            placed.row_key,
            json.dumps(dict(record.metadata)),
            json.dumps(spans_json(record.spans)) if record.spans else None,
        )

    def _labels_of(self, record: AnnotationRecord) -> Iterator[tuple[int, bool, float | None]]:
        """Label, whether it was chosen, and its certainty: the chosen ones, then those ruled out."""
        certainties = record.certainties or {}
        for label in record.labels:
            yield self._labels.pks[label], True, certainties.get(label)
        for label, certainty in certainties.items():
            if label not in record.labels:
                yield self._labels.pks[label], False, certainty


def last_answers(rows: Iterable[AnnotationRecord | RowError]) -> frozenset[int]:
    """Places, from 0, of the newest answer of each source to each item: by time, else by order in the file."""
    newest: dict[tuple[str, str], tuple[dt.datetime, int]] = {}
    epoch = dt.datetime.fromtimestamp(0, tz=dt.UTC)
    answers = (row for row in rows if not isinstance(row, RowError))
    for place, row in enumerate(answers):
        pair = (row.item_key, row.annotator)
        existing = (read_time(row.submitted_at) if row.submitted_at else epoch, place)
        newest[pair] = max(newest.get(pair, existing), existing)
    return frozenset(place for _, place in newest.values())
