"""hlv participants: who takes part in a study."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.table import Table

from annotations.models import Participant
from annotations.policy import needs_proof
from annotations.selectors.participation import count_sources, people_in
from hlv.core.rendering.numbers import counted
from hlv.terminal import known_study, print_table_to
from metaeval.selectors.campaigns import n_judged_by

HEADINGS = ("", "address", "name", "role", "group", "quota", "done", "active")


class Command(BaseCommand):
    help = (
        "List the participants of a study and their progress. Example: hlv participants areas-of-law --json"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        judged = n_judged_by(study)
        rows = [_row(participant, judged) for participant in people_in(study)]
        n_sources = count_sources(study)
        if options["as_json"]:
            said = {"study": study.slug, "participants": rows, "n_sources": n_sources}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        table = Table(title=f"People of {study.slug}")
        for heading in HEADINGS:
            table.add_column(heading)
        for row in rows:
            address = row["email"] if row["address_proven"] else f"{row['email']} (not proven)".strip()
            keys = ("name", "role", "group", "quota", "n_done")
            cells = [row["pseudonym"], address, *(row[key] for key in keys)]
            table.add_row(
                *("" if cell is None else str(cell) for cell in cells), "yes" if row["is_active"] else "left"
            )
        print_table_to(self.stdout, table)
        if n_sources:
            self.stdout.write(f"Also {counted(n_sources, 'sources')} of imported files.")


def _row(participant: Participant, judged: dict[int, int]) -> dict[str, object]:
    person, annotated = participant.user, participant.n_done  # type: ignore[attr-defined]
    answers = {Participant.Role.ANNOTATOR: annotated, Participant.Role.JUDGE: judged.get(participant.pk, 0)}
    return {
        "pseudonym": participant.pseudonym,
        "email": person.known_email if person else None,
        "address_proven": person is not None and not needs_proof(person, participant.study),
        "name": person.name if person else "",
        "role": participant.role,
        "group": participant.group,
        "quota": participant.quota,
        "n_done": answers.get(Participant.Role(participant.role)),
        "is_active": participant.is_active,
    }
