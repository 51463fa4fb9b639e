"""Counts of labels without annotators."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.utils import timezone

from annotations.assignment_leases import give_back
from annotations.formats.import_options import ImportRefusedError, Intake
from annotations.formats.items import CountRecord
from annotations.import_ledger import ImportLedger
from annotations.models import Annotation, Assignment, Item, LabelCount, Study
from annotations.selectors.imports import StudyItems, StudyLabels, not_withdrawn
from hlv.core.tabular.errors import RowError

ITEMS_PER_QUERY = 500


def store_evidence(items: StudyItems, keys: Iterable[str], evidence: Item.Evidence) -> None:
    changed = [pk for key in keys if (pk := items.mark(key, evidence)) is not None]
    for start in range(0, len(changed), ITEMS_PER_QUERY):
        Item.objects.filter(pk__in=changed[start : start + ITEMS_PER_QUERY]).update(evidence=evidence)


Evidence = Item.Evidence


class CountImporter:
    """Takes count records into one study: one row of counts for each item, once."""

    def __init__(
        self, study: Study, batches: ImportLedger, intake: Intake, items: StudyItems, labels: StudyLabels
    ) -> None:
        if study.task == Study.Task.MULTILABEL:
            raise ImportRefusedError(
                "Counts alone do not tell how many people answered where each may choose several labels: "
                "this study needs the answers of each annotator."
            )
        self._batches = batches
        self._intake = intake
        intake.unit = "counts"
        self._items = items
        self._labels = labels

    def take(
        self, rows: Iterable[CountRecord | RowError], *, after_chunk: Callable[[int], None] = lambda n: None
    ) -> None:
        for chunk in self._intake.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._intake.n_rows)

    def _take_chunk(self, records: list[CountRecord]) -> None:
        keys = [self._batches.key(record.source, record.cells) for record in records]
        known = self._batches.known(LabelCount, keys)
        items = self._hold(records)
        there = _counts_there(items)
        # Also what was skipped, which is no label and so no evidence.
        answered = set(Annotation.objects.filter(item__in=items).values_list("item_id", flat=True))
        fresh: list[LabelCount] = []
        keys_added: list[str] = []
        for record, row_key in zip(records, keys, strict=True):
            if row_key in known:
                self._intake.n_known += 1
                continue
            item = self._place(record, answered)
            if item is None:
                continue
            given = {self._labels.pks[label]: count for label, count in record.counts.items()}
            if item in there:
                if _same(there[item], given):
                    self._intake.n_known += 1
                else:
                    self._intake.refuse(
                        record, f"the item “{record.item_key}” has other counts already: counts never change."
                    )
                continue
            there[item] = given
            fresh.extend(self._rows(record, item, given, row_key))
            keys_added.append(record.item_key)
            self._intake.added[record.source] += 1
        if self._intake.errors:
            return
        _return_open_assignments({count.item_id for count in fresh})
        LabelCount.objects.bulk_create(fresh)
        store_evidence(self._items, keys_added, Evidence.COUNTS)

    def _hold(self, records: list[CountRecord]) -> list[int]:
        """Lock these items, so that nobody answers or is given one meanwhile, and learn what was answered since."""
        items = [found[0] for record in records if (found := self._items.get(record.item_key))]
        held = Item.objects.filter(pk__in=items).order_by("pk").select_for_update(no_key=True)
        for key, evidence in held.values_list("key", "evidence"):
            self._items.mark(key, evidence)
        return items

    def _place(self, record: CountRecord, answered: set[int]) -> int | None:
        """The item that these counts go to; None after saying what is wrong."""
        found = self._items.get(record.item_key)
        if found is None:
            self._intake.refuse(record, self._items.unknown(record.item_key))
            return None
        if found[1] == Evidence.ANNOTATIONS or found[0] in answered:
            self._intake.refuse(
                record,
                f"the item “{record.item_key}” has answers of annotators: counts without annotators never mix "
                "with them within an item.",
            )
            return None
        wrong = self._labels.unknown(record.counts)
        if wrong is not None:
            self._intake.refuse(record, wrong)
            return None
        return found[0]

    def _rows(self, record: CountRecord, item: int, given: dict[int, int], row_key: str) -> list[LabelCount]:
        n_annotators = sum(given.values())
        return [
            LabelCount(
                item_id=item,
                label_id=label,
                n_chosen=count,
                n_annotators=n_annotators,
                import_batch=self._batches.of(record.source),
                row_key=row_key,
            )
            for label, count in given.items()
        ]


def _return_open_assignments(items: set[int]) -> None:
    """Return open assignments of these items: an item with counts takes no answer."""
    assignments, now = Assignment.objects.filter(item__in=items), timezone.now()
    while give_back(assignments, Item.objects.all(), place="item_id", now=now):
        pass


def _counts_there(items: Iterable[int]) -> dict[int, dict[int, int]]:
    counts: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for item, label, n_chosen in LabelCount.objects.filter(not_withdrawn(), item__in=list(items)).values_list(
        "item_id", "label_id", "n_chosen"
    ):
        counts[item][label] = n_chosen
    return dict(counts)


def _same(there: dict[int, int], given: dict[int, int]) -> bool:
    """Labels that are left out count 0."""
    return all(there.get(label, 0) == given.get(label, 0) for label in there.keys() | given.keys())
