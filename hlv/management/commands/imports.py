"""hlv imports: the files that a study got, by number."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandParser
from rich.table import Table

from annotations.models import Import, User
from annotations.results.import_report import read_import_report
from annotations.selectors.imports import study_imports
from hlv.terminal import known_study, print_table_to

HEADINGS = ("number", "kind", "file", "when", "who", "rows", "added", "state")


class ImportRow(msgspec.Struct, frozen=True):
    """An import as the command prints it."""

    number: int
    kind: str
    file: str
    when: str
    who: str | None
    rows: int
    added: int
    state: str
    format: str
    options: dict[str, object]
    notes: list[str]


class Command(BaseCommand):
    help = "List the imported files of a study. Example: hlv imports areas-of-law --json"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        rows = [_row(batch) for batch in study_imports(study).order_by("pk")]
        if options["as_json"]:
            told = {"study": study.slug, "imports": msgspec.to_builtins(rows)}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        if not rows:
            self.stdout.write(f"No file has been imported into {study.slug}.")
            return
        table = Table(title=f"Imports of {study.slug}")
        for heading in HEADINGS:
            table.add_column(heading)
        for row in rows:
            counts = (f"{row.rows:,}", f"{row.added:,}")
            table.add_row(str(row.number), row.kind, row.file, row.when, row.who or "–", *counts, row.state)
        print_table_to(self.stdout, table)


def _row(batch: Import) -> ImportRow:
    return ImportRow(
        number=batch.pk,
        kind=batch.kind,
        file=batch.source,
        when=f"{batch.created_at:%Y-%m-%d %H:%M}",
        who=None if batch.created_by is None else _who(batch.created_by),
        rows=batch.n_rows,
        added=batch.n_added,
        state="withdrawn" if batch.is_withdrawn else "counts",  # type: ignore[attr-defined]  # annotated by the selector
        format=batch.format,
        options=batch.options,
        notes=read_import_report(batch).notes,
    )


def _who(person: User) -> str:
    return person.name or person.known_email
