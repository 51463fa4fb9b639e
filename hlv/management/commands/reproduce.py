"""hlv reproduce: the training experiments of a paper, from the files of its data sets."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hlv.core.rendering.latex import PREAMBLE, latex_table, on_paper
from hlv.core.rendering.terminal import terminal_table
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.writing import csv_text
from hlv.stats.training import METHODS
from hlv.terminal import add_output_arguments, check_numbers, print_table_to
from metaeval.exporters.replication import CONCLUSION_HEADER, conclusion_rows
from metaeval.findings.replication_findings import answers, replication_notes, replication_tables
from metaeval.results.replication import Replication
from metaeval.services.replication import DEFAULT_MARGIN, DEFAULT_RESAMPLES, ReplicationOptions, reproduce

PAPERS: Final = ("kurniawan2026",)


class Command(BaseCommand):
    help = (
        "Repeat the training experiments of a paper on files of its data sets, without a study. "
        "Example: hlv reproduce kurniawan2026 lewidi2023 --runs 3"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paper", choices=PAPERS)
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder of the LeWiDi 2023 files")
        parser.add_argument(
            "--runs", type=int, default=3, help="trainings of each method (default: %(default)s)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--methods", nargs="+", choices=list(METHODS), metavar="NAME", help="default: all"
        )
        parser.add_argument(
            "--margin",
            type=float,
            default=DEFAULT_MARGIN,
            help="methods are equivalent if their difference is surely smaller (default: %(default)s)",
        )
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        add_output_arguments(parser)
        parser.add_argument(
            "--csv", type=Path, metavar="FILE", help="also write all paired differences as CSV"
        )
        parser.add_argument("--latex", type=Path, metavar="FILE", help="also write the tables as LaTeX")

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"], seed=options["seed"])
        if options["runs"] < 2 or options["margin"] <= 0:
            # Of one run, an interval would not cover that runs differ.
            raise CommandError("--runs is 2 or more, as runs differ by their seed, and --margin is above 0.")
        try:
            found = reproduce(
                options["folder"],
                ReplicationOptions(
                    n_runs=options["runs"],
                    seed=options["seed"],
                    margin=options["margin"],
                    n_resamples=options["n_resamples"],
                    methods=tuple(options["methods"] or ()),
                ),
                say=lambda name: self.stderr.write(f"Training on {name} ..."),
            )
        except FormatError as error:
            raise CommandError(error.sentence) from error
        except OSError as error:
            raise CommandError(f"A file cannot be read: {error}.") from error
        _write_files(found, csv=options["csv"], latex=options["latex"])
        if options["as_json"]:
            self.stdout.write(json.dumps(asdict(found), ensure_ascii=False, indent=2, allow_nan=False))
            return
        tables = replication_tables(found)
        for table in tables if options["details"] else tables[:1]:
            print_table_to(self.stdout, terminal_table(table))
        for sentence in [*answers(found), *(replication_notes(found) if options["details"] else [])]:
            self.stdout.write(sentence)


def _write_files(found: Replication, *, csv: Path | None, latex: Path | None) -> None:
    try:
        if csv is not None:
            with csv.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_text(CONCLUSION_HEADER, conclusion_rows(found)))
        if latex is not None:
            printed = [
                latex_table(on_paper(table, name=f"replication-{number}", caption=table.title))
                for number, table in enumerate(replication_tables(found), start=1)
            ]
            latex.write_text(f"{PREAMBLE}\n" + "\n".join(printed), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"A file cannot be written: {error}.") from error
