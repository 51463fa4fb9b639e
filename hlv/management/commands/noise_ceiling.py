"""hlv noise-ceiling: how well a perfect metric could agree with a campaign's ranking."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.terminal import terminal_table
from hlv.stats.pairwise.mle_existence import TIES_RULES
from hlv.stats.raters.noise_ceiling import N_SPLITS
from hlv.terminal import (
    ResultCommand,
    campaign_of,
    known_study,
    print_table_to,
    provenance_line,
    with_provenance,
)
from metaeval.findings.agreement_robustness import ceiling_headline, ceiling_note, ceiling_table
from metaeval.models import SupplementaryAnalysis
from metaeval.results.noise_ceiling import read_ceiling


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
        snapshot = self.compute(
            SupplementaryAnalysis,
            kind=SupplementaryAnalysis.Kind.CEILING,
            study=campaign.study,
            params={"campaign": str(campaign.uuid)}
            | {name: options[name] for name in ("ties", "n_splits", "seed")},
        )
        result = read_ceiling(snapshot)
        if result.found is None:
            raise CommandError(snapshot.undetermined)
        if options["as_json"]:
            self.print_json(with_provenance(snapshot, asdict(result.found) | {"seed": result.seed}))
            return
        print_table_to(self.stdout, terminal_table(ceiling_table(result.found)))
        self.stdout.write(provenance_line(snapshot))
        for sentence in (ceiling_headline(result.found), ceiling_note(result.found, seed=result.seed)):
            self.stdout.write(unmarked(sentence))
