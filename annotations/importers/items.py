"""Items from files: new ones after those there are, known ones only if they say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db.models import Max

from annotations.batches import Batches
from annotations.formats.errors import RowError
from annotations.formats.intake import Intake
from annotations.formats.records import ItemRecord
from annotations.models import Item, ItemText, Study

LONGEST_KEY = 500


class ItemsTaker:
    """Takes item records into one study."""

    def __init__(self, study: Study, batches: Batches, intake: Intake) -> None:
        self._study = study
        self._batches = batches
        self._intake = intake
        last = study.items.aggregate(last=Max("position"))["last"]
        self._next_position = 0 if last is None else last + 1
        self._n_other_metadata = 0

    def take(
        self, rows: Iterable[ItemRecord | RowError], *, after_chunk: Callable[[int], None] = lambda n: None
    ) -> None:
        for chunk in self._intake.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._intake.n_rows)
        if self._n_other_metadata:
            self._intake.notes.append(
                f"{self._n_other_metadata} rows say other metadata of an item that is there already; "
                "what was said first stands."
            )

    def _take_chunk(self, records: list[ItemRecord]) -> None:
        known = _contents(self._study, [record.key for record in records])
        fresh: list[tuple[ItemRecord, Item]] = []
        completed: list[ItemRecord] = []
        for record in records:
            row_key = self._batches.key(record.source, record.cells)
            if len(record.key) > LONGEST_KEY:
                self._intake.refuse(record, f"the item's id has more than {LONGEST_KEY} characters.")
                continue
            if not record.key:
                self._intake.refuse(record, "the item has no id.")
                continue
            content = (record.lang, record.texts)
            there = known.get(record.key)
            if there is None:
                known[record.key] = (content, dict(record.metadata))
                fresh.append((record, self._item(record, row_key)))
            elif not record.texts:
                self._intake.n_known += 1
            elif not there[0][1]:
                known[record.key] = (content, dict(record.metadata))
                completed.append(record)
            elif there[0] != content:
                self._intake.refuse(
                    record,
                    f"the item “{record.key}” is there already with "
                    f"{_difference(there[0], content)}: items never change, so give this one another id.",
                )
            else:
                self._intake.n_known += 1
                self._n_other_metadata += there[1] != dict(record.metadata)
        if self._intake.errors:
            return
        self._complete(completed)
        # Positions stay those of the rows: bulk_create keeps the order, and texts need the new keys.
        Item.objects.bulk_create([item for _, item in fresh])
        ItemText.objects.bulk_create(
            ItemText(item=item, position=position, name=name[:100], text=text)
            for record, item in fresh
            for position, (name, text) in enumerate(record.texts)
        )

    def _complete(self, records: list[ItemRecord]) -> None:
        """Items that judgments named before their texts came."""
        named = {
            item.key: item
            for item in Item.objects.filter(study=self._study, key__in=[record.key for record in records])
        }
        for record in records:
            item = named[record.key]
            item.lang, item.metadata = record.lang[:20], dict(record.metadata)
            self._intake.added[record.source] += 1
        Item.objects.bulk_update(named.values(), ["lang", "metadata"])
        ItemText.objects.bulk_create(
            ItemText(item=named[record.key], position=position, name=name[:100], text=text)
            for record in records
            for position, (name, text) in enumerate(record.texts)
        )

    def _item(self, record: ItemRecord, row_key: str) -> Item:
        item = Item(
            study=self._study,
            key=record.key,
            position=self._next_position,
            lang=record.lang[:20],
            metadata=dict(record.metadata),
            import_batch=self._batches.of(record.source),
            row_key=row_key,
        )
        self._next_position += 1
        self._intake.added[record.source] += 1
        return item


Content = tuple[str, tuple[tuple[str, str], ...]]


def _contents(study: Study, keys: list[str]) -> dict[str, tuple[Content, dict[str, str]]]:
    """Language, texts and metadata of the items that are there already."""
    items = {
        pk: (key, lang, metadata)
        for pk, key, lang, metadata in Item.objects.filter(study=study, key__in=keys).values_list(
            "pk", "key", "lang", "metadata"
        )
    }
    texts: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for item_id, name, text in (
        ItemText.objects.filter(item__in=items).order_by("position").values_list("item_id", "name", "text")
    ):
        texts[item_id].append((name, text))
    return {key: ((lang, tuple(texts[pk])), metadata) for pk, (key, lang, metadata) in items.items()}


def _difference(there: Content, given: Content) -> str:
    if there[1] == given[1]:
        return f"the language “{there[0]}”"
    names_there, names_given = [name for name, _ in there[1]], [name for name, _ in given[1]]
    return "another text" if names_there == names_given else "other texts"
