"""Makes a person, or finds one, and prints a link that signs them in once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from annotations.services.people import create_person, make_sign_in_link
from hlv.serving import base_url


class Command(BaseCommand):
    help = (
        "Make a person, or find the one with this address, and print a one-time sign-in link. "
        "Example: hlv create-person lin@example.org --name 'Lin Okafor'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="", help="as it is shown to colleagues")
        parser.add_argument(
            "--hours", type=float, default=24, metavar="N", help="how long the link works (24 hours)"
        )
        parser.add_argument(
            "--no-studies",
            action="store_true",
            help="may take part in studies only; without it, the person may also create studies",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as invalid:
            raise CommandError(f"{options['email']!r} is not an e-mail address.") from invalid
        if options["hours"] <= 0:
            raise CommandError("--hours must be above 0.")
        person = create_person(
            email=options["email"], name=options["name"], may_create_studies=not options["no_studies"]
        )
        if not person.is_active:
            raise CommandError(f"{person.email} was deactivated and cannot sign in.")
        link = base_url() + make_sign_in_link(person, hours=options["hours"])
        self.stdout.write(f"{person.email} signs in once, within {options['hours']:g} hours, with\n{link}")
