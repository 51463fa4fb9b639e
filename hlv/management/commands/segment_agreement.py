"""hlv segment-agreement: how well uploaded metrics agree with a human score, text by text."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.jobs import JobRefusedError
from hlv.core.rendering.terminal import terminal_table
from hlv.stats.meta_evaluation.grouped_agreement import N_RESAMPLES, RESAMPLED_UNITS
from hlv.terminal import ResultCommand, check_numbers, known_study, print_result, print_table_to
from metaeval.findings.segment_agreement_tables import means_table, segment_notes, segment_tables
from metaeval.results.segment_agreement import SegmentAgreement
from metaeval.services.segment_agreement import means_over_studies, segment_agreement


class Command(ResultCommand):
    help = (
        "Compare uploaded metrics with an uploaded human score, text by text and over systems. "
        "Example: hlv segment-agreement wmt --against mqm"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--against", metavar="SCORE", required=True, help="the uploaded human score")
        parser.add_argument(
            "--metric",
            action="append",
            dest="metrics",
            metavar="SCORE",
            help="an uploaded metric; may be repeated",
        )
        parser.add_argument(
            "--unit",
            choices=RESAMPLED_UNITS,
            default="items",
            help="what is drawn again for the intervals (items)",
        )
        parser.add_argument(
            "--documents",
            default="",
            metavar="COLUMN",
            help="a column of the texts; texts of one document are drawn together",
        )
        parser.add_argument(
            "--and",
            action="append",
            dest="others",
            default=[],
            metavar="STUDY[=WEIGHT]",
            help="another study, such as a language pair, for weighted means; may be repeated",
        )
        parser.add_argument("--weight", type=float, default=1.0, help="the weight of the first study (1)")
        parser.add_argument("--n-resamples", type=int, default=N_RESAMPLES)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"], seed=options["seed"])
        studies = {options["slug"]: options["weight"]} | dict(map(_weighted, options["others"]))
        if not all(isfinite(weight) and weight > 0 for weight in studies.values()):
            raise CommandError("A weight is a number above 0.")
        results = {slug: self.result_of(slug, options) for slug in studies}
        means = means_over_studies(list(results.values()), weights=list(studies.values()))
        if options["as_json"]:
            found = {slug: asdict(result) for slug, result in results.items()}
            one = found[options["slug"]]
            self.print_json(
                one if len(found) == 1 else {"studies": found, "means": [asdict(mean) for mean in means]}
            )
            return
        for slug, result in results.items():
            if len(results) > 1:
                self.stdout.write(slug)
            print_result(
                self.stdout,
                segment_tables(result),
                segment_notes(result),
                source=f"seed {options['seed']}",
                details=options["details"],
            )
        if len(results) > 1:
            print_table_to(self.stdout, terminal_table(means_table(means, list(results))))

    def result_of(self, slug: str, options: dict[str, Any]) -> SegmentAgreement:
        try:
            return segment_agreement(
                known_study(slug),
                against=options["against"],
                metrics=options["metrics"] or (),
                unit=options["unit"],
                documents=options["documents"],
                n_resamples=options["n_resamples"],
                seed=options["seed"],
            )
        except JobRefusedError as refusal:
            raise CommandError(f"{slug}: {refusal}") from refusal


def _weighted(text: str) -> tuple[str, float]:
    """A study and its weight, as "slug=2" gives them."""
    slug, _, weight = text.partition("=")
    try:
        return slug, float(weight or 1)
    except ValueError as error:
        raise CommandError(f"The weight of {slug} is no number: {weight!r}.") from error
