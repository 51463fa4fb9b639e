"""hlv backup: database, uploads and secret key in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hlv.backup import write_backup


class Command(BaseCommand):
    help = (
        "Write database, uploads and secret key to one file, while people work. "
        "Example: hlv backup /srv/backups/hlv-2026-03-01.tar"
    )
    requires_system_checks = ()
    # A backup comes before an upgrade, so it must not migrate.
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a new file; nothing is overwritten")

    def handle(self, *_: Any, **options: Any) -> None:
        target: Path = options["file"].absolute()
        manifest = write_backup(target)
        self.stdout.write(
            f"{target}: database ({manifest.engine}), uploads and secret key, as of {manifest.made_at}.\n"
            "Only you can read it (mode 600). Keep it so: whoever has it has all texts, and the key to sign in."
        )
