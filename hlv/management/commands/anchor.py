"""hlv anchor: seal the log of a study and print its newest link, to be kept elsewhere."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.history.sealing import anchor_of, seal_studies
from hlv.terminal import known_study


class Command(BaseCommand):
    help = "Seal the log of a study and print its anchor. Example: hlv anchor areas-of-law"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        seal_studies([study])
        anchor = anchor_of(study)
        if anchor is None:
            raise CommandError(f"The study {study.slug} has nothing to seal yet.")
        at = anchor.at.astimezone(UTC).isoformat(timespec="seconds")
        if options["as_json"]:
            self.stdout.write(
                json.dumps(
                    {"study": study.slug, "number": anchor.number, "hash": anchor.mac, "sealed_at": at}
                )
            )
            return
        self.stdout.write(str(anchor))
        self.stdout.write(
            f"Anchor of {study.slug}, sealed {at}. Keep the first line outside this machine. "
            f"Compare later: hlv check-log {study.slug} --anchor NUMBER:HASH"
        )
