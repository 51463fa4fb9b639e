"""Where judgments of a file belong: items, methods and comparisons, found or made."""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from annotations.formats.import_options import Intake
from annotations.models import Item, Study
from annotations.selectors.imports import StudyItems
from metaeval.formats.records import JudgmentRecord
from metaeval.models import Campaign, Comparison, Method

LONGEST_KEY = 500
LONGEST_NAME = 300
LONGEST_GROUP = 200


def _next_position(rows: QuerySet[Method] | QuerySet[Item]) -> int:
    last = rows.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


class StudyMethods:
    """Method names to rows.

    Without a group, a name is found in whichever group has it alone, and also as it is shown where several have
    it: "name (base model)".
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._pks: dict[tuple[str, str], int] = {}
        self._groups: defaultdict[str, list[str]] = defaultdict(list)
        self._shown: dict[str, int] = {}
        for pk, base_model, name in Method.objects.filter(study=study).values_list(
            "pk", "base_model", "name"
        ):
            self._know(pk, base_model=base_model, name=name)
        self._next_position = _next_position(study.methods.all())

    def __len__(self) -> int:
        return len(self._pks)

    def find(self, name: str, *, base_model: str = "") -> int | None:
        exact = self._pks.get((base_model, name))
        if exact is not None or base_model:
            return exact
        groups = self._groups.get(name, [])
        return self._pks[groups[0], name] if len(groups) == 1 else self._shown.get(name)

    def pk(self, name: str, *, base_model: str = "") -> int:
        """Of a method that was ensured."""
        found = self.find(name, base_model=base_model)
        if found is None:
            raise KeyError(name)
        return found

    def wrong(self, name: str, *, base_model: str = "") -> str | None:
        """Why this name can neither be found nor given to a new method."""
        if len(name) > LONGEST_NAME:
            return f"the method's name has more than {LONGEST_NAME} characters."
        if any(unicodedata.category(character) == "Cc" for character in name + base_model):
            return "the method's name holds a control character: remove it."
        if len(base_model) > LONGEST_GROUP:
            return f"the base model's name has more than {LONGEST_GROUP} characters."
        groups = self._groups.get(name, [])
        if not base_model and len(groups) > 1 and (base_model, name) not in self._pks:
            listed = ", ".join(f"“{group}”" for group in groups)
            return f"there are several methods “{name}”, of the base models {listed}: name one with --base-model."
        return None

    def unknown(self, name: str) -> str:
        known = list(self._groups)
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        if not known:
            return f"the study has no method “{name}”, nor any other yet: import outputs first, or leave out --strict."
        listed = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
        return (
            f"the study has no method “{name}”.{hint} Its methods are {listed}; where the file spells them "
            "otherwise, say how with --names FILE."
        )

    def ensure(self, wanted: Iterable[tuple[str, str]]) -> int:
        """Make the methods (base model, name) that are missing, in this order; returns how many were."""
        missing = [
            (base_model, name)
            for base_model, name in dict.fromkeys(wanted)
            if self.find(name, base_model=base_model) is None
        ]
        made = Method.objects.bulk_create(
            Method(study=self._study, name=name, base_model=base_model, position=self._next_position + place)
            for place, (base_model, name) in enumerate(missing)
        )
        self._next_position += len(made)
        for method in made:
            self._know(method.pk, base_model=method.base_model, name=method.name)
        return len(made)

    def _know(self, pk: int, *, base_model: str, name: str) -> None:
        self._pks[base_model, name] = pk
        self._groups[name].append(base_model)
        if base_model:
            self._shown[f"{name} ({base_model})"] = pk


Pair = tuple[int | None, int, int]


class CampaignComparisons:
    """(item, method, method) to comparisons; which method stood left is said by the judgment."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._pks: dict[Pair, int] = {
            (item, low, high): pk
            for pk, item, low, high in Comparison.objects.filter(campaign=campaign).values_list(
                "pk", "item_id", "low_id", "high_id"
            )
        }

    def get(self, item: int | None, one: int, other: int) -> int | None:
        return self._pks.get((item, min(one, other), max(one, other)))

    def pk(self, item: int | None, one: int, other: int) -> int:
        """Of a pair that was ensured."""
        return self._pks[item, min(one, other), max(one, other)]

    def ensure(self, wanted: Iterable[Pair]) -> None:
        ordered = ((item, min(one, other), max(one, other)) for item, one, other in wanted)
        missing = [pair for pair in dict.fromkeys(ordered) if pair not in self._pks]
        made = Comparison.objects.bulk_create(
            Comparison(
                campaign=self._campaign,
                item_id=item,
                low_id=low,
                high_id=high,
                mode=Comparison.Mode.IMPORTED,
            )
            for item, low, high in missing
        )
        for comparison in made:
            self._pks[comparison.item_id, comparison.low_id, comparison.high_id] = comparison.pk


def wrong_key(key: str) -> str | None:
    """Why no item can have this id."""
    return f"the item's id has more than {LONGEST_KEY} characters." if len(key) > LONGEST_KEY else None


class NewItems:
    """Items that a file names and the study lacks: without texts until an import of items brings them."""

    def __init__(self, study: Study, items: StudyItems) -> None:
        self._study = study
        self._items = items
        self._next_position = _next_position(study.items.all())

    def ensure(self, keys: Iterable[str | None]) -> int:
        """Make those that are missing, in this order; returns how many were."""
        wanted = dict.fromkeys(key for key in keys if key is not None and wrong_key(key) is None)
        missing = [key for key in wanted if self._items.get(key) is None]
        made = Item.objects.bulk_create(
            Item(study=self._study, key=key, position=self._next_position + place)
            for place, key in enumerate(missing)
        )
        self._next_position += len(made)
        for item in made:
            self._items.add(item.key, item.pk)
        return len(made)


class JudgmentResolver:
    """The items, methods and comparisons of one campaign, as records name them.

    Parameters
    ----------
    strict
        Refuse items and methods that the study does not have, rather than make them.
    """

    def __init__(self, study: Study, campaign: Campaign, *, strict: bool) -> None:
        self._strict = strict
        self._items = StudyItems(study)
        self._methods = StudyMethods(study)
        self._comparisons = CampaignComparisons(campaign)
        self._new_items = NewItems(study, self._items)

    def wrong(self, record: JudgmentRecord) -> str | None:
        """Why a record can neither be placed nor get a place."""
        for name in (record.left, record.right):
            wrong = self._methods.wrong(name, base_model=record.base_model)
            is_known = self._methods.find(name, base_model=record.base_model) is not None
            if wrong is None and self._strict and not is_known:
                wrong = self._methods.unknown(name)
            if wrong is not None:
                return wrong
        if record.item_key is not None:
            if (wrong := wrong_key(record.item_key)) is not None:
                return wrong
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
        left = self._methods.find(record.left, base_model=record.base_model)
        right = self._methods.find(record.right, base_model=record.base_model)
        return left or 0, right or 0

    def ensure(self, records: Sequence[JudgmentRecord], intake: Intake) -> None:
        """Make what is missing, and count it."""
        names = [(record.base_model, name) for record in records for name in (record.left, record.right)]
        intake.made("methods", self._methods.ensure(names))
        intake.made("items", self._new_items.ensure(record.item_key for record in records))
        self._comparisons.ensure((self._item(record), *self.pair(record)) for record in records)

    def _item(self, record: JudgmentRecord) -> int | None:
        found = self._items.get(record.item_key) if record.item_key is not None else None
        return found[0] if found else None
