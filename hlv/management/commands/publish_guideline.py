"""hlv publish-guideline: a new version of what annotators are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.formats.errors import FormatError
from annotations.formats.tables.encoding import check_encoding
from annotations.services.studies import StudyRefusedError, publish_guideline
from hlv.terminal import study_of


class Command(BaseCommand):
    help = (
        "Publish a guideline, written in Markdown, as the newest version of a study. "
        "Example: hlv publish-guideline areas-of-law guideline.md"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("file", type=Path, metavar="FILE", help="Markdown in UTF-8")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = study_of(options["slug"])
        before = study.guidelines.last()
        try:
            published = publish_guideline(study, text=_text_of(options["file"]))
        except StudyRefusedError as refused:
            raise CommandError(str(refused)) from refused
        is_new = before is None or published.pk != before.pk
        if options["as_json"]:
            said = {"study": study.slug, "version": published.version, "is_new": is_new}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        elif is_new:
            self.stdout.write(f"Version {published.version} of the guideline of {study.slug} is published.")
        else:
            self.stdout.write(
                f"Nothing new: the guideline of {study.slug} says so since version {published.version}."
            )


def _text_of(path: Path) -> str:
    try:
        check_encoding(path, "utf-8", name=path.name)
        return path.read_text(encoding="utf-8-sig")
    except FormatError as error:
        raise CommandError(error.sentence) from error
    except OSError as error:
        raise CommandError(f"The file cannot be read: {error}.") from error
