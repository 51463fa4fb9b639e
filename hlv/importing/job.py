"""The import of an upload, as a worker runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from annotations import jobs
from annotations.formats.import_options import Duplicates, ImportOptions, ImportRefusedError, Report
from annotations.import_ledger import NamedFile, named_files
from annotations.models import Job, JobResult, Study, Upload
from annotations.services.imports import import_annotations, import_items
from annotations.services.uploads import forget_upload, stored_path
from hlv.core.tabular import RowSource, open_rows
from hlv.core.tabular.errors import FormatError
from hlv.core.tabular.mapping import CertaintyRange, Mapping
from hlv.importing.file_sets import ReadingChoices
from hlv.importing.sandbox import check
from hlv.importing.staging import import_staged
from metaeval.formats.evaluation_options import DEFAULT_CAMPAIGN, BaseModels, Directions, EvaluationOptions
from metaeval.formats.judgments import LEFT, PANDALM, RIGHT, WINNER
from metaeval.services.imports import import_judgments, import_outputs, import_scores


def read_options(choices: ReadingChoices, *, dry_run: bool = False) -> EvaluationOptions:
    """Raises `FormatError` for what cannot be understood."""
    scale = choices.certainty_range
    return EvaluationOptions(
        format_name=choices.format or None,
        mapping=Mapping.parse(choices.mapping),
        duplicates=Duplicates(choices.duplicates or Duplicates.ERROR),
        dry_run=dry_run,
        certainty_range=CertaintyRange.parse(scale) if scale else None,
        dataset=choices.dataset or None,
        encoding=choices.encoding or None,
        delimiter=choices.delimiter or None,
        names=read_names(choices.names),
        campaign=choices.campaign or DEFAULT_CAMPAIGN,
        automatic=choices.automatic,
        base_models=replace(BaseModels.parse([], choices.min_input_ids), default=choices.group),
        method=choices.method or None,
        run=choices.run or None,
        directions=Directions.parse(choices.directions),
        ignored_columns=tuple(choices.ignored_columns),
        normalise=choices.normalise,
        create_items=choices.create_items,
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


_CHUNK = 1 << 20


class ImportParams(msgspec.Struct, frozen=True):
    """Parameters of the job."""

    upload: UUID
    kind: str
    options: ReadingChoices
    dry_run: bool


class RowFault(msgspec.Struct, frozen=True):
    """A row that was refused, as the job keeps it."""

    source: str
    row: int
    column: str
    sentence: str


class RefusedRows(msgspec.Struct, frozen=True):
    """The result of an import that was refused because of its rows."""

    errors: list[RowFault] = []


@dataclass(frozen=True)
class Imported(JobResult):
    """What an import reports, with its summary in a sentence."""

    report: Report

    def as_json(self) -> dict[str, object]:
        return {"sentence": self.report.sentence, **self.report.as_json()}


def run_import(job: Job, progress: jobs.Progress) -> Imported:
    """Import a file and delete its bytes; a refused file is kept for another try."""
    params = msgspec.convert(job.params, ImportParams)
    upload = Upload.objects.get(uuid=params.upload)
    report = _import(job, params, upload, progress)
    if not params.dry_run:
        forget_upload(upload)
    return report


def _import(job: Job, params: ImportParams, upload: Upload, progress: jobs.Progress) -> Imported:
    files = [NamedFile(stored_path(file), file.name) for file in upload.files]
    if not all(file.path.is_file() for file in files):
        raise jobs.JobRefusedError(_("The file is kept no longer: bring it again."))
    n_lines = _number_of_lines(files[0].path, files[0].name)

    def report_progress(done: int, total: int, note: str) -> None:
        # A row may span lines, and a line may give several rows: then the bar says nothing rather than too much.
        progress(done, n_lines if done < n_lines else total, note)

    def read() -> Imported:
        report = IMPORTS[params.kind](
            job.study,
            files,
            options=read_options(params.options, dry_run=params.dry_run),
            by=job.created_by,
            progress=report_progress,
        )
        return Imported(report)

    def report_stored(done: int, total: int) -> None:
        # The job can no longer be cancelled; the thread that beats for it writes its progress.
        job.progress_done, job.progress_total, job.progress_note = done, total, "rows stored"

    try:
        check(
            [(file.path, file.name) for file in files],
            kind=params.kind,
            choices=params.options,
            most_rows=settings.IMPORT_LIMIT_ROWS,
            on_wait=lambda: progress(0, 1, "checking the file"),
        )
        return import_staged(
            job.study,
            [file.path for file in files],
            read,
            finish=lambda result: jobs.store(job, result),
            on_progress=progress,
            on_stored=report_stored,
        )
    except (ImportRefusedError, FormatError) as refused:
        faults = [RowFault(one.source, one.row, one.column or "", one.sentence) for one in refused.errors]
        details = msgspec.to_builtins(RefusedRows(faults)) if faults else None
        raise jobs.JobRefusedError(refused.sentence, details=details) from refused


def _number_of_lines(path: Path, name: str) -> int:
    """Lines after the first, or 0 for what is not read by lines."""
    n_lines = 0
    with path.open("rb") as stream:
        start = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
        by_lines = not start.startswith((b"PK\x03\x04", b"[", b"\x93NUMPY"))
        if not by_lines or (start.startswith(b"{") and name.lower().endswith(".json")):
            return 0
        stream.seek(0)
        while chunk := stream.read(_CHUNK):
            n_lines += chunk.count(b"\n")
    return max(0, n_lines - 1)
