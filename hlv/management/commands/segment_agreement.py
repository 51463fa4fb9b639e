"""hlv segment-agreement: how well uploaded metrics agree with a human score, text by text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.jobs import JobRefusedError
from hlv.core.rendering.terminal import terminal_table
from hlv.stats.meta_evaluation.grouped_agreement import N_RESAMPLES, RESAMPLED_UNITS
from hlv.terminal import ResultCommand, check_numbers, known_study
from metaeval.findings.segment_agreement_tables import segment_notes, segment_tables
from metaeval.services.segment_agreement import segment_agreement


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
        parser.add_argument("--n-resamples", type=int, default=N_RESAMPLES)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(options)
        try:
            result = segment_agreement(
                known_study(options["slug"]),
                against=options["against"],
                metrics=options["metrics"] or (),
                unit=options["unit"],
                documents=options["documents"],
                n_resamples=options["n_resamples"],
                seed=options["seed"],
            )
        except JobRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["as_json"]:
            self.print_json(asdict(result))
            return
        for table in segment_tables(result):
            self.print_table(terminal_table(table))
        for note in segment_notes(result):
            self.stdout.write(note)
