"""hlv segment-agreement: how well metrics agree with an uploaded human score, text by text."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

from django.core.management.base import CommandError, CommandParser

from hlv.core.rendering.terminal import terminal_table
from hlv.stats.meta_evaluation.grouped_agreement import N_RESAMPLES, RESAMPLED_UNITS
from hlv.terminal import (
    ResultCommand,
    check_numbers,
    known_study,
    print_result,
    print_table_to,
    provenance_line,
    with_provenance,
)
from metaeval.findings.segment_agreement_tables import (
    means_table,
    segment_headline,
    segment_notes,
    segment_tables,
)
from metaeval.models import SupplementaryAnalysis
from metaeval.results.segment_agreement import read_segments
from metaeval.services.means_over_studies import means_over_studies


class Command(ResultCommand):
    help = (
        "Compare metrics with an uploaded human score, text by text and over systems. "
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
            help="an uploaded score or a built-in metric; may be repeated (all that have values of texts)",
        )
        parser.add_argument(
            "--unit",
            choices=RESAMPLED_UNITS,
            default="items",
            help="what is drawn again for the intervals (items)",
        )
        parser.add_argument(
            "--block-by",
            "--documents",
            default="",
            metavar="COLUMN",
            help="a column of the texts, such as document; texts with one value are drawn and exchanged together",
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
        snapshots = {slug: self.snapshot_of(slug, options) for slug in studies}
        results = {slug: read_segments(snapshot) for slug, snapshot in snapshots.items()}
        means = means_over_studies(list(results.values()), weights=list(studies.values()))
        if options["as_json"]:
            found = {slug: with_provenance(snapshot) for slug, snapshot in snapshots.items()}
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
                [segment_headline(result)],
                segment_notes(result),
                source=provenance_line(snapshots[slug]),
                details=options["details"],
            )
        if len(results) > 1:
            print_table_to(self.stdout, terminal_table(means_table(means, list(results))))

    def snapshot_of(self, slug: str, options: dict[str, Any]) -> SupplementaryAnalysis:
        params = {
            "against": options["against"],
            "metrics": options["metrics"] or [],
            **{name: options[name] for name in ("unit", "block_by", "n_resamples", "seed")},
        }
        try:
            return self.compute(
                SupplementaryAnalysis,
                kind=SupplementaryAnalysis.Kind.SEGMENTS,
                study=known_study(slug),
                params=params,
            )
        except CommandError as refusal:
            raise CommandError(f"{slug}: {refusal}") from refusal


def _weighted(text: str) -> tuple[str, float]:
    """A study and its weight, as "slug=2" gives them."""
    slug, _, weight = text.partition("=")
    try:
        return slug, float(weight or 1)
    except ValueError as error:
        raise CommandError(f"The weight of {slug} is no number: {weight!r}.") from error
