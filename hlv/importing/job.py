"""The import of an upload, as a worker runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from annotations import jobs
from annotations.formats.import_options import ImportRefusedError
from annotations.import_ledger import NamedFile
from annotations.models import Job, Upload
from annotations.services.uploads import forget_upload, stored_path
from hlv.core.tabular.errors import FormatError, RowError
from hlv.importing.options import IMPORTS, read_options
from hlv.importing.sandbox import check
from hlv.importing.staging import import_staged

_CHUNK = 1 << 20


def run_import(job: Job, progress: jobs.Progress) -> dict[str, Any]:
    """Take a file in whole, and let its bytes go; refused, it keeps them so that it can be tried again."""
    upload = Upload.objects.get(uuid=job.params["upload"])
    report = _take(job, upload, progress)
    if not job.params["dry_run"]:
        forget_upload(upload)
    return report


def _take(job: Job, upload: Upload, progress: jobs.Progress) -> dict[str, Any]:
    files = [NamedFile(stored_path(file), file.name) for file in upload.files]
    if not all(file.path.is_file() for file in files):
        raise jobs.JobRefusedError(_("The file is kept no longer: bring it again."))
    n_lines = _number_of_lines(files[0].path, files[0].name)

    def tell(done: int, total: int, note: str) -> None:
        # A row may span lines, and a line may give several rows: then the bar says nothing rather than too much.
        progress(done, n_lines if done < n_lines else total, note)

    def read() -> dict[str, Any]:
        report = IMPORTS[job.params["kind"]](
            job.study,
            files,
            options=read_options(job.params["options"], dry_run=job.params["dry_run"]),
            by=job.created_by,
            progress=tell,
        )
        return {"sentence": report.sentence, **report.as_json()}

    def tell_stored(done: int, total: int) -> None:
        # Past the point where the job could be cancelled; the thread beside writes it.
        job.progress_done, job.progress_total, job.progress_note = done, total, "rows stored"

    try:
        check(
            [(file.path, file.name) for file in files],
            kind=job.params["kind"],
            options=job.params["options"],
            most_rows=settings.IMPORT_LIMIT_ROWS,
            on_wait=lambda: progress(0, 1, "checking the file"),
        )
        return import_staged(
            job.study,
            [file.path for file in files],
            read,
            finish=lambda result: jobs.store(job, result),
            tell=progress,
            tell_stored=tell_stored,
        )
    except (ImportRefusedError, FormatError) as refused:
        raise jobs.JobRefusedError(refused.sentence, details=_errors(refused.errors)) from refused


def _errors(errors: tuple[RowError, ...]) -> dict[str, Any] | None:
    listed = [
        {"source": one.source, "row": one.row, "column": one.column or "", "sentence": one.sentence}
        for one in errors
    ]
    return {"errors": listed} if listed else None


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
