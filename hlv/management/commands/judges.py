"""hlv judges: the report on the judges of a campaign."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from annotations.selectors.exports import names_by_pseudonym
from hlv.core.stored_results import dump
from hlv.stats.pairwise.mle_existence import TIES_RULES
from hlv.terminal import (
    ResultCommand,
    campaign_of,
    check_numbers,
    known_study,
    print_result,
    provenance_line,
    with_provenance,
)
from metaeval.findings.judge_findings import flagged_judges, judges_table, undetermined_reasons
from metaeval.models import JudgeReport
from metaeval.results.judges import read_judges
from metaeval.services.judges import DEFAULT_RESAMPLES, DEFAULT_SEED


class Command(ResultCommand):
    help = (
        "For each judge of a campaign: agreement with others, self-consistency, side bias, reliability, and the ranking "
        "without this judge. Example: hlv judges areas-of-law --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--campaign", help="campaign (criterion), if there are several")
        parser.add_argument("--ties", choices=TIES_RULES, default="half")
        parser.add_argument(
            "--ridge", type=float, default=0.0, help="precision of a Gaussian prior; 0 = none"
        )
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        parser.add_argument("--names", action="store_true", help="real names instead of pseudonyms")

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"], seed=options["seed"])
        study = known_study(options["slug"])
        params = {"campaign": str(campaign_of(study, options["campaign"]).uuid)}
        params |= {name: options[name] for name in ("ties", "ridge", "n_resamples", "seed")}
        snapshot = self.compute(JudgeReport, kind="judges", study=study, params=params)
        result = read_judges(snapshot).named(names_by_pseudonym(study, with_names=options["names"]))
        if options["as_json"]:
            self.print_json(with_provenance(snapshot, dump(result)))
        else:
            print_result(
                self.stdout,
                [judges_table(result)],
                [] if result.undetermined else [flagged_judges(result)],
                [*result.notes, *undetermined_reasons(result)],
                source=provenance_line(snapshot),
                details=options["details"],
            )
        if result.undetermined:
            self.stderr.write(result.undetermined)
            sys.exit(1)
