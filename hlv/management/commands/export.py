"""hlv export: everything of a study in one folder."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from annotations.formats.times import read_time
from annotations.formats.writing import iso
from annotations.models import Study
from hlv.bundle import ExportRefusedError, export_study
from hlv.terminal import study_of


class Command(BaseCommand):
    help = (
        "Write everything of a study to a folder, with checksums and a README. "
        "Example: hlv export areas-of-law taken-away --as-of 2026-03-01T12:00"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument(
            "directory", type=Path, metavar="DIRECTORY", help="made; must not hold anything yet"
        )
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            help="as the study stood then (its own zone where none is named); default: now",
        )
        parser.add_argument(
            "--names", action="store_true", help="names of people and sources, not pseudonyms"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = study_of(options["slug"])
        as_of = _moment(options["as_of"], study)
        try:
            written = export_study(study, options["directory"], as_of=as_of, with_names=options["names"])
        except ExportRefusedError as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"The folder cannot be written: {error}.") from error
        if options["as_json"]:
            said = {"directory": str(written.folder), "as_of": iso(as_of), "files": list(written.files)}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{len(written.files)} files in {written.folder}, as of {iso(as_of)}")


def _moment(text: str | None, study: Study) -> dt.datetime:
    now = timezone.now()
    if text is None:
        return now
    try:
        moment = dt.datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(study.time_zone))
    except ValueError:
        try:
            moment = read_time(text)
        except ValueError as error:
            raise CommandError(f"{text!r} is no time: write it like 2026-03-01T14:20.") from error
    if moment > now:
        raise CommandError(f"{text} lies in the future: what will be answered until then is not known.")
    return moment
