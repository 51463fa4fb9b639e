"""Winners given as numbers: how they were read is said, and what may mean something else is refused."""

from __future__ import annotations

from metaeval.formats.records import JudgmentRecord


class WinnerCodes:
    """0, 1 and 2 as they come; a file that has 0 and 1 alone may number the outputs from 0."""

    def __init__(self) -> None:
        self._first: dict[str, JudgmentRecord] = {}

    def see(self, record: JudgmentRecord) -> None:
        if record.winner_code:
            self._first.setdefault(record.winner_code, record)

    def ambiguous(self) -> tuple[JudgmentRecord, str] | None:
        if set(self._first) != {"0", "1"}:
            return None
        return self._first["0"], (
            f"the winners in “{self._first['0'].criterion}” are only 0 and 1, which may be the first and the second "
            "output, or, as 0, 1 and 2 are read here, a tie and the left one: write left, right and tie instead."
        )

    def remark(self) -> str | None:
        if not self._first:
            return None
        return "Winners given as numbers were read so: 0 is a tie, 1 the left output, 2 the right one."
