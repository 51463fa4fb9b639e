"""A bundle made by a worker: one zip in the folder of uploads, kept for a day."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from annotations import jobs
from annotations.models import Job, Study
from hlv.bundle import export_zip
from hlv.core.tabular.writing import iso


def check_options(_study: Study, params: dict[str, Any]) -> None:
    """Refuse a moment that is none, before there is a job."""
    try:
        dt.datetime.fromisoformat(str(params.get("as_of")))
    except ValueError as error:
        raise jobs.JobRefusedError(_("The moment of the bundle is no time.")) from error


def bundle_path(job: Job) -> Path:
    """Where its bytes lie; the sweep of the folder deletes them after a day, as it does any file without an upload."""
    return Path(settings.UPLOAD_DIR) / job.uuid.hex


def run_bundle(job: Job, progress: jobs.Progress) -> dict[str, Any]:
    path = bundle_path(job)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What a worker that was killed left of the same job.
    path.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.name}-*"):
        shutil.rmtree(left)
    written = export_zip(
        job.study,
        path,
        as_of=dt.datetime.fromisoformat(job.params["as_of"]),
        with_names=bool(job.params.get("names")),
        progress=progress,
    )
    path.chmod(0o600)
    return {
        "as_of": iso(written.as_of),
        "n_files": len(written.files),
        "size": path.stat().st_size,
        "sha256": written.sha256,
    }
