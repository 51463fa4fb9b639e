"""hlv database-roles: the rights of the role that serves pages and runs jobs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction

from hlv.database_roles import role_statements


class Command(BaseCommand):
    help = (
        "Print the SQL that lets a PostgreSQL role serve pages and run jobs, and change no table. Example: hlv "
        "database-roles hlv_app --apply"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "role", metavar="ROLE", help="create it first: CREATE ROLE hlv_app LOGIN PASSWORD '...'"
        )
        parser.add_argument(
            "--apply", action="store_true", help="run the statements, as the owner of the tables"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite has no roles: this command is for PostgreSQL.")
        statements = list(role_statements(options["role"]))
        if not options["apply"]:
            self.stdout.write("\n".join(f"{statement};" for statement in statements))
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        except DatabaseError as error:
            raise CommandError(f"The rights were not changed: {' '.join(str(error).split())}") from error
        self.stdout.write(
            f"{options['role']} can serve pages and run jobs. Set it in DATABASE_URL of pages and workers, "
            "and run this command again after each upgrade."
        )
