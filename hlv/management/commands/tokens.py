"""Lists the tokens of the HTTP API."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.table import Table

from annotations.models import ApiToken
from hlv.terminal import print_table_to

HEADINGS = ("token", "person", "name", "scopes", "studies", "expires", "last used", "state")


class Command(BaseCommand):
    help = "List the tokens of the HTTP API, without their secrets. Example: hlv tokens --json"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tokens = ApiToken.objects.select_related("user").prefetch_related("studies")
        rows = [_row(token) for token in tokens]
        if options["as_json"]:
            named = [dict(zip(HEADINGS, row, strict=True)) for row in rows]
            self.stdout.write(json.dumps(named, ensure_ascii=False, indent=2))
            return
        table = Table(title="Tokens of the HTTP API")
        for heading in HEADINGS:
            table.add_column(heading)
        for row in rows:
            table.add_row(*row)
        print_table_to(self.stdout, table)


def _row(token: ApiToken) -> tuple[str, ...]:
    studies = ", ".join(study.slug for study in token.studies.all()) if token.is_limited else "all"
    used = "never" if token.last_used_at is None else f"{token.last_used_at:%Y-%m-%d %H:%M}"
    return (
        str(token.uuid),
        str(token.user),
        token.name,
        ", ".join(token.scopes),
        studies,
        f"{token.expires_at:%Y-%m-%d}",
        used,
        token.state_words,
    )
