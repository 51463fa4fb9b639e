"""hlv metaeval: which metric ranks the methods as the experts do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.models import Study
from hlv.stats.meta_evaluation.paired_permutation import SWAP_NULLS
from hlv.terminal import (
    ResultCommand,
    add_block_argument,
    add_ranking_arguments,
    add_selection_arguments,
    add_weights_argument,
    base_model_hint,
    campaign_of,
    known_study,
    print_result,
    provenance_line,
    ranking_params,
    selection_params,
    with_provenance,
)
from metaeval.findings.agreement_robustness import verdicts_table, without_each_table
from metaeval.findings.findings import agreement_notes, findings, reference_words
from metaeval.findings.outlier_tables import outliers_table
from metaeval.findings.result_tables import agreement_table, group_section, soft_pairs_table
from metaeval.models import Campaign, Metric, MetricAgreement
from metaeval.results.metric_agreement import read_agreement
from metaeval.results.ranking import read_ranking
from metaeval.results.ranking_options import DEFAULT_NULL
from metaeval.services.preregistration import planned_params


def _campaign(study: Study, name: str | None) -> Campaign:
    """The campaign to compare with; a study with uploaded scores alone is told of the other way."""
    uploaded = Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED)
    if not Campaign.objects.filter(study=study).exists() and uploaded.exists():
        raise CommandError(
            "The study has no judgments yet. Import them with hlv import judgments, or name an uploaded human "
            "score with --against."
        )
    return campaign_of(study, name)


class Command(ResultCommand):
    help = (
        "Compare every metric with the experts' ranking, or with an uploaded human score. "
        "Example: hlv metaeval areas-of-law --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_ranking_arguments(parser, n_resamples=None)
        add_selection_arguments(parser)
        add_block_argument(parser)
        parser.add_argument(
            "--null",
            choices=SWAP_NULLS,
            help="what the second test of two metrics exchanges between them: scores where a drawn method or a drawn "
            f"text is hit but not both, single cells, or whole methods ({DEFAULT_NULL})",
        )
        add_weights_argument(parser)
        parser.add_argument("--against", metavar="SCORE", help="an uploaded score instead of the judgments")

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["slug"])
        params = ranking_params(options) | selection_params(options)
        if options["null"]:
            params["null"] = options["null"]
        if options["against"]:
            params["against"] = options["against"]
            if options["campaign"]:
                params["campaign"] = options["campaign"]
        else:
            campaign = _campaign(study, options["campaign"])
            params = {"campaign": str(campaign.uuid)} | planned_params(campaign) | params
        snapshot = self.compute(MetricAgreement, kind="metaeval", study=study, params=params)
        result = read_agreement(snapshot)
        if options["as_json"]:
            self.print_json(with_provenance(snapshot))
        else:
            section = group_section(result)
            groups = [] if section is None else [table for _title, table in section.tables]
            tables = [
                agreement_table(result),
                soft_pairs_table(result),
                without_each_table(result),
                verdicts_table(result),
                outliers_table(result),
            ]
            ranking = None if snapshot.ranking is None else read_ranking(snapshot.ranking)
            print_result(
                self.stdout,
                # Without an answer for all methods, the mean of the groups comes first.
                [*groups[::-1], *tables] if snapshot.undetermined else [*tables, *groups],
                []
                if snapshot.undetermined
                else findings(ranking, result, reference=reference_words(snapshot)).summary,
                agreement_notes(result),
                source=provenance_line(snapshot),
                details=options["details"],
            )
        if snapshot.undetermined:
            self.stderr.write(snapshot.undetermined)
            answered = [] if result.grouped is None else result.grouped.answered
            if answered:
                names = ", ".join(table.group for table in answered)
                self.stderr.write(f"Within one base model there is an answer: {names}.")
                return
            if snapshot.ranking is not None and (way := base_model_hint(snapshot.ranking)):
                self.stderr.write(way)
            sys.exit(1)
