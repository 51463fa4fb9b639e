"""hlv metaeval: which metric ranks the methods as the experts do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.models import Study
from hlv.metric_sentences import closer_look, said_of_uploads
from hlv.metric_table import metric_agreement_table, said_of_counts
from hlv.naming import campaign_of
from hlv.provenance import with_provenance
from hlv.ranking_arguments import add_ranking_arguments, add_weights_argument, ranking_params
from hlv.terminal import ResultCommand, study_of, uuid_of
from metaeval.models import Campaign, Metric, MetricAgreement
from metaeval.services.following import said_of_the_plan
from metaeval.services.plans import planned_params
from metaeval.views.phrases import said_of_weights


def _campaign(study: Study, name: str | None) -> Campaign:
    """The campaign to compare with; a study with uploaded scores alone is told of the other way."""
    uploaded = Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED)
    if not Campaign.objects.filter(study=study).exists() and uploaded.exists():
        raise CommandError(
            "The study has no judgments yet. Import some with hlv import judgments, or name the uploaded score "
            "that people gave with --against."
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
        add_weights_argument(parser)
        parser.add_argument("--against", metavar="SCORE", help="an uploaded score instead of the judgments")

    def handle(self, *_: Any, **options: Any) -> None:
        study = study_of(options["slug"])
        params = ranking_params(options)
        if options["against"]:
            params["against"] = options["against"]
        else:
            campaign = _campaign(study, options["campaign"])
            params = {"campaign": str(campaign.uuid)} | planned_params(campaign) | params
        done = self.run_job(kind="metaeval", study=study, params=params)
        if done["metric_agreement"] is None:
            raise CommandError(done["undetermined"])
        snapshot = MetricAgreement.objects.get(uuid=uuid_of(done, "metric_agreement"))
        if options["as_json"]:
            self.print_json(with_provenance(snapshot))
        else:
            self.print_cited(metric_agreement_table(snapshot.result), snapshot)
            for note in [
                *said_of_weights(snapshot.result),
                *filter(None, [said_of_counts(snapshot.result)]),
                *filter(None, [said_of_the_plan(snapshot.result)]),
                *said_of_uploads(snapshot.result),
                *snapshot.result["notes"],
                *closer_look(snapshot.result),
            ]:
                self.stdout.write(note)
        if snapshot.undetermined:
            self.stderr.write(snapshot.undetermined)
            sys.exit(1)
