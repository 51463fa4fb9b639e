"""Makes a token of the HTTP API and prints it once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import SCOPES
from annotations.policy import study_roles
from annotations.services.api_tokens import TokenRefusedError, create_api_token
from annotations.services.people import person_with_address
from hlv.terminal import known_study


class Command(BaseCommand):
    help = (
        "Create a token of the HTTP API for a person, and print it once. Example: hlv create-token "
        "lin@example.org --name notebook --scope read --study intake"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", required=True, help="the program that uses it")
        parser.add_argument(
            "--scope",
            action="append",
            choices=SCOPES,
            help="read data, write (import) data, or run jobs; once for each (read)",
        )
        parser.add_argument(
            "--study", action="append", default=[], metavar="STUDY", help="only this study; once for each"
        )
        parser.add_argument("--days", type=int, default=90, metavar="N", help="how long it is valid (90)")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_with_address(options["email"])
        if person is None or not person.is_active:
            raise CommandError(f"Nobody with the address {options['email']} can sign in.")
        studies = [known_study(slug) for slug in options["study"]]
        for study in studies:
            if not study_roles(person, study):
                raise CommandError(f"{person.email} has no role in {study.slug}.")
        try:
            token, secret = create_api_token(
                person,
                name=options["name"],
                scopes=options["scope"] or ["read"],
                days=options["days"],
                studies=studies,
            )
        except TokenRefusedError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(secret)
        self.stderr.write(
            f"Keep it: it is not shown again. Valid until {token.expires_at:%Y-%m-%d}, for "
            f"{', '.join(token.scopes)}. End it with hlv revoke-token {token.uuid}."
        )
