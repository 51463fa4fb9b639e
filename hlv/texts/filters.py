"""Which texts are listed: all of them, or those behind one point of a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self
from uuid import UUID

from django.utils.translation import gettext as _

from annotations.models import Study
from annotations.selectors.answers import n_texts_answered
from metaeval.results.text_orders import OrderedText
from metaeval.selectors.scores import method_names
from metaeval.selectors.texts import MOST_LISTED, OrderTitle, texts_judged

Place = tuple[UUID, int]


@dataclass(frozen=True)
class TextFilter:
    """What an address of texts asks for, all of it by names, which outlive a snapshot.

    Attributes
    ----------
    one, other
        Methods: texts on which these were judged against each other, or the one against any.
    label
        Texts to which somebody gave it.
    metric, campaign
        The order of what this metric contradicts in that campaign, where there is one.
    """

    one: str = ""
    other: str = ""
    label: str = ""
    metric: str = ""
    campaign: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, object]) -> Self:
        return cls(**{name: str(asked.get(name) or "") for name in asdict(cls())})

    @property
    def narrows(self) -> bool:
        return bool(self.one or self.other or self.label)

    @property
    def query(self) -> dict[str, str]:
        """What other forms and pages of the list keep."""
        return {
            name: value
            for name, value in asdict(self).items()
            if value and name not in ("metric", "campaign")
        }

    def order_among(self, titles: list[OrderTitle]) -> str:
        """The name of the order that the metric and its campaign ask for; empty where there is none."""
        wanted = f"{self.metric} · {self.campaign}"
        return next((one.name for one in titles if self.metric and one.title == wanted), "")

    def words(self) -> str:
        """What is listed, as the end of a sentence."""
        said = []
        if self.one and self.other:
            said.append(
                _("texts on which %(one)s and %(other)s were judged against each other")
                % {"one": f"“{self.one}”", "other": f"“{self.other}”"}
            )
        elif self.one or self.other:
            said.append(_("texts on which %(one)s was judged") % {"one": f"“{self.one or self.other}”"})
        if self.label:
            said.append(_("texts to which somebody gave %(label)s") % {"label": f"“{self.label}”"})
        return "; ".join(said)


@dataclass(frozen=True)
class Narrowed:
    """`unknown` names what the study has not; the texts are in their own order then, and may be more than are listed."""

    texts: list[Place]
    unknown: str = ""

    @property
    def is_cut(self) -> bool:
        return len(self.texts) >= MOST_LISTED


def narrowed(study: Study, asked: TextFilter) -> Narrowed:
    """The texts that a filter leaves, as identifiers with their places."""
    keys = {name: pk for pk, name in method_names(study).items()}
    named = [name for name in (asked.one, asked.other) if name]
    unknown = next((name for name in named if name not in keys), "")
    if not unknown and asked.label and not study.labels.filter(name=asked.label).exists():
        unknown = asked.label
    if unknown:
        return Narrowed([], unknown[:100])
    found: list[Place] | None = None
    if named:
        found = texts_judged(study, [keys[name] for name in named])
    if asked.label:
        given = n_texts_answered(study, asked.label)
        among = set(given)
        found = given if found is None else [place for place in found if place in among]
    return Narrowed((found or [])[:MOST_LISTED])


def in_order(listed: list[OrderedText], kept: list[Place]) -> list[OrderedText]:
    """Those of an order that are kept, then the kept ones that have no value in it."""
    wanted = {str(uuid): position for uuid, position in kept}
    first = [line for line in listed if line.item in wanted]
    known = {line.item for line in first}
    return first + [
        OrderedText(item=uuid, position=position, value=None, n=0)
        for uuid, position in wanted.items()
        if uuid not in known
    ]
