"""hlv reopen-account: a closed account comes back, within 30 days."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services.closing import ClosingRefusedError, reopen_account
from hlv.terminal import known_person


class Command(BaseCommand):
    help = "Reopen an account that was closed less than 30 days ago, with its roles and its password. Example: hlv reopen-account lin@example.org"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            person = reopen_account(known_person(options["email"]))
        except ClosingRefusedError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{person.email} is open again, with its roles and its password. For a sign-in link: hlv create-person {person.email}"
        )
