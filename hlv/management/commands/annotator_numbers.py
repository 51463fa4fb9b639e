"""hlv annotator-numbers: how scores of methods depend on the number of annotators."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from hlv.stats.metrics.annotator_curve import N_DRAWS
from hlv.terminal import (
    ResultCommand,
    check_numbers,
    known_study,
    print_result,
    provenance_line,
    with_provenance,
)
from metaeval.findings.annotator_number_tables import annotator_headline, annotator_notes, annotator_tables
from metaeval.models import SupplementaryAnalysis
from metaeval.results.annotator_numbers import read_annotator_numbers


class Command(ResultCommand):
    help = (
        "Score methods with fewer annotators, and correct scores for few of them. "
        "Example: hlv annotator-numbers areas-of-law --metric po_jsd"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--metric",
            action="append",
            dest="metrics",
            metavar="KEY",
            help="a built-in metric; may be repeated",
        )
        parser.add_argument(
            "--number", action="append", dest="numbers", type=int, metavar="K",
            help="a number of annotators; may be repeated (1 to the median number of answers of a text)",
        )  # fmt: skip
        parser.add_argument("--n-draws", type=int, default=N_DRAWS)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=0, seed=options["seed"])
        params = {
            "metrics": options["metrics"] or [],
            "numbers": options["numbers"] or [],
            "n_draws": options["n_draws"],
            "seed": options["seed"],
        }
        snapshot = self.compute(
            SupplementaryAnalysis,
            kind=SupplementaryAnalysis.Kind.ANNOTATORS,
            study=known_study(options["slug"]),
            params=params,
        )
        if options["as_json"]:
            self.print_json(with_provenance(snapshot))
            return
        result = read_annotator_numbers(snapshot)
        print_result(
            self.stdout,
            annotator_tables(result),
            [annotator_headline(result)],
            annotator_notes(result),
            source=provenance_line(snapshot),
            details=options["details"],
        )
