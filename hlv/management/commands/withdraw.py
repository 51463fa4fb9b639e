"""hlv withdraw: let an import count no longer, or again."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.formats.import_options import ImportRefusedError
from annotations.models import Import
from annotations.services.imports import reinstate_import, withdraw_import
from hlv.terminal import known_study


class Command(BaseCommand):
    help = (
        "Withdraw an import: its rows no longer count, and nothing is deleted. Example: hlv withdraw areas-of-law 3 "
        '--reason "Wrong file"'
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("number", type=int, metavar="NUMBER", help="as hlv imports lists it")
        parser.add_argument("--reason", default="", help="is kept with the study")
        parser.add_argument("--undo", action="store_true", help="reinstate it: its rows count again")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        reason = options["reason"].strip()
        batch = Import.objects.filter(study=study, pk=options["number"]).first()
        if batch is None:
            raise CommandError(
                f"The study {study.slug} has no import {options['number']}. List its imports: hlv imports {study.slug}."
            )
        if not (reason or options["undo"]):
            raise CommandError("Give the reason of the withdrawal: --reason TEXT. It is kept with the study.")
        try:
            if options["undo"]:
                reinstate_import(batch, by=None, reason=reason)
            else:
                withdraw_import(batch, by=None, reason=reason)
        except ImportRefusedError as refused:
            raise CommandError(refused.sentence) from refused
        state = "counts" if options["undo"] else "withdrawn"
        if options["as_json"]:
            told = {"study": study.slug, "number": batch.pk, "file": batch.source, "state": state}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        end = "counts again" if options["undo"] else "is withdrawn: its rows no longer count"
        self.stdout.write(f"Import {batch.pk}, {batch.source}, {end}.")
