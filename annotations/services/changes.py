"""Writing down what is changed of a study; every service that changes one calls this, in its transaction."""

from __future__ import annotations

from annotations.models import Study, StudyChange, User

LONGEST_KEPT = 2000


def record_change(
    study: Study, *, what: str, subject: str = "", before: str = "", after: str = "", by: User | None
) -> StudyChange:
    """One change, with what it was and what it is; long texts are cut, as their newest state stands elsewhere."""
    return StudyChange.objects.create(
        study=study,
        what=what,
        subject=subject[:300],
        before=before[:LONGEST_KEPT],
        after=after[:LONGEST_KEPT],
        by=by,
    )
