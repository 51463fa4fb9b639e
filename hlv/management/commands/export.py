"""hlv export: everything of a study in one folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hlv.bundle import ExportRefusedError, export_study, export_zip, parse_as_of
from hlv.bundle.privacy import Privacy
from hlv.core.rendering.numbers import counted
from hlv.core.tabular.writing import iso
from hlv.terminal import known_study


class Command(BaseCommand):
    help = (
        "Export a study to a folder or a zip, with checksums and a README. Example: hlv export areas-of-law "
        "export.zip --as-of 2026-03-01T12:00"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument(
            "directory",
            type=Path,
            metavar="DIRECTORY",
            help="a new or empty folder; a name that ends in .zip is one file",
        )
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            help="export the study as of this time (default zone: that of the study); default: now",
        )
        parser.add_argument(
            "--names", action="store_true", help="real names of people and sources instead of pseudonyms"
        )
        parser.add_argument(
            "--round-times", action="store_true", help="times of answers and judgments rounded to the hour"
        )
        parser.add_argument(
            "--without-free-text", action="store_true", help="leave out reasons and comments of people"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        try:
            as_of = parse_as_of(options["as_of"], study)
        except ExportRefusedError as refused:
            raise CommandError(str(refused)) from refused
        export = export_zip if options["directory"].suffix.lower() == ".zip" else export_study
        try:
            written = export(
                study,
                options["directory"],
                as_of=as_of,
                with_names=options["names"],
                privacy=Privacy(
                    round_times=options["round_times"], without_words=options["without_free_text"]
                ),
            )
        except ExportRefusedError as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"The export cannot be written: {error}.") from error
        if options["as_json"]:
            said = {"directory": str(written.folder), "as_of": iso(as_of), "files": list(written.files)}
            said |= {"sha256": written.sha256} if written.sha256 else {}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{counted(len(written.files), 'files')} in {written.folder}, as of {iso(as_of)}")
        if written.sha256:
            self.stdout.write(f"SHA-256 {written.sha256}")
