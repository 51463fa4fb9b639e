"""Parts of a campaign that are looked at by themselves: methods of one base model, judges of one group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self
from urllib.parse import urlencode

from django.db.models import Count

from annotations.models import Participant, Study
from annotations.selectors.participation import first_participant_of_source
from metaeval.models import Campaign, Method


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
