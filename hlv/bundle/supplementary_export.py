"""Supplementary analyses in a bundle: every snapshot, and tables and figures of the newest."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from annotations.models import Study
from hlv.bundle.folder import Bundle, file_name
from hlv.core.rendering.tables import file_rows
from hlv.core.tabular.writing import json_text
from metaeval.exporters.results import snapshot_json
from metaeval.exporters.supplementary import analysis_tex
from metaeval.findings.supplementary_sections import FileTable, file_tables
from metaeval.models import SupplementaryAnalysis
from metaeval.selectors import exports


class WriteFigures(Protocol):
    def __call__(self, *, analysis: SupplementaryAnalysis) -> None: ...


def write_analyses(study: Study, bundle: Bundle, *, as_of: dt.datetime, write_figures: WriteFigures) -> None:
    analyses = list(exports.exported_analyses(study, as_of=as_of))
    if not analyses:
        return
    bundle.write(
        "supplementary-analyses.json",
        [json_text([{"kind": one.kind, **snapshot_json(one)} for one in analyses], indent=2) + "\n"],
        about="agreement per text, numbers of annotators and noise ceilings: every snapshot, the oldest first, with "
        "seed, parameters and versions",
    )
    newest = {(one.kind, one.campaign_id, one.against_id): one for one in analyses}
    found: dict[str, list[FileTable]] = {}
    for one in newest.values():
        for table in file_tables(one):
            found.setdefault(table.name, []).append(table)
        if tables := analysis_tex(one):
            of = one.campaign.name if one.campaign else one.against.name if one.against else one.kind
            name = bundle.free_name("report", f"{one.kind}-{file_name(of)}", "tex")
            bundle.write(name, [tables], about=f"tables of {one.kind} of “{of}” for LaTeX (booktabs)")
        write_figures(analysis=one)
    for name, tables_of in found.items():
        rows = file_rows((table for one in tables_of for table in one.tables), tables_of[0].header)
        bundle.table(f"{name}.csv", tables_of[0].header, rows, about=tables_of[0].about)
