"""History of both apps: changes of a study, the log of answers and verdicts, and checks of stored rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from annotations.models import Import, ImportReversal, Study, StudyChange, User

LONGEST_KEPT = 2000


def record_change(
    study: Study, *, what: str, subject: str = "", before: str = "", after: str = "", by: User | None
) -> StudyChange:
    """One change, with the values before and after; long texts are cut, as their newest version is stored elsewhere.

    Every service that changes something of a study calls this, in its transaction.
    """
    return StudyChange.objects.create(
        study=study,
        what=what,
        subject=subject[:300],
        before=before[:LONGEST_KEPT],
        after=after[:LONGEST_KEPT],
        by=by,
    )


@dataclass(frozen=True)
class Checked:
    """One kind of row: how many were checked, and the faults found."""

    what: str
    n_checked: int
    faults: list[str]
    # Rows without a digest to check.
    n_unsealed: int = 0
    # Rows of erased people: their links remain, their content does not.
    n_erased: int = 0


def lost_rows(imports: Iterable[Import]) -> list[str]:
    """Imports with fewer rows (`n_left`) than they added; an import that was killed midway is not checked."""
    came_in_part = set(
        Import.objects.filter(reversals__reason=ImportReversal.COMING)
        .exclude(reversals__reason=ImportReversal.CAME)
        .values_list("pk", flat=True)
    )
    return [
        f"The import of {one.source} gave {one.n_added} rows, of which {left} are there."
        for one in imports
        if one.pk not in came_in_part and (left := int(one.n_left)) != one.n_added  # type: ignore[attr-defined]  # annotated by the caller
    ]
