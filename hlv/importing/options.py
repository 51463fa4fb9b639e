"""How a file is read, as it is kept beside the upload and as both apps take it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypedDict

from annotations.formats.import_options import Duplicates, ImportOptions, ImportRefusedError, Report
from annotations.import_ledger import NamedFile, named_files
from annotations.models import Study
from annotations.services.imports import import_annotations, import_items
from hlv.core.tabular import RowSource, open_rows
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.mapping import Mapping
from hlv.core.tabular.reading_options import CertaintyRange
from metaeval.formats.evaluation_options import DEFAULT_CAMPAIGN, Directions, EvaluationOptions
from metaeval.formats.judgments import LEFT, PANDALM, RIGHT, WINNER
from metaeval.services.imports import import_judgments, import_outputs, import_scores


class ReadingChoices(TypedDict, total=False):
    """What a person said, in JSON; nothing said is left out."""

    format: str
    mapping: list[str]
    duplicates: str
    certainty_range: str
    dataset: str
    encoding: str
    delimiter: str
    campaign: str
    automatic: str
    group: str
    method: str
    run: str
    directions: list[str]
    names: list[str]


def read_options(given: ReadingChoices | dict[str, Any], *, dry_run: bool = False) -> EvaluationOptions:
    """Raises `FormatError` for what cannot be understood."""
    scale = given.get("certainty_range")
    return EvaluationOptions(
        format_name=given.get("format") or None,
        mapping=Mapping.parse(given.get("mapping", [])),
        duplicates=Duplicates(given.get("duplicates") or Duplicates.ERROR),
        dry_run=dry_run,
        certainty_range=CertaintyRange.parse(scale) if scale else None,
        dataset=given.get("dataset") or None,
        encoding=given.get("encoding") or None,
        delimiter=given.get("delimiter") or None,
        names=read_names(given.get("names", [])),
        campaign=given.get("campaign") or DEFAULT_CAMPAIGN,
        automatic=given.get("automatic") or "",
        group=given.get("group") or "",
        method=given.get("method") or None,
        run=given.get("run") or None,
        directions=Directions.parse(given.get("directions", [])),
    )


def read_names(lines: list[str]) -> dict[str, str]:
    """`name in the file=name here`, one a line."""
    names: dict[str, str] = {}
    for line in lines:
        elsewhere, sign, own = (part.strip() for part in line.partition("="))
        if not (elsewhere and sign and own):
            raise FormatError(f"“{line}” joins no names: write name in the file=name here.")
        if names.setdefault(elsewhere, own) != own:
            raise FormatError(f"“{elsewhere}” is joined to two names.")
    return names


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
