"""hlv add-participant: a role in a study for a person."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.models import Participant, Study
from annotations.services.studies import StudyRefusedError, add_participant
from hlv.terminal import known_person, known_study

Role = Participant.Role


class Command(BaseCommand):
    help = (
        "Give a person a role in a study, or reactivate a role. Example: hlv add-participant areas-of-law "
        "lin@example.org --role annotator --group bar"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument("email", metavar="EMAIL", help="of a person from hlv create-person")
        parser.add_argument("--role", required=True, choices=[str(role) for role in Role])
        parser.add_argument("--group", default="", metavar="NAME", help="such as bar or academia")
        parser.add_argument(
            "--quota", type=int, metavar="N", help="the most texts or comparisons that the person gets"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study, person = known_study(options["slug"]), known_person(options["email"])
        try:
            added = add_participant(
                study, user=person, role=options["role"], group=options["group"], quota=options["quota"]
            )
        except StudyRefusedError as refused:
            raise CommandError(str(refused)) from refused
        notes = _notes(study, added)
        if options["as_json"]:
            said = {
                "study": study.slug,
                "email": person.email,
                "role": added.role,
                "pseudonym": added.pseudonym,
                "group": added.group,
                "quota": added.quota,
                "notes": notes,
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        self.stdout.write(f"{person.email} takes part in {study.slug} as {added.pseudonym}.")
        for note in notes:
            self.stdout.write(note)


def _notes(study: Study, added: Participant) -> list[str]:
    """What the one who gives a role may not expect."""
    held = set(study.participants.filter(user=added.user, is_active=True).values_list("role", flat=True))
    notes = []
    if Role.JUDGE in held and held & {Role.OWNER, Role.RESEARCHER}:
        notes.append("Judges are blind: this person cannot see the results while judging.")
    if added.role == Role.ANNOTATOR and study.task == Study.Task.NONE:
        notes.append("The study has no labels, so there is nothing to annotate.")
    return notes
