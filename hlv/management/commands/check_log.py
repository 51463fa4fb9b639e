"""hlv check-log: whether the append-only history is as it was written."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.history import Checked
from annotations.history.guards import check_guards
from annotations.history.verifying import check_log
from annotations.models import Study
from annotations.services import history as of_annotations
from hlv.terminal import known_study
from metaeval.services import history as of_judging

FAULTS_SHOWN = 20
MAC_LENGTH = 64


class Command(BaseCommand):
    help = "Verify that answers, judgments and imports are unchanged. Example: hlv check-log areas-of-law"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", metavar="STUDY", help="default: all studies")
        parser.add_argument(
            "--anchor",
            metavar="NUMBER:HASH",
            help="a line that `hlv anchor STUDY` printed earlier: everything up to it must still be there",
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        studies = [known_study(options["slug"])] if options["slug"] else list(Study.objects.all())
        checked = [
            check_guards(),
            *check_log(studies, anchor=_anchor(options["anchor"], options["slug"])),
            *of_annotations.check_history(studies),
            *of_judging.check_history(studies),
        ]
        if options["as_json"]:
            self.stdout.write(json.dumps({"checked": [vars(one) for one in checked]}, indent=2))
        else:
            self._print(checked)
        if any(one.faults for one in checked):
            sys.exit(1)

    def _print(self, checked: list[Checked]) -> None:
        for one in checked:
            unsealed = f"; {one.n_unsealed} more have no digest" if one.n_unsealed else ""
            ends = f"{len(one.faults)} faults" if one.faults else "unchanged"
            erased = f"; {one.n_erased} were erased" if one.n_erased else ""
            self.stdout.write(f"{one.what}: {one.n_checked} checked, {ends}{unsealed}{erased}")
        faults = [fault for one in checked for fault in one.faults]
        for fault in faults[:FAULTS_SHOWN]:
            self.stderr.write(fault)
        if len(faults) > FAULTS_SHOWN:
            self.stderr.write(f"... and {len(faults) - FAULTS_SHOWN} more (--json lists all)")


def _anchor(given: str | None, slug: str | None) -> tuple[int, str] | None:
    if not given:
        return None
    number, _, mac = given.partition(":")
    if not slug or not number.isdecimal() or len(mac) != MAC_LENGTH:
        raise CommandError("Name the study, and give the anchor as `hlv anchor` printed it: NUMBER:HASH.")
    return int(number), mac
