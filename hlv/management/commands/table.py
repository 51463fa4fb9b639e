"""hlv table: methods by metrics, with means over runs and the methods that do not differ; of one or several studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.jobs import JobRefusedError, MissingDataError
from hlv.core.figures.drawing import drawn
from hlv.core.rendering.latex import PREAMBLE, latex_table, on_paper
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import Table, file_rows
from hlv.core.rendering.terminal import terminal_table
from hlv.core.tabular.writing import csv_text
from hlv.terminal import (
    MOST_REMARKS,
    ResultCommand,
    add_output_arguments,
    add_where_arguments,
    check_numbers,
    known_study,
    missing_data_sentence,
    print_table_to,
    where_of,
)
from metaeval.figures import method_scores
from metaeval.findings.method_tables import (
    METHOD_HEADER,
    method_table_notes,
    method_tables,
    methods_by_studies,
    metric_of_methods_table,
    shared_metrics,
)
from metaeval.results.method_table import MethodTable
from metaeval.services.method_table import DEFAULT_RESAMPLES, PAPER_METRICS, method_table

STUDY = "study"


class Command(ResultCommand):
    help = (
        "Compare methods by metrics: means over runs, scores of mean outputs, and which methods differ. With several "
        "studies, one table of methods and studies for each metric. "
        "Example: hlv table hs-brexit armis --split test --metric po_jsd"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="+", metavar="SLUG", help="one or several studies")
        add_output_arguments(parser)
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
        parser.add_argument(
            "--figure",
            type=Path,
            metavar="FILE",
            help="also draw the methods by the first metric, PO-JSD by default, as .svg, .png or .pdf",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        check_numbers(n_resamples=options["n_resamples"], seed=options["seed"])
        tables = {slug: _table_of(slug, options) for slug in dict.fromkeys(options["slugs"])}
        overview = _overview(tables)
        _write_files(tables, overview, csv=options["csv"], latex=options["latex"])
        if options["figure"] is not None:
            _draw(tables, options["figure"])
        if options["as_json"]:
            self._print_as_json(tables)
            return
        (first, *_rest) = tables.values()
        shown = overview if len(tables) > 1 else method_tables(first, with_differences=options["details"])
        for one in shown if options["details"] else shown[:1]:
            print_table_to(self.stdout, terminal_table(one))
        notes = _notes(tables)
        few = [*notes[:MOST_REMARKS], "(--details: all tables and notes)"]
        for note in notes if options["details"] else few:
            self.stdout.write(unmarked(note))

    def _print_as_json(self, tables: Mapping[str, MethodTable]) -> None:
        """One study as it is, several by their names."""
        if len(tables) == 1:
            (table,) = tables.values()
            self.print_json(asdict(table))
        else:
            self.print_json({"studies": {slug: asdict(table) for slug, table in tables.items()}})


def _table_of(slug: str, options: Mapping[str, Any]) -> MethodTable:
    study = known_study(slug)
    try:
        return method_table(
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
        where = f"{slug}: " if len(options["slugs"]) > 1 else ""
        raise CommandError(f"{where}{refusal}") from refusal


def _overview(tables: Mapping[str, MethodTable]) -> list[Table]:
    """Of several studies a table for each metric that all have; of one study none."""
    if len(tables) == 1:
        return []
    shared = shared_metrics(tables.values())
    if not shared:
        raise CommandError("These studies share no metric, as their tasks differ. Name one with --metric.")
    return [methods_by_studies(tables, name) for name in shared]


def _notes(tables: Mapping[str, MethodTable]) -> list[str]:
    if len(tables) == 1:
        (table,) = tables.values()
        return method_table_notes(table)
    return [f"{slug}: {note}" for slug, table in tables.items() for note in method_table_notes(table)]


def _draw(tables: Mapping[str, MethodTable], file: Path) -> None:
    """The methods of each study by the first metric that all have."""
    name = shared_metrics(tables.values())[0]
    metrics = {
        slug: next(metric for metric in table.metrics if metric.name == name)
        for slug, table in tables.items()
    }
    try:
        drawing = drawn(method_scores.spec(metrics)).as_file
    except ValueError as error:
        raise CommandError(str(error)) from error
    made = {".svg": lambda: drawing.svg, ".png": lambda: drawing.png, ".pdf": lambda: drawing.pdf}
    if file.suffix not in made:
        raise CommandError(f"A figure is a file .svg, .png or .pdf, not {file.name}.")
    try:
        file.write_bytes(made[file.suffix]())
    except OSError as error:
        raise CommandError(f"A file cannot be written: {error}.") from error


def _write_files(
    tables: Mapping[str, MethodTable], overview: Sequence[Table], *, csv: Path | None, latex: Path | None
) -> None:
    header = METHOD_HEADER if len(tables) == 1 else (STUDY, *METHOD_HEADER)
    each = [
        replace(shown, everywhere={**shown.everywhere, STUDY: slug})
        for slug, table in tables.items()
        for shown in map(metric_of_methods_table, table.metrics)
    ]
    of_each = [one for table in tables.values() for one in method_tables(table)]
    try:
        if csv is not None:
            with csv.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_text(header, file_rows(each, header)))
        if latex is not None:
            printed = [
                latex_table(on_paper(one, name=f"methods-{number}", caption=one.title))
                for number, one in enumerate(overview or of_each, start=1)
            ]
            latex.write_text(f"{PREAMBLE}\n" + "\n".join(printed), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"A file cannot be written: {error}.") from error
