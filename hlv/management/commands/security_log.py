"""hlv security-log: the security log of one study or of all, for operators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotations.models import SecurityEvent
from annotations.services.security_log import events_of
from hlv.core.tabular.writing import CellValue, csv_text
from hlv.terminal import known_study

COLUMNS = ("at", "event", "by", "about", "study", "subject", "network")


class Command(BaseCommand):
    help = "Print the security log as CSV, newest first. Example: hlv security-log areas-of-law --days 30"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", metavar="STUDY", help="default: all studies, and all sign-ins")
        parser.add_argument("--days", type=int, metavar="N", help="events of the last N days")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"]) if options["slug"] else None
        since = timedelta(days=options["days"]) if options["days"] else None
        rows = map(_cells, events_of(study, since=since).iterator())
        if options["as_json"]:
            self.stdout.write(json.dumps({"events": [dict(zip(COLUMNS, row, strict=True)) for row in rows]}))
        else:
            for piece in csv_text(COLUMNS, _as_cells(rows)):
                self.stdout.write(piece, ending="")


def _as_cells(rows: Iterator[tuple[str, ...]]) -> Iterator[tuple[CellValue, ...]]:
    yield from rows


def _cells(event: SecurityEvent) -> tuple[str, ...]:
    return (
        event.at.astimezone(UTC).isoformat(timespec="seconds"),
        event.what,
        event.by.email if event.by else f"{event.operator} (command line)" if event.operator else "",
        event.about.email if event.about else "",
        event.study.slug if event.study else "",
        event.subject,
        event.network,
    )
