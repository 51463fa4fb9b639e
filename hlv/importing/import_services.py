"""The services of both apps that take a file, by what the file holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from annotations.formats.import_options import ImportOptions, ImportRefusedError, Report
from annotations.import_ledger import NamedFile, named_files
from annotations.models import Study
from annotations.services.imports import import_annotations, import_items
from hlv.core.tabular import RowSource, open_rows
from metaeval.formats.judgments import LEFT, PANDALM, RIGHT, WINNER
from metaeval.services.imports import import_judgments, import_outputs, import_scores


def import_answers(
    study: Study, paths: Sequence[Path | NamedFile], *, options: ImportOptions, **more: Any
) -> Report:
    """`import_annotations`, unless a file plainly holds judgments: each column would be read as an annotator."""
    named = {field for entry in options.mapping.entries for field in entry.fields}
    if options.format_name is None and not named & {"annotator", "label"}:
        for file in named_files(paths):
            source = open_rows(
                file.path, encoding=options.encoding, delimiter=options.delimiter, name=file.name
            )
            columns = _columns_of_judgments(source, options)
            if columns:
                raise ImportRefusedError(
                    f"{file.name} looks like judgments of two outputs (columns {', '.join(columns)}), not like "
                    "annotations: import it as judgments (hlv import judgments), or name its format."
                )
    return import_annotations(study, paths, options=options, **more)


def _columns_of_judgments(source: RowSource, options: ImportOptions) -> list[str]:
    """The columns that give judgments away; none where some are missing."""
    if PANDALM.sniff(source, options.mapping):
        return ["cmp_key", "annotator1"]
    found = [field.usual_column(source.columns) for field in (LEFT, RIGHT, WINNER)]
    columns = [column for column in found if column is not None]
    return columns if len(columns) == len(found) else []


IMPORTS: dict[str, Callable[..., Report]] = {
    "items": import_items,
    "annotations": import_answers,
    "outputs": import_outputs,
    "judgments": import_judgments,
    "scores": import_scores,
}
