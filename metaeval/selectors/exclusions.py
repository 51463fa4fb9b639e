"""Verdicts that a ranking leaves out by rules of a closed list, which anybody can apply again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

import msgspec
from django.db.models import Q, QuerySet

from annotations.models import Item, Participant, Study
from annotations.selectors.participation import first_participant_of_source
from metaeval.models import Campaign
from metaeval.selectors.scores import method_names

# As parameters of jobs, snapshots and plans name them.
RULES: Final = ("without_judges", "without_methods", "without_texts", "under_seconds")
Tie = tuple[int, int, int | None]


@dataclass(frozen=True)
class Exclusions:
    """What is left out of the verdicts of people; nothing by default.

    Attributes
    ----------
    judges
        Numbers of judges, as their pseudonyms bear them.
    methods
        Names of methods, as pages show them: no comparison with them counts.
    texts
        Keys of texts: no verdict on them counts. Metrics are scored on all texts.
    under_seconds
        Verdicts that took less active time; those without a time stay.
    """

    judges: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    under_seconds: float = 0.0

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """What parameters of a job, a snapshot or a plan name."""
        names = (one.name for one in fields(cls))
        ruled = {name: value for name, rule in zip(names, RULES, strict=True) if (value := given.get(rule))}
        return msgspec.convert(ruled, cls)

    def as_params(self) -> dict[str, object]:
        """As `of` takes them, ready for JSON."""
        given = (list(self.judges), list(self.methods), list(self.texts), self.under_seconds)
        return dict(zip(RULES, given, strict=True))

    def unknown_in(self, study: Study) -> str:
        """The first that the study has not, in words; empty where it has all."""
        judges = set(_judges(study).filter(number__in=self.judges).values_list("number", flat=True))
        for number in self.judges:
            if number not in judges:
                return f"judge {number}"
        known = set(method_names(study).values()) if self.methods else set()
        for name in self.methods:
            if name not in known:
                return f"method “{name}”"
        keys = set(Item.objects.filter(study=study, key__in=self.texts).values_list("key", flat=True))
        return next((f"text “{key}”" for key in self.texts if key not in keys), "")


NOTHING_LEFT_OUT: Final = Exclusions()


@dataclass(frozen=True)
class LeftOut:
    """The same as keys of rows."""

    judges: frozenset[int]
    methods: frozenset[int]
    items: frozenset[int]
    under_ms: int

    @classmethod
    def of(cls, campaign: Campaign, exclusions: Exclusions) -> Self:
        study = campaign.study
        judges = set(_judges(study).filter(number__in=exclusions.judges).values_list("pk", flat=True))
        if judges:
            # One imported judge may have several rows: they leave together.
            first = first_participant_of_source(study, Participant.Role.JUDGE)
            heads = {first.get(pk, pk) for pk in judges}
            judges |= heads | {pk for pk, head in first.items() if head in heads}
        names = method_names(study) if exclusions.methods else {}
        items = Item.objects.filter(study=study, key__in=exclusions.texts) if exclusions.texts else None
        return cls(
            judges=frozenset(judges),
            methods=frozenset(pk for pk, name in names.items() if name in exclusions.methods),
            items=frozenset(items.values_list("pk", flat=True)) if items is not None else frozenset(),
            under_ms=round(1000 * exclusions.under_seconds),
        )

    @property
    def kept(self) -> Q:
        """Judgments that stay."""
        stay = Q()
        if self.judges:
            stay &= ~Q(participant_id__in=sorted(self.judges))
        if self.methods:
            out = sorted(self.methods)
            stay &= ~Q(comparison__low_id__in=out) & ~Q(comparison__high_id__in=out)
        if self.items:
            out = sorted(self.items)
            stay &= Q(comparison__item_id__isnull=True) | ~Q(comparison__item_id__in=out)
        if self.under_ms:
            stay &= Q(active_ms__isnull=True) | Q(active_ms__gte=self.under_ms)
        return stay

    def kept_ties(self, ties: list[Tie]) -> list[Tie]:
        """Comparisons that nobody is asked about, of methods and texts that stay."""
        return [
            (low, high, item)
            for low, high, item in ties
            if low not in self.methods and high not in self.methods and item not in self.items
        ]


def _judges(study: Study) -> QuerySet[Participant]:
    return Participant.objects.filter(study=study, role=Participant.Role.JUDGE)
