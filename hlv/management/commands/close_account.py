"""hlv close-account: what a person does on their account page, for operators; also erasure at once."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services.closing import ClosingRefusedError, close_account, erase_person, erased_from
from hlv.terminal import known_person


class Command(BaseCommand):
    help = (
        "Close an account: nobody signs in, all roles end, and it is erased after 30 days. Example: hlv "
        "close-account lin@example.org"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--erase-now",
            action="store_true",
            help="erase name, address and free text at once and for good; labels and verdicts stay under pseudonyms",
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        person = known_person(options["email"])
        email = person.email
        try:
            if person.closed_at is None or not options["erase_now"]:
                person = close_account(person)
            if options["erase_now"]:
                erase_person(person)
        except ClosingRefusedError as refused:
            raise CommandError(str(refused)) from refused
        day = erased_from(person)
        when = None if options["erase_now"] or day is None else f"{day:%Y-%m-%d}"
        if options["as_json"]:
            told = {"email": email, "closed": True, "erased": options["erase_now"], "erased_from": when}
            self.stdout.write(json.dumps(told))
        elif options["erase_now"]:
            self.stdout.write(
                "The account is erased: name, address and free text are gone. Labels and verdicts stay under pseudonyms. "
                "Backups keep everything until you delete them."
            )
        else:
            self.stdout.write(
                f"{email} is closed, and is erased after {when}. Until then: hlv reopen-account {email}"
            )
