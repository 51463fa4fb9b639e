"""The table of trained methods as files: CSV with every digit, and LaTeX as the page has it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import override

from hlv.core.rendering.latex import PREAMBLE, latex_table, on_paper
from hlv.core.rendering.tables import file_rows
from hlv.core.tabular.writing import csv_text, iso
from metaeval.exporters.supplementary import PROVENANCE_HEADER
from metaeval.findings.method_tables import METHOD_HEADER, method_tables, metric_of_methods_table
from metaeval.models import Training
from metaeval.results.method_table import MethodTable


def training_csv(training: Training, table: MethodTable) -> Iterator[str]:
    """A row for each metric and method, with its origin."""
    origin = (str(training.uuid), training.as_of, training.seed, training.code_version)
    rows = file_rows([metric_of_methods_table(metric) for metric in table.metrics], METHOD_HEADER)
    return csv_text((*PROVENANCE_HEADER, *METHOD_HEADER), ((*origin, *row) for row in rows))


def training_tex(training: Training, table: MethodTable) -> str:
    """All tables for a paper, in its language whatever the reader's."""
    origin = f"{training.code_version}, as of {iso(training.as_of)}, seed {training.seed}."
    with override("en"):
        tables = [
            latex_table(on_paper(one, name=f"methods-{number}", caption=one.title, note=origin))
            for number, one in enumerate(method_tables(table), start=1)
        ]
    return f"{PREAMBLE}\n" + "\n".join(tables)
