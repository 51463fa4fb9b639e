"""hlv annotator-numbers: how scores of methods depend on the number of annotators."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.jobs import JobRefusedError, MissingDataError
from hlv.core.rendering.terminal import terminal_table
from hlv.stats.metrics.annotator_curve import N_DRAWS
from hlv.terminal import ResultCommand, known_study, missing_data_sentence, print_table_to
from metaeval.findings.annotator_number_tables import annotator_notes, annotator_tables
from metaeval.services.annotator_numbers import annotator_numbers


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
        study = known_study(options["slug"])
        if options["seed"] < 0:
            raise CommandError("--seed is 0 or more.")
        try:
            result = annotator_numbers(
                study,
                metrics=options["metrics"] or (),
                numbers=options["numbers"],
                n_draws=options["n_draws"],
                seed=options["seed"],
            )
        except MissingDataError as refusal:
            raise CommandError(missing_data_sentence(refusal.missing, study)) from refusal
        except JobRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["as_json"]:
            self.print_json(asdict(result))
            return
        for table in annotator_tables(result):
            print_table_to(self.stdout, terminal_table(table))
        for note in annotator_notes(result):
            self.stdout.write(note)
