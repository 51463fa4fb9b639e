"""hlv deactivate-participant: a person leaves a study; the answers stay."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Participant
from annotations.services.studies import StudyRefusedError, deactivate_participant
from hlv.terminal import known_person, known_study


class Command(BaseCommand):
    help = (
        "End a role of a person in a study; their answers are kept and still count. hlv add-participant "
        "reactivates it. Example: hlv deactivate-participant areas-of-law lin@example.org --role annotator"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--role",
            choices=[str(role) for role in Participant.Role],
            help="default: all roles of the person",
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study, person = known_study(options["slug"]), known_person(options["email"])
        known = study.participants.filter(user=person)
        if options["role"] is not None:
            known = known.filter(role=options["role"])
        if not known.exists():
            role = f"no {options['role']}" if options["role"] else "nobody"
            raise CommandError(
                f"{person.email} is {role} of {study.slug}: see hlv participants {study.slug}."
            )
        try:
            closed = deactivate_participant(study, user=person, role=options["role"])
        except StudyRefusedError as refused:
            raise CommandError(str(refused)) from refused
        names = sorted(participant.pseudonym for participant in closed)
        if options["as_json"]:
            said = {"study": study.slug, "email": person.email, "deactivated": names}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        elif names:
            who = " and ".join(names)
            self.stdout.write(
                f"{person.email} no longer takes part in {study.slug} as {who}. The answers are kept."
            )
        else:
            self.stdout.write(f"{person.email} was already inactive in {study.slug}.")
