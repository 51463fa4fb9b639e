"""hlv sensitivity: whether a finding rests on a choice."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from hlv.core.rendering.numbers import counted
from hlv.terminal import (
    ResultCommand,
    campaign_of,
    known_study,
    print_result,
    provenance_line,
    with_provenance,
)
from metaeval.findings.sensitivity_findings import sensitivity_notes, sensitivity_table, what_changes
from metaeval.models import Sensitivity
from metaeval.results.ranking import SensitivityResult, read_sensitivity

NO_METRIC = (
    "There is no metric agreement for this ranking, so there is no best metric. Run hlv metaeval to "
    "compute both."
)


class Command(ResultCommand):
    help = (
        "Sensitivity analysis of the newest ranking: tie rule and model, side effect, fast answers, without "
        "each judge, each base model, other resampling units. Example: hlv sensitivity areas-of-law --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--campaign", help="campaign (criterion), if there are several")

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        params = {"campaign": str(campaign_of(study, options["campaign"]).uuid)}
        snapshot = self.compute(Sensitivity, kind="sensitivity", study=study, params=params)
        if options["as_json"]:
            origin = {"campaign": snapshot.campaign.name, "ranking": str(snapshot.ranking.uuid)}
            self.print_json(with_provenance(snapshot, snapshot.result | origin))
        elif not snapshot.undetermined:
            result = read_sensitivity(snapshot)
            print_result(
                self.stdout,
                [sensitivity_table(result)],
                what_changes(result),
                notes_on(snapshot, result),
                source=provenance_line(snapshot),
                details=options["details"],
            )
        if snapshot.undetermined:
            self.stderr.write(snapshot.undetermined)
            sys.exit(1)


def notes_on(snapshot: Sensitivity, result: SensitivityResult) -> list[str]:
    said = [
        f"The reference is the ranking in snapshot {snapshot.ranking.uuid}. Other resampling units use "
        f"{counted(result.n_resamples, 'resamples')}; the other alternatives use none.",
        *sensitivity_notes(result),
    ]
    return said if result.base is not None and result.base.best_n_methods else [*said, NO_METRIC]
