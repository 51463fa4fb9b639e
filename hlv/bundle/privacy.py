"""What a bundle leaves out on request: words that people wrote beside their answers, and exact times."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import msgspec

from annotations.selectors.exports import ExportedAnswer
from metaeval.selectors.exports import ExportedJudgment

Labelling = tuple[str | None, str, list[str], dt.datetime, int | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Privacy:
    """Times are those of the hour; reasons and comments are blank."""

    round_times: bool = False
    without_words: bool = False

    @property
    def changes_rows(self) -> bool:
        return self.round_times or self.without_words

    def time(self, exact: dt.datetime | None) -> dt.datetime | None:
        if exact is None or not self.round_times:
            return exact
        return exact.replace(minute=0, second=0, microsecond=0)

    def answers(self, rows: list[ExportedAnswer]) -> list[ExportedAnswer]:
        if not self.changes_rows:
            return rows
        return [
            msgspec.structs.replace(
                row,
                shown_at=self.time(row.shown_at),
                submitted_at=self.time(row.submitted_at),
                reason="" if self.without_words else row.reason,
                comment="" if self.without_words else row.comment,
            )
            for row in rows
        ]

    def judgments(self, rows: Iterator[ExportedJudgment]) -> Iterator[ExportedJudgment]:
        for row in rows:
            yield (
                dataclasses.replace(
                    row,
                    submitted_at=self.time(row.submitted_at),
                    reason="" if self.without_words else row.reason,
                )
                if self.changes_rows
                else row
            )

    def labellings(self, rows: Iterator[Labelling]) -> Iterator[Labelling]:
        for item, judge, labels, submitted_at, active_ms in rows:
            yield item, judge, labels, self.time(submitted_at) or submitted_at, active_ms

    @property
    def sentence(self) -> str:
        """For the README; empty where all is there."""
        parts = [
            *(["Times are those of the hour."] if self.round_times else []),
            *(["Reasons and comments were left out."] if self.without_words else []),
        ]
        return " ".join(parts)


ALL = Privacy()
