"""hlv table: methods by metrics, with means over runs and the methods that do not differ."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.jobs import JobRefusedError, MissingDataError
from hlv.core.rendering.latex import PREAMBLE, latex_table, on_paper
from hlv.core.rendering.tables import file_rows
from hlv.core.rendering.terminal import terminal_table
from hlv.core.tabular.writing import csv_text
from hlv.terminal import (
    MOST_REMARKS,
    ResultCommand,
    add_where_arguments,
    check_numbers,
    known_study,
    missing_data_sentence,
    print_table_to,
    where_of,
)
from metaeval.findings.method_tables import (
    METHOD_HEADER,
    method_table_notes,
    method_tables,
    metric_of_methods_table,
)
from metaeval.results.method_table import MethodTable
from metaeval.services.method_table import DEFAULT_RESAMPLES, PAPER_METRICS, method_table


class Command(ResultCommand):
    help = (
        "Compare methods by metrics: means over runs, scores of mean outputs, and which methods differ. "
        "Example: hlv table hs-brexit --split test --metric po_jsd"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--metric",
            action="append",
            dest="metrics",
            metavar="KEY",
            help=f"may be repeated; default: those of {', '.join(PAPER_METRICS)} that the task has",
        )
        parser.add_argument("--base-model", metavar="NAME", help="only methods of this base model")
        add_where_arguments(parser)
        parser.add_argument("--n-resamples", type=int, default=DEFAULT_RESAMPLES)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--csv", type=Path, metavar="FILE", help="also write all metrics as CSV")
        parser.add_argument("--latex", type=Path, metavar="FILE", help="also write the tables as LaTeX")

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"], seed=options["seed"])
        study = known_study(options["slug"])
        try:
            table = method_table(
                study,
                metrics=options["metrics"] or (),
                base_model=options["base_model"] or "",
                where=where_of(options),
                n_resamples=options["n_resamples"],
                seed=options["seed"],
            )
        except MissingDataError as refusal:
            raise CommandError(missing_data_sentence(refusal.missing, study)) from refusal
        except JobRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        _write_files(table, csv=options["csv"], latex=options["latex"])
        if options["as_json"]:
            self.print_json(asdict(table))
            return
        tables = method_tables(table, with_differences=options["details"])
        for one in tables if options["details"] else tables[:1]:
            print_table_to(self.stdout, terminal_table(one))
        notes = method_table_notes(table)
        few = [*notes[:MOST_REMARKS], "(--details: all tables and notes)"]
        for note in notes if options["details"] else few:
            self.stdout.write(note)


def _write_files(table: MethodTable, *, csv: Path | None, latex: Path | None) -> None:
    each = [metric_of_methods_table(metric) for metric in table.metrics]
    try:
        if csv is not None:
            with csv.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_text(METHOD_HEADER, file_rows(each, METHOD_HEADER)))
        if latex is not None:
            printed = [
                latex_table(on_paper(one, name=f"methods-{number}", caption=one.title))
                for number, one in enumerate(method_tables(table), start=1)
            ]
            latex.write_text(f"{PREAMBLE}\n" + "\n".join(printed), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"A file cannot be written: {error}.") from error
