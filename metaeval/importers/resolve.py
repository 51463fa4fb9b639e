"""Where judgments of a file belong: items, methods and comparisons, found or made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Max

from annotations.formats.import_options import Intake
from annotations.models import Item, Study
from annotations.selectors.study_keys import StudyItems
from metaeval.formats.records import JudgmentRecord
from metaeval.importers.campaign_comparisons import CampaignComparisons
from metaeval.importers.study_methods import StudyMethods
from metaeval.models import Campaign

LONGEST_KEY = 500


class JudgmentResolver:
    """The items, methods and comparisons of one campaign, as records name them.

    Parameters
    ----------
    group
        Base model of the methods that a file names.
    strict
        Refuse items and methods that the study does not have, rather than make them.
    """

    def __init__(self, study: Study, campaign: Campaign, *, group: str, strict: bool) -> None:
        self._study = study
        self._group = group
        self._strict = strict
        self._items = StudyItems(study)
        self._methods = StudyMethods(study)
        self._comparisons = CampaignComparisons(campaign)
        last = study.items.aggregate(last=Max("position"))["last"]
        self._next_position = 0 if last is None else last + 1

    def wrong(self, record: JudgmentRecord) -> str | None:
        """Why a record can neither be placed nor get a place."""
        for name in (record.left, record.right):
            wrong = self._methods.wrong(name, base_model=self._group)
            if wrong is None and self._strict and self._methods.find(name, base_model=self._group) is None:
                wrong = self._methods.unknown(name)
            if wrong is not None:
                return wrong
        if record.item_key is not None:
            if len(record.item_key) > LONGEST_KEY:
                return f"the item's id has more than {LONGEST_KEY} characters."
            if self._strict and self._items.get(record.item_key) is None:
                return self._items.unknown(record.item_key)
        return None

    def find(self, record: JudgmentRecord) -> int | None:
        """The comparison of a record, where it is there already."""
        return self._comparisons.get(self._item(record), *self.pair(record))

    def comparison(self, record: JudgmentRecord) -> int:
        """Of a record whose place was ensured."""
        return self._comparisons.pk(self._item(record), *self.pair(record))

    def pair(self, record: JudgmentRecord) -> tuple[int, int]:
        """The keys of left and right; 0 for a method that is not there yet."""
        left = self._methods.find(record.left, base_model=self._group)
        right = self._methods.find(record.right, base_model=self._group)
        return left or 0, right or 0

    def ensure(self, records: Sequence[JudgmentRecord], intake: Intake) -> None:
        """Make what is missing, and count it."""
        names = [(self._group, name) for record in records for name in (record.left, record.right)]
        intake.made("methods", self._methods.ensure(names))
        intake.made("items", self._ensure_items(records))
        self._comparisons.ensure((self._item(record), *self.pair(record)) for record in records)

    def _item(self, record: JudgmentRecord) -> int | None:
        found = self._items.get(record.item_key) if record.item_key is not None else None
        return found[0] if found else None

    def _ensure_items(self, records: Iterable[JudgmentRecord]) -> int:
        """Items that the study lacks, without texts until an import of items brings them."""
        missing = dict.fromkeys(
            record.item_key
            for record in records
            if record.item_key is not None and self._items.get(record.item_key) is None
        )
        made = Item.objects.bulk_create(
            Item(study=self._study, key=key, position=self._next_position + place)
            for place, key in enumerate(missing)
            if key is not None
        )
        self._next_position += len(made)
        for item in made:
            self._items.add(item.key, item.pk)
        return len(made)
