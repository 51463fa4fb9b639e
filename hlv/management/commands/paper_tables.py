"""hlv paper-tables: the tables of Kurniawan et al. (2026) from its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.import_ledger import file_spellings, named_files
from hlv.core.rendering.latex import PaperTable, latex_table
from hlv.core.tabular import open_rows
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.writing import CellValue, csv_text
from hlv.terminal import add_base_model_arguments
from metaeval.formats.evaluation_options import BaseModels
from metaeval.services.paper_figures import PaperFigure, paper_figures
from metaeval.services.paper_pair_counts import Table
from metaeval.services.paper_tables import PaperFiles, paper_tables


class Command(BaseCommand):
    help = (
        "Write the tables of Kurniawan et al. (2026) that follow from its files, without a study. "
        "Example: hlv paper-tables data.jsonl metadata.csv input.jsonl all.jsonl --base-model roberta "
        "--min-input-id llama=6240 --out tables"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files",
            nargs="+",
            type=Path,
            metavar="FILE",
            help="data.jsonl, metadata.csv and input.jsonl; all.jsonl, the annotations, for scores of metrics",
        )
        parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder of the tables")
        parser.add_argument(
            "--task",
            choices=["single", "multilabel"],
            help="labels of a text: one, or several (default: one where every annotation has one)",
        )
        parser.add_argument(
            "--figures",
            action="store_true",
            help="also draw the rankings, the wins and the agreement of metrics, as SVG and PDF",
        )
        add_base_model_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        paths: Sequence[Path] = options["files"]
        try:
            base_models = BaseModels.parse(
                options["base_models"], options["min_input_ids"], files=file_spellings(paths)
            )
            sources = [open_rows(file.path, name=file.name) for file in named_files(paths)]
            read = PaperFiles.read(sources, base_models, task=options["task"])
            tables = list(paper_tables(read))
            for table in tables:
                _write(table, options["out"])
            figures = list(paper_figures(read)) if options["figures"] else []
            for figure in figures:
                _draw(figure, options["out"])
        except FormatError as error:
            raise CommandError(error.sentence) from error
        except OSError as error:
            raise CommandError(f"A file cannot be read or written: {error}.") from error
        for table in tables:
            self.stdout.write(f"{table.name}: {len(table.rows):,} rows")
        if figures:
            self.stdout.write(f"Figures, each as SVG and PDF: {', '.join(one.name for one in figures)}.")
        if read.human:
            labels = "one label" if read.task == "single" else "several labels or none"
            self.stdout.write(f"Scores: a text has {labels} (--task {read.task}).")
        self.stdout.write(f"Each is a CSV and a LaTeX file in {options['out']}.")


def _write(table: Table, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_text(table.header, table.rows))
    printed = PaperTable(
        name=f"paper-{table.name}",
        caption=table.name.replace("-", " ").capitalize(),
        header=tuple(column.replace("_", " ") for column in table.header),
        rows=tuple(tuple(map(_printed, row)) for row in table.rows),
    )
    (folder / f"{table.name}.tex").write_text(latex_table(printed), encoding="utf-8")


def _draw(figure: PaperFigure, folder: Path) -> None:
    drawing = figure.drawing.as_file
    stem = re.sub(r"[^\w.-]+", "-", figure.name)
    (folder / f"{stem}.svg").write_bytes(drawing.svg)
    (folder / f"{stem}.pdf").write_bytes(drawing.pdf)


def _printed(value: CellValue) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
