"""Items from files: new ones come after existing ones; known ones must have the same content.

A corrected file may replace the items of a withdrawn import, which keep their positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max
from django.utils import timezone

from annotations.formats.import_options import Intake
from annotations.formats.items import ItemRecord
from annotations.formats.paper_inputs import DIGEST_PREFIX, digest_of_texts
from annotations.import_ledger import ImportLedger
from annotations.models import Item, ItemText, Study
from annotations.selectors.imports import StudyItems, items_in_use, not_withdrawn, withdrawn_imports
from hlv.core.rendering.numbers import counted
from hlv.core.tabular.errors import RowError

LONGEST_KEY = 500
CHARACTERS_SHOWN = 40
ITEMS_PER_UPDATE = 200

Content = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """What an item says; its key and its import where it was there before this chunk."""

    content: Content
    metadata: dict[str, str]
    pk: int = 0
    batch: int | None = None


class ItemImporter:
    """Takes item records into one study."""

    def __init__(self, study: Study, batches: ImportLedger, intake: Intake) -> None:
        self._study = study
        self._batches = batches
        self._intake = intake
        last = study.items.aggregate(last=Max("position"))["last"]
        self._next_position = 0 if last is None else last + 1
        self._n_other_metadata = 0
        self._has_digests = study.items.filter(key__startswith=DIGEST_PREFIX).exists()
        self._n_named_otherwise = 0
        # After the batches were made, which may have brought an import back.
        self._withdrawn = frozenset(withdrawn_imports().filter(study=study).values_list("pk", flat=True))

    def take(
        self, rows: Iterable[ItemRecord | RowError], *, after_chunk: Callable[[int], None] = lambda n: None
    ) -> None:
        for chunk in self._intake.chunks(rows):
            self._take_chunk(chunk)
            after_chunk(self._intake.n_rows)
        if self._n_named_otherwise:
            self._intake.notes.append(
                f"{counted(self._n_named_otherwise, 'texts')} of the paper's files {'is an item' if self._n_named_otherwise == 1 else 'are items'} "
                "of the study under another id."
            )
        if self._n_other_metadata:
            self._intake.notes.append(
                f"{self._n_other_metadata:,} {'row says' if self._n_other_metadata == 1 else 'rows say'} other metadata of an item that is there already; "
                "what was said first stands."
            )

    def _take_chunk(self, records: list[ItemRecord]) -> None:
        known = _contents(self._study, [record.key for record in records])
        gone = self._gone(known)
        digests = self._digests(records)
        fresh: list[tuple[ItemRecord, Item]] = []
        completed: list[ItemRecord] = []
        returning: list[tuple[ItemRecord, Item]] = []
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
            if there is None and self._is_named_otherwise(record):
                self._intake.n_known += 1
                self._n_named_otherwise += 1
            elif there is None and (other := digests.get(record.key)) is not None:
                self._intake.refuse(
                    record,
                    f"the text of “{record.key}” is there already as “{other}”, the paper's id of this text: give the "
                    "item this id, or withdraw the import of the paper's file first.",
                )
            elif there is None:
                known[record.key] = Known(content, dict(record.metadata))
                fresh.append((record, self._item(record, row_key)))
            elif not record.texts:
                self._intake.n_known += 1
            elif there.pk in gone and (there.content == content or not gone[there.pk]):
                known[record.key] = Known(content, dict(record.metadata))
                returning.append((record, self._returning(record, row_key, there.pk)))
            elif not there.content[1]:
                known[record.key] = Known(content, dict(record.metadata))
                completed.append(record)
            elif there.content != content:
                self._intake.refuse(
                    record,
                    f"the item “{record.key}” is there already with "
                    f"{_difference(there.content, content)}: items never change, so give this one another id.",
                )
            else:
                self._intake.n_known += 1
                self._n_other_metadata += there.metadata != dict(record.metadata)
        if self._intake.errors:
            return
        self._complete(completed)
        self._return(returning, texts_stay={pk for pk, in_use in gone.items() if in_use})
        # Positions stay those of the rows: bulk_create keeps the order, and texts need the new keys.
        Item.objects.bulk_create([item for _, item in fresh])
        ItemText.objects.bulk_create(text for record, item in fresh for text in _texts(record, item))

    def _is_named_otherwise(self, record: ItemRecord) -> bool:
        is_of_paper = record.key.startswith(DIGEST_PREFIX)
        return is_of_paper and self._items.named_otherwise(record.key) is not None

    @cached_property
    def _items(self) -> StudyItems:
        """As they were before this import; only files of the paper ask for them."""
        return StudyItems(self._study)

    def _digests(self, records: list[ItemRecord]) -> dict[str, str]:
        """Keys of items of the paper's files that have the text of a record with another key, by that key."""
        if not self._has_digests:
            return {}
        wanted = {
            record.key: digest_of_texts(record.texts)
            for record in records
            if record.texts and not record.key.startswith(DIGEST_PREFIX)
        }
        there = Item.objects.filter(not_withdrawn(), study=self._study, key__in=set(wanted.values()))
        found = set(there.values_list("key", flat=True))
        return {key: digest for key, digest in wanted.items() if digest in found}

    def _gone(self, known: dict[str, Known]) -> dict[int, bool]:
        """Those whose import was withdrawn, and whether something refers to them all the same."""
        gone = [there.pk for there in known.values() if there.pk and there.batch in self._withdrawn]
        in_use = items_in_use(Item.objects.filter(pk__in=gone)) if gone else set()
        return {pk: pk in in_use for pk in gone}

    def _returning(self, record: ItemRecord, row_key: str, pk: int) -> Item:
        self._intake.added[record.source] += 1
        return Item(
            pk=pk,
            lang=record.lang[:20],
            metadata=dict(record.metadata),
            import_batch=self._batches.of(record.source),
            row_key=row_key,
            created_at=timezone.now(),
        )

    def _return(self, returning: list[tuple[ItemRecord, Item]], *, texts_stay: set[int]) -> None:
        """Items of a withdrawn import, as this file has them."""
        Item.objects.bulk_update(
            [item for _, item in returning],
            ["lang", "metadata", "import_batch", "row_key", "created_at"],
            batch_size=ITEMS_PER_UPDATE,
        )
        renewed = [(record, item) for record, item in returning if item.pk not in texts_stay]
        ItemText.objects.filter(item__in=[item.pk for _, item in renewed]).delete()
        ItemText.objects.bulk_create(text for record, item in renewed for text in _texts(record, item))

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
        ItemText.objects.bulk_create(text for record in records for text in _texts(record, named[record.key]))

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


def _texts(record: ItemRecord, item: Item) -> Iterator[ItemText]:
    for position, (name, text) in enumerate(record.texts):
        yield ItemText(item=item, position=position, name=name[:100], text=text)


def _contents(study: Study, keys: list[str]) -> dict[str, Known]:
    """Language, texts and metadata of the items that are there already."""
    items = {
        pk: (key, lang, metadata, batch)
        for pk, key, lang, metadata, batch in Item.objects.filter(study=study, key__in=keys).values_list(
            "pk", "key", "lang", "metadata", "import_batch_id"
        )
    }
    texts: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for item_id, name, text in (
        ItemText.objects.filter(item__in=items).order_by("position").values_list("item_id", "name", "text")
    ):
        texts[item_id].append((name, text))
    return {
        key: Known((lang, tuple(texts[pk])), metadata, pk, batch)
        for pk, (key, lang, metadata, batch) in items.items()
    }


def _difference(there: Content, given: Content) -> str:
    if there[1] == given[1]:
        return f"the language “{there[0]}”"
    names_there, names_given = [name for name, _ in there[1]], [name for name, _ in given[1]]
    if names_there != names_given:
        return "other texts"
    known, text = next(
        (old, new) for (_, old), (_, new) in zip(there[1], given[1], strict=True) if old != new
    )
    return (
        f"another text, “{_from_where_they_part(known, text)}” and not “{_from_where_they_part(text, known)}”"
    )


def _from_where_they_part(text: str, other: str) -> str:
    """A few words of a text, from shortly before it differs: two long texts look alike otherwise."""
    pairs = enumerate(zip(text, other, strict=False))
    same = next((place for place, (one, two) in pairs if one != two), min(len(text), len(other)))
    start = max(0, same - CHARACTERS_SHOWN // 2)
    end = start + CHARACTERS_SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
