"""Supplementary analyses as files: CSV with every digit, and LaTeX as the page has it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import override

from hlv.core.rendering.latex import latex_table, on_paper
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import file_rows
from hlv.core.tabular.writing import csv_text, iso
from metaeval.findings.supplementary_sections import file_tables, shown_tables
from metaeval.models import SupplementaryAnalysis

PROVENANCE_HEADER = ("snapshot", "as_of", "seed", "code_version")


def analysis_csv(snapshot: SupplementaryAnalysis, name: str) -> Iterator[str] | None:
    """The table of this name, each row with its origin; None where the snapshot has none."""
    table = next((one for one in file_tables(snapshot) if one.name == name), None)
    if table is None:
        return None
    origin = (str(snapshot.uuid), snapshot.as_of, snapshot.seed, snapshot.code_version)
    rows = file_rows(table.tables, table.header)
    return csv_text((*PROVENANCE_HEADER, *table.header), ((*origin, *row) for row in rows))


def analysis_tex(snapshot: SupplementaryAnalysis) -> str:
    """All tables for a paper, in its language whatever the reader's."""
    with override("en"):
        origin = f"{snapshot.code_version}, as of {iso(snapshot.as_of)}, seed {snapshot.seed}."
        return "\n".join(
            latex_table(
                on_paper(
                    table,
                    name=f"{snapshot.kind}-{number}",
                    caption=unmarked(table.title or str(SupplementaryAnalysis.Kind(snapshot.kind).label))
                    + ".",
                    note=unmarked(f"{table.note} {origin}".strip()),
                )
            )
            for number, table in enumerate(shown_tables(snapshot), start=1)
            if table.rows
        )
