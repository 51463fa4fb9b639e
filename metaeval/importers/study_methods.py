"""The methods of a study, as files name them."""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Max

from annotations.models import Study
from metaeval.models import Method

LONGEST_NAME = 300
LONGEST_GROUP = 200


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
        last = Method.objects.filter(study=study).aggregate(last=Max("position"))["last"]
        self._next_position = 0 if last is None else last + 1

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
            return f"there are several methods “{name}”, of the base models {listed}: say which with --group."
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
