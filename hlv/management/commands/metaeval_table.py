"""hlv metaeval-table: metric agreement over several criteria, campaigns and studies, with one correction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.jobs import JobRefusedError
from annotations.models import Study
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.terminal import terminal_table
from hlv.terminal import (
    MOST_REMARKS,
    ResultCommand,
    add_output_arguments,
    check_numbers,
    known_campaign,
    known_study,
    print_table_to,
)
from metaeval.exporters.agreement_over_campaigns import over_campaigns_csv, over_campaigns_tex
from metaeval.findings.agreement_over_campaigns_tables import (
    narrow_tables,
    over_campaigns_headline,
    over_campaigns_notes,
    sources_table,
)
from metaeval.models import Campaign, Metric, MetricAgreement
from metaeval.results.agreement_over_campaigns import AgreementOverCampaigns
from metaeval.results.metric_rows import MEASURES
from metaeval.selectors.snapshots import agreements_with_scores
from metaeval.services.agreement_over_campaigns import agreement_over_campaigns, newest_agreement
from metaeval.services.preregistration import planned_params


class Command(ResultCommand):
    help = (
        "One table of metric agreement over several criteria, campaigns and studies, with one Holm correction. "
        "It takes the newest hlv metaeval of each and computes what is missing. "
        "Example: hlv metaeval-table ende enru --against mqm --latex table.tex"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="+", metavar="SLUG", help="the studies")
        add_output_arguments(parser)
        parser.add_argument(
            "--campaign",
            action="append",
            default=[],
            dest="campaigns",
            metavar="NAME",
            help="a campaign (criterion) of each study; may be repeated (default: all with judgments)",
        )
        parser.add_argument(
            "--against",
            action="append",
            default=[],
            dest="scores",
            metavar="SCORE",
            help="an uploaded human score of each study, in place of campaigns or in addition; may be repeated",
        )
        parser.add_argument(
            "--metric",
            action="append",
            default=[],
            dest="metrics",
            metavar="KEY",
            help="may be repeated (all); the correction is over the metrics of the table",
        )
        parser.add_argument("--statistic", choices=MEASURES, default=MEASURES[0], help=MEASURES[0])
        parser.add_argument(
            "--by-base-model", action="store_true", help="a column for each base model of a campaign"
        )
        parser.add_argument("--recompute", action="store_true", help="compute every column again")
        parser.add_argument("--n-resamples", type=int, help="of columns that are computed (as hlv metaeval)")
        parser.add_argument("--seed", type=int, help="of columns that are computed (as hlv metaeval)")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="also write all cells as CSV")
        parser.add_argument("--latex", type=Path, metavar="FILE", help="also write the table as LaTeX")

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"] or 0, seed=options["seed"] or 0)
        studies = [known_study(slug) for slug in dict.fromkeys(options["slugs"])]
        snapshots = [snapshot for study in studies for snapshot in self.snapshots_of(study, options)]
        try:
            found = agreement_over_campaigns(
                snapshots,
                statistic=options["statistic"],
                metrics=options["metrics"],
                by_base_model=options["by_base_model"],
            )
        except JobRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        _write_files(found, csv=options["csv"], latex=options["latex"])
        if options["as_json"]:
            self.print_json(asdict(found))
            return
        # Their note is the first of the notes.
        tables, notes = [replace(one, note="") for one in narrow_tables(found)], over_campaigns_notes(found)
        for one in [*tables, sources_table(found)] if options["details"] else tables:
            print_table_to(self.stdout, terminal_table(one))
        few = [*notes[: MOST_REMARKS - 1], "(--details: all tables and notes)"]
        for sentence in [over_campaigns_headline(found), *(notes if options["details"] else few)]:
            self.stdout.write(unmarked(sentence))

    def snapshots_of(self, study: Study, options: dict[str, Any]) -> Iterator[MetricAgreement]:
        """Of the campaigns and human scores that were named; of all where none was."""
        named = {name: options[name] for name in ("n_resamples", "seed") if options[name] is not None}
        scores = list(dict.fromkeys(options["scores"]))
        for campaign in _campaigns(study, options["campaigns"], has_scores=bool(scores)):
            snapshot = None if options["recompute"] else newest_agreement(campaign)
            yield snapshot or self.computed(
                study, {"campaign": str(campaign.uuid)} | planned_params(campaign) | named
            )
        known = {} if options["recompute"] else _with_scores(study)
        uploaded = set(
            Metric.objects.filter(study=study, origin=Metric.Origin.UPLOADED).values_list("name", flat=True)
        )
        for score in scores or ([] if options["campaigns"] else sorted(_with_scores(study))):
            if score not in uploaded:
                raise CommandError(
                    f"The study {study.slug} has no uploaded score {score!r} (known: "
                    f"{', '.join(sorted(uploaded)) or 'none yet'})."
                )
            yield known.get(score) or self.computed(study, {"against": score, **named})

    def computed(self, study: Study, params: dict[str, Any]) -> MetricAgreement:
        try:
            return self.compute(MetricAgreement, kind="metaeval", study=study, params=params)
        except CommandError as refusal:
            raise CommandError(f"{study.slug}: {refusal}") from refusal


def _campaigns(study: Study, names: list[str], *, has_scores: bool) -> list[Campaign]:
    if names:
        return [known_campaign(study, name) for name in dict.fromkeys(names)]
    return [] if has_scores else list(study.campaigns.order_by("pk"))


def _with_scores(study: Study) -> dict[str, MetricAgreement]:
    return {one.against.name: one for one in agreements_with_scores(study) if one.against is not None}


def _write_files(found: AgreementOverCampaigns, *, csv: Path | None, latex: Path | None) -> None:
    try:
        if csv is not None:
            with csv.open("w", encoding="utf-8", newline="") as file:
                file.writelines(over_campaigns_csv(found))
        if latex is not None:
            latex.write_text(over_campaigns_tex(found), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"A file cannot be written: {error}.") from error
