"""hlv publish-guideline: a new version of what annotators are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services.studies import StudyRefusedError, publish_guideline
from hlv.terminal import known_study, read_text


class Command(BaseCommand):
    help = (
        "Publish a Markdown file as the newest guideline of a study. Example: hlv publish-guideline "
        "areas-of-law guideline.md"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("file", type=Path, metavar="FILE", help="Markdown in UTF-8")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        before = study.guidelines.last()
        try:
            published = publish_guideline(study, text=read_text(options["file"]))
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
                f"Nothing was published: version {published.version} of the guideline of {study.slug} is identical."
            )
