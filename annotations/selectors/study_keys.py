"""The labels and items of a study, as a file must name them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from annotations.formats.import_options import ImportRefusedError
from annotations.models import Item, Study


class StudyLabels:
    """Label keys to rows; a file never adds a label."""

    def __init__(self, study: Study) -> None:
        self.pks: dict[str, int] = dict(study.labels.order_by("position").values_list("key", "pk"))
        if not self.pks:
            raise ImportRefusedError(
                f"The study “{study.slug}” has no labels, so no answers can be imported into it: make one with "
                "create-study --task single --labels a,b,c."
            )

    def unknown(self, names: Iterable[str]) -> str | None:
        """A sentence about the first label that the study does not have."""
        for name in names:
            if name not in self.pks:
                near = difflib.get_close_matches(name, self.pks, n=1)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                listed = ", ".join(list(self.pks)[:20]) + (", …" if len(self.pks) > 20 else "")
                return f"the study has no label “{name}”.{hint} Its labels are {listed}."
        return None


class StudyItems:
    """Item keys to rows, and which kind of evidence each has."""

    def __init__(self, study: Study) -> None:
        self._found: dict[str, tuple[int, str]] = {
            key: (pk, evidence)
            for key, pk, evidence in study.items.order_by().values_list("key", "pk", "evidence")
        }

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: str) -> tuple[int, str] | None:
        return self._found.get(key)

    def unknown(self, key: str) -> str:
        if not self._found:
            return f"there is no item “{key}”: the study has none yet, so import the items first."
        near = difflib.get_close_matches(key, list(self._found)[:2000], n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        return f"there is no item “{key}” in the study.{hint} Import the items first."

    def add(self, key: str, pk: int) -> None:
        """An item made since."""
        self._found[key] = (pk, Item.Evidence.NONE)

    def mark(self, key: str, evidence: str) -> int | None:
        """Remember which evidence an item has now; its pk where that is news to be stored."""
        pk, before = self._found[key]
        if before == evidence:
            return None
        self._found[key] = (pk, evidence)
        return pk
