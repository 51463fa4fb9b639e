"""hlv campaigns: the campaigns of a study and how far they are."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.table import Table

from hlv.terminal import known_study, print_table_to
from metaeval.models import Campaign
from metaeval.selectors.campaigns import planned_comparisons
from metaeval.selectors.exposures import campaign_coverage

HEADINGS = ("campaign", "state", "planned comparisons", "judged here", "wanted", "question")


class Command(BaseCommand):
    help = "List the campaigns of a study. Example: hlv campaigns areas-of-law --json"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="STUDY")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        rows = [_row(campaign) for campaign in study.campaigns.all()]
        if options["as_json"]:
            said = {"study": study.slug, "campaigns": rows}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        table = Table(title=f"Campaigns of {study.slug}")
        for heading in HEADINGS:
            table.add_column(heading)
        for row in rows:
            keys = ("name", "state", "n_comparisons", "n_done", "n_wanted", "question")
            table.add_row(*(str(row[key]) for key in keys))
        print_table_to(self.stdout, table)


def _row(campaign: Campaign) -> dict[str, object]:
    coverage = campaign_coverage(campaign)
    return {
        "name": campaign.name,
        "question": campaign.question,
        "state": campaign.state,
        "n_comparisons": planned_comparisons(campaign).count(),
        "judges_per_comparison": campaign.judges_per_comparison,
        "n_done": coverage.n_done,
        "n_wanted": coverage.n_wanted,
    }
