# ruff: noqa: N999  Django takes the name of a command from its module
"""hlv import: items, annotations, outputs, judgments and scores from files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from annotations.formats.import_options import Duplicates, ImportRefusedError, Report
from annotations.import_ledger import file_spellings
from annotations.models import Study
from hlv.core.tabular.errors import FormatError, RowError
from hlv.core.tabular.mapping import CertaintyRange, Mapping
from hlv.importing.file_sets import ReadingChoices
from hlv.importing.job import IMPORTS
from hlv.importing.sandbox import check
from hlv.importing.staging import import_staged
from hlv.terminal import add_base_model_arguments, known_study
from metaeval.formats.evaluation_options import (
    DEFAULT_CAMPAIGN,
    BaseModels,
    Directions,
    EvaluationOptions,
    read_directions,
    read_name_map,
)
from metaeval.models import Method

ERRORS_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import files into a study: all rows or none. Importing a file twice adds nothing. Example: hlv "
        "import judgments crowd.csv --study llmfao --map item=prompt"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(IMPORTS), help="what the files contain")
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--format", dest="format_name", metavar="NAME", help="default: detected")
        parser.add_argument(
            "--map",
            nargs="+",
            action="extend",
            default=[],
            metavar="FIELD=COLUMN",
            help="column mapping; item=a+b joins two columns, left,right=a splits one",
        )
        parser.add_argument(
            "--duplicates",
            choices=[str(rule) for rule in Duplicates],
            default=str(Duplicates.ERROR),
            help="two rows of one annotator or judge for one input; all creates a second source of the same name",
        )
        parser.add_argument("--strict", action="store_true", help="judgments do not create items or methods")
        parser.add_argument(
            "--dry-run", action="store_true", help="report what would happen, and change nothing"
        )
        parser.add_argument("--certainty-range", metavar="LOW:HIGH", help="scale of certainties, such as 0:4")
        parser.add_argument(
            "--dataset", metavar="NAME", help="prefix of item ids, for ids that restart in each file"
        )
        parser.add_argument(
            "--campaign", default=DEFAULT_CAMPAIGN, metavar="NAME", help="one campaign per criterion"
        )
        parser.add_argument("--automatic", default="", metavar="NAME", help="the judge is a program")
        add_base_model_arguments(parser)
        parser.add_argument("--method", metavar="NAME", help="for outputs whose file does not name it")
        parser.add_argument("--run", metavar="NAME", help="for outputs whose file does not name it")
        parser.add_argument("--names", type=Path, metavar="FILE", help="other spellings of method names")
        parser.add_argument(
            "--direction",
            nargs="+",
            action="extend",
            default=[],
            metavar="METRIC=up|down",
            help="up: higher is better (default: for all metrics)",
        )
        parser.add_argument(
            "--directions", type=Path, metavar="FILE", help="directions of metrics: metric and up or down"
        )
        parser.add_argument(
            "--ignore-columns",
            nargs="+",
            action="extend",
            default=[],
            metavar="COLUMN",
            help="scores: columns that are no metrics (default: those without numbers)",
        )
        parser.add_argument(
            "--normalise",
            action="store_true",
            help="outputs: divide shares that sum to nearly 1 by their sum",
        )
        parser.add_argument(
            "--create-items",
            action="store_true",
            help="outputs and scores: create the items that are missing",
        )
        parser.add_argument("--encoding", metavar="NAME", help="default: detected")
        parser.add_argument("--delimiter", metavar="CHARACTER", help="default: detected")
        parser.add_argument(
            "--errors", type=Path, metavar="FILE", help="write the invalid rows to a CSV file"
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print JSON, and nothing else"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        study = known_study(options["study"])
        files = [Path(name) for name in options["files"]]
        # `--map item=id data.csv`: what holds no “=” and is a file was meant as one.
        mapped = [entry for entry in options["map"] if "=" in entry or not Path(entry).is_file()]
        files += [Path(entry) for entry in options["map"] if entry not in mapped]
        try:
            report = self._run(options["kind"], study, files, self._options(study, mapped, files, options))
        except FormatError as error:
            raise CommandError(error.sentence) from error
        except ImportRefusedError as refused:
            self._print_errors(refused, options)
            raise CommandError(refused.sentence) from refused
        except OSError as error:
            raise CommandError(f"A file cannot be read: {error}.") from error
        if options["as_json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
            return
        self.stdout.write(report.sentence)
        for note in report.notes:
            self.stdout.write(note)

    def _options(
        self, study: Study, mapped: list[str], files: Sequence[Path], options: dict[str, Any]
    ) -> EvaluationOptions:
        known = frozenset(Method.objects.filter(study=study).values_list("name", flat=True))
        scale = options["certainty_range"]
        return EvaluationOptions(
            format_name=options["format_name"],
            mapping=Mapping.parse(mapped),
            duplicates=Duplicates(options["duplicates"]),
            strict=options["strict"],
            dry_run=options["dry_run"],
            certainty_range=CertaintyRange.parse(scale) if scale else None,
            dataset=options["dataset"],
            encoding=options["encoding"],
            delimiter=options["delimiter"],
            names=read_name_map(options["names"], known=known) if options["names"] else {},
            campaign=options["campaign"],
            automatic=options["automatic"],
            base_models=BaseModels.parse(
                options["base_models"], options["min_input_ids"], files=file_spellings(files)
            ),
            method=options["method"],
            run=options["run"],
            directions=Directions.parse(
                [
                    *(read_directions(options["directions"]) if options["directions"] else ()),
                    *options["direction"],
                ]
            ),
            ignored_columns=tuple(options["ignore_columns"]),
            normalise=options["normalise"],
            create_items=options["create_items"],
        )

    def _run(self, kind: str, study: Study, files: Sequence[Path], options: EvaluationOptions) -> Report:
        console = Console(stderr=True)
        # How many rows a stream has is known at its end: the bar moves, and the number counts.
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            shown = bar.add_task(f"importing {kind}", total=None, rows="")

            def show_progress(done: int, total: int, note: str) -> None:
                bar.update(shown, rows=f"{done:,} {note}")

            check(
                [(file, file.name) for file in files],
                kind=kind,
                choices=ReadingChoices(encoding=options.encoding or "", delimiter=options.delimiter or ""),
                on_wait=lambda: show_progress(0, 0, "checking"),
            )
            return import_staged(
                study,
                files,
                lambda: IMPORTS[kind](study, files, options=options, progress=show_progress),
                on_progress=show_progress,
                on_stored=lambda done, total: bar.update(shown, rows=f"{done:,} of {total:,} rows stored"),
            )

    def _print_errors(self, refused: ImportRefusedError, options: dict[str, Any]) -> None:
        if options["errors"] is not None:
            _write_errors(options["errors"], refused.errors)
        if options["as_json"]:
            listed = [
                {"source": one.source, "row": one.row, "column": one.column, "sentence": one.sentence}
                for one in refused.errors
            ]
            self.stdout.write(
                json.dumps({"refused": refused.sentence, "errors": listed}, ensure_ascii=False, indent=2)
            )
        # One row is told by the sentence itself.
        elif len(refused.errors) > 1:
            for one in refused.errors[:ERRORS_SHOWN]:
                self.stderr.write(str(one))
            if len(refused.errors) > ERRORS_SHOWN:
                self.stderr.write(
                    f"… and {len(refused.errors) - ERRORS_SHOWN} more (--errors FILE lists all)"
                )


def _write_errors(path: Path, errors: Sequence[RowError]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "row", "column", "sentence"])
        writer.writerows([one.source, one.row, one.column or "", one.sentence] for one in errors)
