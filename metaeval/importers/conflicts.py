"""Judges who prefer the other output once the sides are changed: kept, as they tell how sure a verdict is."""

from __future__ import annotations

from hlv.core.rendering.numbers import counted
from metaeval.formats.records import JudgmentRecord
from metaeval.importers.dedupe import JudgmentCell

LISTED = 5


class Conflicts:
    """Counts repeats of one judge, input and pair whose sides are changed and whose winners differ."""

    def __init__(self) -> None:
        # The winner of each seat, and the row that named it; ties and “cannot judge” contradict nothing.
        self._winners: dict[JudgmentCell, tuple[str, str]] = {}
        self._first: list[str] = []
        self._n = 0

    def see(self, record: JudgmentRecord, seat: JudgmentCell) -> None:
        winner = {"left": record.left, "right": record.right}.get(str(record.verdict))
        # Where a file says that later rows revise earlier ones, they contradict nothing.
        if winner is None or record.revisable:
            return
        place = f"{record.source}, row {record.row}"
        judge, item, left, right = seat
        changed = self._winners.get((judge, item, right, left))
        self._winners.setdefault(seat, (winner, place))
        if changed is None or changed[0] == winner:
            return
        self._n += 1
        if len(self._first) < LISTED:
            self._first.append(f"{changed[1]} and {place}")

    def remark(self) -> str | None:
        """In words, with the first rows; None where nobody contradicts themselves."""
        if not self._n:
            return None
        listed = "; ".join(self._first) + ("; …" if self._n > len(self._first) else "")
        return (
            f"Sides changed, another winner: {counted(self._n, 'pairs')} of judgments of one judge on one input and "
            f"the same two methods ({listed}). Both count: they show how consistent a judge is."
        )
