"""hlv sensitivity: whether a finding rests on a choice."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from hlv.command_arguments import campaign_of
from hlv.core.rendering.numbers import counted
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import Cell, TableRow
from hlv.provenance import with_provenance
from hlv.terminal import ResultCommand, known_study, parse_uuid
from metaeval.findings.sensitivity_findings import sensitivity_notes, sensitivity_table, what_changes
from metaeval.models import Sensitivity

NO_METRIC = "No metric agreement was computed with this ranking, so there is no best metric: hlv metaeval computes both."


class Command(ResultCommand):
    help = (
        "The newest ranking of a campaign beside itself under other choices: ties and model, sides, fast answers, "
        "without each judge, each base model alone, other things drawn again. Example: hlv sensitivity areas-of-law --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--campaign", help="which campaign (criterion), where there are several")

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        params = {"campaign": str(campaign_of(study, options["campaign"]).uuid)}
        done = self.run_job(kind="sensitivity", study=study, params=params)
        snapshot = Sensitivity.objects.select_related("ranking", "campaign").get(
            uuid=parse_uuid(done, "sensitivity")
        )
        if options["as_json"]:
            beside = {"campaign": snapshot.campaign.name, "ranking": str(snapshot.ranking.uuid)}
            self.print_json(with_provenance(snapshot, snapshot.result | beside))
        elif not snapshot.undetermined:
            self.print_cited(table_of_choices(snapshot.result), snapshot)
            for note in notes_on(snapshot):
                self.stdout.write(unmarked(note))
        if snapshot.undetermined:
            self.stderr.write(snapshot.undetermined)
            sys.exit(1)


def table_of_choices(result: dict[str, Any]) -> Table:
    """As the page has it, with the remark and the reasons in a column of their own; what is said often stands once."""
    shown = sensitivity_table(result)
    remarks = [_remark(row) for row in shown.rows]
    often = next((words for words, n in Counter(remarks).most_common(2) if words and n > 2), None)
    note = shown.note if often is None else f"(1) {often} {shown.note}"
    table = Table(title="The ranking under other choices", caption=unmarked(note))
    for heading in (*shown.heads, "remark"):
        table.add_column(heading)
    for row, remark in zip(shown.rows, remarks, strict=True):
        said = "(1)" if remark == often else remark
        table.add_row(*map(unmarked, (row.head, *map(_words, row.cells), said)))
    return table


def notes_on(snapshot: Sensitivity) -> list[str]:
    said = [
        what_changes(snapshot.result),
        f"Beside the ranking of snapshot {snapshot.ranking.uuid}. Where other things are drawn again, there are "
        f"{counted(int(snapshot.result['n_resamples']), 'resamples')}; the other choices need none.",
        *sensitivity_notes(snapshot.result),
    ]
    return said if snapshot.result["base"].get("best_n_methods") else [*said, NO_METRIC]


def _words(cell: Cell) -> str:
    return f"{cell.words} ({cell.beside})" if cell.beside else cell.words


def _remark(row: TableRow) -> str:
    """What the page has beneath a head, and else the reasons for which numbers are missing."""
    reasons = dict.fromkeys(cell.reason for cell in row.cells if cell.reason)
    return row.remark or "; ".join(reasons)
