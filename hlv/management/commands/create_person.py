"""Makes a person, or finds one, and prints a link that signs them in once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotations.policy import needs_proof
from annotations.services.people import (
    PersonRefusedError,
    allow_creating_studies,
    create_person,
    grant_only_person_study_creation,
    keep_account,
    make_sign_in_link,
    person_with_address,
)
from hlv.serving import base_url

HOURS_OF_A_YEAR = 24 * 365


class Command(BaseCommand):
    help = (
        "Create a person, or find the one with this address, and print a one-time sign-in link. Example: hlv "
        "create-person lin@example.org --name 'Lin Okafor'"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--name", default="", help="the name that colleagues see; renames an existing person"
        )
        parser.add_argument(
            "--hours", type=float, default=24, metavar="N", help="how long the link is valid (24)"
        )

        parser.add_argument(
            "--may-create-studies",
            action="store_true",
            help="allow this person to create studies in the browser",
        )
        parser.add_argument(
            "--same-person",
            action="store_true",
            help="for an address that is not proven: you know that this person created the account, so they keep it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["hours"] <= HOURS_OF_A_YEAR:
            raise CommandError(f"--hours must be above 0 and at most {HOURS_OF_A_YEAR}.")
        known = person_with_address(options["email"])
        if known is not None and known.closed_at is not None:
            raise CommandError(f"The account {known.email} is closed: hlv reopen-account {known.email}")
        if known is not None and not known.is_active:
            raise CommandError(f"{known.email} was deactivated and cannot sign in.")
        try:
            # One transaction: the link is for whoever has the address when it is made.
            with transaction.atomic():
                kept = options["same_person"] and keep_account(options["email"])
                person = create_person(email=options["email"], name=options["name"])
                may_now = options["may_create_studies"] and allow_creating_studies(person)
                first = grant_only_person_study_creation(person)
                link = base_url() + make_sign_in_link(person, hours=options["hours"])
        except PersonRefusedError as refused:
            raise CommandError(str(refused)) from refused
        if kept:
            self.stdout.write(f"{person.email} keeps the account. All its sessions are signed out.")
        if known is not None and known.name != person.name:
            self.stdout.write(f"{person.email} is now called {person.name}.")
        if may_now:
            self.stdout.write(f"{person.email} can now create studies.")
        elif first:
            self.stdout.write(f"{person.email} is the first person here and can create studies.")
        if needs_proof(person):
            self.stdout.write(
                f"The address {person.email} is not proven: anybody may have entered it. Who opens the link "
                "keeps that account if they know its password, and gets a new one if not. Give roles after that. If you "
                "know that the account is theirs, run this again with --same-person."
            )
        hours = "an hour" if options["hours"] == 1 else f"{options['hours']:g} hours"
        self.stdout.write(f"{person.email} signs in once, within {hours}, with\n{link}")
