"""Metric agreement over several campaigns as files: CSV with every digit, and LaTeX."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import override

from hlv.core.rendering.latex import latex_table, on_paper
from hlv.core.rendering.sentences import unmarked
from hlv.core.rendering.tables import file_rows
from hlv.core.tabular.writing import csv_text
from metaeval.findings.agreement_over_campaigns_tables import OVER_CAMPAIGNS_HEADER, file_table, narrow_tables
from metaeval.results.agreement_over_campaigns import AgreementOverCampaigns

FILE_NAME = "agreement-over-campaigns"


def over_campaigns_csv(found: AgreementOverCampaigns) -> Iterator[str]:
    """A row for each metric and column."""
    return csv_text(OVER_CAMPAIGNS_HEADER, file_rows(file_table(found), OVER_CAMPAIGNS_HEADER))


def over_campaigns_tex(found: AgreementOverCampaigns) -> str:
    """In the language of papers, whatever the reader's; the snapshots of its columns as comments."""
    with override("en"):
        origins = [
            f"% {source.title}: snapshot {source.snapshot}, as of {source.as_of}, {source.code_version}"
            for source in found.columns
        ]
        tables = [
            latex_table(
                on_paper(
                    table,
                    name=f"{FILE_NAME}-{number}",
                    caption=f"{unmarked(table.title)}.",
                    note=unmarked(table.note),
                )
            )
            for number, table in enumerate(narrow_tables(found), start=1)
        ]
    comments = [" ".join(line.split()) for line in origins]
    return "\n".join([*tables, *comments, ""])
