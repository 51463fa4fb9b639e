"""hlv preregister: freeze the planned analysis of a campaign."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hlv.core.rendering.numbers import counted
from hlv.core.tabular.writing import iso
from hlv.stats.metrics.registry import METRICS
from hlv.terminal import (
    add_block_argument,
    add_ranking_arguments,
    add_weights_argument,
    campaign_of,
    known_study,
    ranking_params,
)
from metaeval.models import AnalysisPlan
from metaeval.results.planned_analysis import PlannedAnalysis
from metaeval.services.preregistration import STATISTICS, PreregistrationRefusedError, preregister
from metaeval.services.scoring import default_resamples


class Command(BaseCommand):
    help = (
        "Freeze a preregistration of a campaign: a version that never changes, with its time and digest. "
        "Example: hlv preregister areas-of-law --metrics soft_accuracy po_jsd --ties half"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        add_ranking_arguments(parser, n_resamples=None)
        add_weights_argument(parser)
        add_block_argument(parser)
        parser.add_argument(
            "--metrics",
            nargs="+",
            required=True,
            metavar="KEY",
            help=f"metrics that the claims will use: uploaded scores by their name, and {', '.join(METRICS)}",
        )
        parser.add_argument(
            "--statistics",
            nargs="+",
            choices=STATISTICS,
            default=["kendall_tau_b"],
            help="the primary one first (kendall_tau_b)",
        )
        parser.add_argument(
            "--exclude",
            action="append",
            default=[],
            dest="exclusions",
            metavar="RULE",
            help="a further exclusion in words, which no program applies; may be given several times",
        )
        parser.add_argument("--notes", default="", metavar="TEXT")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        campaign = campaign_of(known_study(options["slug"]), options["campaign"])
        ranking: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in ranking_params(options).items()
        }
        planned = PlannedAnalysis(
            **{"n_resamples": default_resamples(campaign.study)} | ranking,
            metrics=tuple(options["metrics"]),
            statistics=tuple(options["statistics"]),
            exclusions=tuple(options["exclusions"]),
            notes=options["notes"].strip(),
        )
        try:
            frozen = preregister(campaign, planned, by=None)
        except PreregistrationRefusedError as refused:
            raise CommandError(str(refused)) from refused
        if options["as_json"]:
            self.stdout.write(json.dumps(as_json(frozen), ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"Version {frozen.version} of the preregistration of “{campaign.name}” is frozen as of {iso(frozen.frozen_at)}, "
            f"after {counted(frozen.n_judgments_before, 'judgments')}.\nSHA-256 {frozen.digest}"
        )


def as_json(plan: AnalysisPlan) -> dict[str, object]:
    return {
        "campaign": plan.campaign.name,
        "version": plan.version,
        "frozen_at": iso(plan.frozen_at),
        "n_judgments_before": plan.n_judgments_before,
        "digest": plan.digest,
        "plan": plan.content,
    }
