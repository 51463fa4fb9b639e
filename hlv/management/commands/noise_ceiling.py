"""hlv noise-ceiling: how well a perfect metric could agree with a campaign's ranking."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from hlv.core.rendering.sentences import error_sentence
from hlv.core.rendering.terminal import terminal_table
from hlv.stats.pairwise.mle_existence import TIES_RULES, NoRankingError
from hlv.stats.raters.disjoint_noise_ceiling import disjoint_noise_ceiling
from hlv.stats.raters.noise_ceiling import N_SPLITS, UndeterminedCeilingError
from hlv.terminal import ResultCommand, campaign_of, known_study, print_table_to
from metaeval.findings.agreement_robustness import ceiling_note, ceiling_table
from metaeval.selectors.judgments import comparison_counts


class Command(ResultCommand):
    help = (
        "Noise ceiling of a campaign for new judges on the same texts, and for new judges and new texts. "
        "Example: hlv noise-ceiling areas-of-law"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--campaign", help="which campaign (criterion), where there are several")
        parser.add_argument("--ties", choices=TIES_RULES, default="half")
        parser.add_argument("--n-splits", type=int, default=N_SPLITS)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *_: Any, **options: Any) -> None:
        if options["n_splits"] < 1 or options["seed"] < 0:
            raise CommandError("--n-splits is 1 or more, and --seed is 0 or more.")
        campaign = campaign_of(known_study(options["slug"]), options["campaign"])
        counted = comparison_counts(campaign)
        try:
            found = disjoint_noise_ceiling(
                counted.cells,
                len(counted.methods),
                ties_rule=options["ties"],
                n_splits=options["n_splits"],
                seed=options["seed"],
            )
        except (UndeterminedCeilingError, NoRankingError) as undetermined:
            raise CommandError(error_sentence(undetermined)) from undetermined
        if options["as_json"]:
            self.print_json(asdict(found) | {"seed": options["seed"]})
            return
        print_table_to(self.stdout, terminal_table(ceiling_table(found)))
        self.stdout.write(ceiling_note(found, seed=options["seed"]))
