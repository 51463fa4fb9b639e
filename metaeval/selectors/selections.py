"""Which judgments count: a part of a campaign (one base model, one group of judges), and exclusions by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final, Self
from urllib.parse import urlencode

import msgspec
from django.db.models import Count, Q, QuerySet

from annotations.models import Item, Participant, Study
from annotations.selectors.participation import first_participant_of_source
from metaeval.models import Campaign, Method
from metaeval.selectors.scores import method_names


@dataclass(frozen=True)
class Selection:
    """What a snapshot is made of; an empty name leaves nothing out."""

    base_model: str = ""
    judge_group: str = ""

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """What parameters of a job or of an address name."""
        return cls(*(str(given.get(one.name) or "") for one in fields(cls)))

    @property
    def is_everything(self) -> bool:
        return self == EVERYTHING

    @property
    def params(self) -> dict[str, str]:
        """The names that are given, as parameters of a job or of an address."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def query(self) -> str:
        return f"?{urlencode(self.params)}" if self.params else ""


EVERYTHING = Selection()


@dataclass(frozen=True)
class Selectable:
    """The closed lists; empty where there are not two to choose from."""

    base_models: tuple[str, ...]
    judge_groups: tuple[str, ...]

    def has(self, selection: Selection) -> bool:
        return not self.refusal(selection)

    def refusal(self, selection: Selection) -> str:
        """Why it is no part of this study, and which there are; nothing where it is one."""
        if selection.base_model not in ("", *self.base_models):
            return (
                f"This study has no such base model of several methods: {selection.base_model!r}. "
                f"{_known(self.base_models, 'base models')}"
            )
        if selection.judge_group not in ("", *self.judge_groups):
            return (
                f"This study has no such group of judges: {selection.judge_group!r}. "
                f"{_known(self.judge_groups, 'groups of judges')}"
            )
        return ""


NOTHING_SELECTABLE = Selectable((), ())


def _known(names: tuple[str, ...], what: str) -> str:
    return f"Known are {', '.join(names)}." if names else f"There are no two {what} to choose from."


def selectable(study: Study) -> Selectable:
    """Base models with two methods or more, and groups of judges."""
    models = Method.objects.filter(study=study).order_by("base_model").values_list("base_model")
    with_numbers = list(models.annotate(n=Count("pk")))
    groups = list(
        study.participants.filter(role=Participant.Role.JUDGE)
        .order_by("group")
        .values_list("group", flat=True)
        .distinct()
    )
    return Selectable(
        tuple(name for name, n in with_numbers if name and n > 1) if len(with_numbers) > 1 else (),
        tuple(name for name in groups if name) if len(groups) > 1 else (),
    )


def methods_in(campaign: Campaign, selection: Selection) -> list[int] | None:
    """Keys of the methods that are kept; None keeps all."""
    if not selection.base_model:
        return None
    kept = Method.objects.filter(study=campaign.study, base_model=selection.base_model)
    return list(kept.values_list("pk", flat=True))


def judges_in(campaign: Campaign, selection: Selection) -> list[int] | None:
    """Keys of the judges that are kept, each imported one by its first; None keeps all."""
    if not selection.judge_group:
        return None
    kept = campaign.study.participants.filter(
        role=Participant.Role.JUDGE, group=selection.judge_group
    ).values_list("pk", flat=True)
    first = first_participant_of_source(campaign.study, Participant.Role.JUDGE)
    return sorted({first.get(pk, pk) for pk in kept})


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

    def as_params(self) -> dict[str, float | list[int | str]]:
        """As `of` takes them, ready for JSON."""
        left_out: tuple[list[int | str], ...] = ([*self.judges], [*self.methods], [*self.texts])
        return dict(zip(RULES, (*left_out, self.under_seconds), strict=True))

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
