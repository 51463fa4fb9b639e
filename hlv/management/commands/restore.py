"""hlv restore: what `hlv backup` wrote, into an empty place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hlv.backup import restore_backup


class Command(BaseCommand):
    help = (
        "Restore a backup into a new data folder or an empty database. "
        "Example: HLV_DATA_DIR=/srv/new hlv restore hlv-2026-03-01.tar"
    )
    requires_system_checks = ()
    # An empty database must stay empty until the backup fills it.
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="what hlv backup wrote")

    def handle(self, *_: Any, **options: Any) -> None:
        notice = restore_backup(options["file"])
        self.stdout.write("Restored. Run `hlv check-log`, then start the program.")
        if notice:
            self.stdout.write(notice)
