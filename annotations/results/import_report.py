"""What an import reported, as its row stores it."""

from __future__ import annotations

import msgspec

from annotations.models import Import


class ImportReport(msgspec.Struct, frozen=True):
    """Notes for people, what was created besides rows, and rows left out by the rule for duplicates."""

    notes: list[str] = []
    created: dict[str, int] = {}
    left_out: int = 0


def read_import_report(batch: Import) -> ImportReport:
    return msgspec.convert(batch.report, ImportReport)
