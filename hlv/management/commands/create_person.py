"""Makes a person, or finds one, and prints a link that signs them in once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.services.people import (
    PersonRefusedError,
    create_person,
    let_the_only_person_create_studies,
    make_sign_in_link,
    person_of,
)
from hlv.serving import base_url

HOURS_OF_A_YEAR = 24 * 365


class Command(BaseCommand):
    help = (
        "Make a person, or find the one with this address, and print a one-time sign-in link. "
        "Example: hlv create-person lin@example.org --name 'Lin Okafor'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--name", default="", help="as it is shown to colleagues; changes the name of one who is known"
        )
        parser.add_argument(
            "--hours", type=float, default=24, metavar="N", help="how long the link works (24 hours)"
        )

        parser.add_argument(
            "--may-create-studies",
            action="store_true",
            help="let this person create studies in the browser; the first person always may",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["hours"] <= HOURS_OF_A_YEAR:
            raise CommandError(f"--hours must be above 0 and at most {HOURS_OF_A_YEAR}.")
        known = person_of(options["email"])
        if known is not None and not known.is_active:
            raise CommandError(f"{known.email} was deactivated and cannot sign in.")
        try:
            person = create_person(email=options["email"], name=options["name"])
        except PersonRefusedError as refused:
            raise CommandError(str(refused)) from refused
        if known is not None and known.name != person.name:
            self.stdout.write(f"{person.email} is called {person.name} from now on.")
        if options["may_create_studies"] and not person.may_create_studies:
            person.may_create_studies = True
            person.save(update_fields=["may_create_studies"])
            self.stdout.write(f"{person.email} may create studies from now on.")
        elif let_the_only_person_create_studies(person):
            self.stdout.write(f"{person.email} is the first person here and may create studies.")
        link = base_url() + make_sign_in_link(person, hours=options["hours"])
        hours = "an hour" if options["hours"] == 1 else f"{options['hours']:g} hours"
        self.stdout.write(f"{person.email} signs in once, within {hours}, with\n{link}")
