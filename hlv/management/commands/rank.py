"""hlv rank: the experts' ranking of the methods."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from hlv.terminal import (
    ResultCommand,
    add_block_argument,
    add_ranking_arguments,
    add_selection_arguments,
    base_model_hint,
    campaign_of,
    known_study,
    print_result,
    provenance_line,
    ranking_params,
    selection_params,
    with_provenance,
)
from metaeval.findings.findings import ranking_headline, what_improves_ranking
from metaeval.findings.preregistration_findings import compliance_finding
from metaeval.findings.ranking_tables import (
    neighbours_table,
    other_models_table,
    ranking_table,
    tie_types_table,
)
from metaeval.models import Ranking
from metaeval.results.ranking import read_ranking
from metaeval.services.preregistration import planned_ranking_params


class Command(ResultCommand):
    help = (
        "Rank the methods of a study from its judgments; the defaults are those of the frozen preregistration. "
        "Example: hlv rank areas-of-law --ties davidson --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_ranking_arguments(parser)
        add_selection_arguments(parser)
        add_block_argument(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        campaign = campaign_of(study, options["campaign"])
        asked = ranking_params(options) | selection_params(options)
        params = {"campaign": str(campaign.uuid)} | planned_ranking_params(campaign) | asked
        snapshot = self.compute(Ranking, kind="ranking", study=study, params=params)
        result = read_ranking(snapshot)
        if options["as_json"]:
            self.print_json(with_provenance(snapshot))
        else:
            tables = (ranking_table, neighbours_table, other_models_table, tie_types_table)
            answer = [ranking_headline(result), *what_improves_ranking(result)[:1]]
            print_result(
                self.stdout,
                [table(result) for table in tables],
                [*([] if result.undetermined else answer), *map(str, compliance_finding(result.plan))],
                result.notes,
                source=provenance_line(snapshot),
                details=options["details"],
            )
        if result.undetermined:
            self.stderr.write(result.undetermined)
            if way := base_model_hint(snapshot):
                self.stderr.write(way)
            sys.exit(1)
