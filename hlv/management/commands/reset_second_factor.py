"""hlv reset-second-factor: for a person who lost the app and the recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services.people import end_sessions
from annotations.services.second_factor import remove_second_factor
from hlv.terminal import known_person


class Command(BaseCommand):
    help = "Remove the second factor of a person who lost it, and end their sessions. Example: hlv reset-second-factor lin@example.org"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *_: Any, **options: Any) -> None:
        person = known_person(options["email"])
        if not remove_second_factor(person):
            raise CommandError(f"{person.email} has no second factor.")
        end_sessions(person, but="")
        self.stdout.write(
            f"The second factor of {person.email} is removed, and all sessions are ended. The person signs in with the "
            "password alone and sets up a new one under Your account. Make sure that it is this person who asked."
        )
