"""Uploads: stored in the shared folder until their import, then deleted."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations import jobs
from annotations.models import Job, JobParams, Study, Upload, User

# A job that was refused, or a file that was only looked at, can be taken up again for so long.
HOURS_KEPT = 24
_STORED = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class ImportParams(JobParams):
    """Which upload an import job reads, and how."""

    upload: UUID
    name: str
    kind: str
    options: Mapping[str, object]
    dry_run: bool


class UploadRefusedError(ValueError):
    """The file is not taken; the sentence says why."""


def stored_path(upload: Upload) -> Path:
    """Where the bytes are stored; the path has nothing that a person typed."""
    return _path(upload.uuid)


def receive_upload(
    *,
    study: Study,
    kind: str,
    name: str,
    chunks: Iterable[bytes],
    options: Mapping[str, object],
    by: User | None,
) -> Upload:
    """Write a file to the shared folder as it comes; raises `UploadRefusedError`, and then nothing of it stays."""
    uuid = uuid4()
    size, sha256 = _write(_path(uuid), chunks)
    with transaction.atomic():
        upload = Upload.objects.create(
            uuid=uuid,
            study=study,
            kind=kind,
            name=plain_name(name),
            size=size,
            sha256=sha256,
            options=options,
            created_by=by,
        )
        replaced = Upload.objects.filter(
            study=study, kind=kind, name=upload.name, created_by=by, forgotten_at=None
        )
        for earlier in replaced.filter(_job_is_over()).exclude(pk=upload.pk):
            forget_upload(earlier)
    return upload


def receive_uploads(
    *,
    study: Study,
    kind: str,
    files: Iterable[tuple[str, Iterable[bytes]]],
    options: Mapping[str, object],
    by: User | None,
) -> list[Upload]:
    """Files that came together, each a name and its bytes; all of them or, with `UploadRefusedError`, none."""
    received: list[Upload] = []
    try:
        for name, chunks in files:
            received.append(
                receive_upload(study=study, kind=kind, name=name, chunks=chunks, options=options, by=by)
            )
        if sum(upload.size for upload in received) > settings.UPLOAD_LIMIT_BYTES:
            raise UploadRefusedError(too_large(n_files=len(received)))
    except UploadRefusedError:
        for upload in received:
            discard_upload(upload)
        raise
    return received


def keep_together(uploads: Sequence[Upload]) -> Upload:
    """One import of these files: read, kept and forgotten as one. The first gives the rows, and is returned."""
    first, *others = uploads
    with transaction.atomic():
        for other in others:
            other.beside = first
            other.save(update_fields=["beside"])
    return first


def begin_import(
    upload: Upload, *, kind: str, options: Mapping[str, object], dry_run: bool, by: User | None
) -> tuple[Job, bool]:
    """The job that reads a file, and whether it is a new one; while one waits or runs there is no other.

    Raises
    ------
    UploadRefusedError
        The bytes are gone.
    """
    with transaction.atomic():
        held = _held(upload)
        if held.job is not None and not held.job.is_over:
            return held.job, False
        _require_kept(held)
        params = ImportParams(
            upload=held.uuid,
            name=", ".join(file.name for file in held.files),
            kind=kind,
            options=options,
            dry_run=dry_run,
        )
        held.job = jobs.create(kind="import", study=held.study, params=params, created_by=by)
        held.kind, held.options = kind, options
        held.save(update_fields=["job", "kind", "options"])
        held.companions.update(kind=kind)
    return held.job, True


def keep_reading(upload: Upload, *, kind: str, options: Mapping[str, object]) -> None:
    """Keep how a file that waits is to be read, for whoever looks at it before it is imported.

    Raises
    ------
    UploadRefusedError
        The bytes are gone, or a job reads them now, as it was told.
    """
    with transaction.atomic():
        held = _held(upload)
        _require_kept(held)
        if held.job is not None and not held.job.is_over:
            raise UploadRefusedError(_("A worker is reading this file. Try again when the job has ended."))
        held.kind, held.options = kind, options
        held.save(update_fields=["kind", "options"])
        held.companions.update(kind=kind)


def _held(upload: Upload) -> Upload:
    """The row, locked: of two who ask for something else the second sees what the first got."""
    return Upload.objects.select_for_update(of=("self",)).select_related("job", "study").get(pk=upload.pk)


def _require_kept(held: Upload) -> None:
    if held.forgotten_at is not None:
        raise UploadRefusedError(_("This file is no longer stored. Upload it again."))


def forget_upload(upload: Upload) -> None:
    """Delete the bytes of all its files; the rows stay and say when."""
    files = upload.files
    # The files first: a row that says “forgotten” must not leave one behind.
    for file in files:
        stored_path(file).unlink(missing_ok=True)
    kept = Upload.objects.filter(pk__in=[file.pk for file in files], forgotten_at=None)
    kept.update(forgotten_at=timezone.now())


def discard_upload(upload: Upload) -> None:
    """As if it had never come: no job has read it."""
    paths = [stored_path(file) for file in upload.files]
    upload.delete()
    for path in paths:
        path.unlink(missing_ok=True)


def forget_old_uploads() -> int:
    """Forget files that no job will read any more, and what a killed process left in the folder."""
    before = timezone.now() - timedelta(hours=HOURS_KEPT)
    old = Q(job=None, created_at__lt=before) | (_job_is_over() & Q(job__finished_at__lt=before))
    # Imported, and its worker was killed before it could let the bytes go.
    old |= Q(job__state=Job.State.DONE, job__params__dry_run=False)
    waiting = Upload.objects.filter(forgotten_at=None, beside=None).filter(old)
    n_forgotten = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            # Once more under the lock: an import may have been asked for meanwhile.
            held = waiting.select_for_update(of=("self",)).filter(pk=pk).first()
            if held is not None:
                forget_upload(held)
                n_forgotten += 1
    return n_forgotten + _delete_strays(before)


def plain_name(name: str) -> str:
    """The last part of a name, without what cannot be printed: text to show, never a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    if len(shown) > 300:
        ending = PurePosixPath(shown).suffix[:20]
        shown = shown[: 300 - len(ending)] + ending
    return shown if shown.strip(".") else "file"


def _path(uuid: UUID) -> Path:
    return Path(settings.UPLOAD_DIR) / uuid.hex


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size, digest, is_whole = 0, hashlib.sha256(), False
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > settings.UPLOAD_LIMIT_BYTES:
                    raise UploadRefusedError(too_large())
                digest.update(chunk)
                file.write(chunk)
            if size == 0:
                raise UploadRefusedError(_("The file is empty."))
            file.flush()
            os.fsync(file.fileno())
        is_whole = True
    finally:
        if not is_whole:
            path.unlink()
    return size, digest.hexdigest()


def too_large(*, n_files: int = 1) -> str:
    sentence = (
        _("The file is larger than %(limit)s MB. Split it, or import it on the server with hlv import.")
        if n_files == 1
        else _("The files together are larger than %(limit)s MB. Import them on the server with hlv import.")
    )
    return sentence % {"limit": f"{settings.UPLOAD_LIMIT_BYTES / 1_000_000:g}"}


def _job_is_over() -> Q:
    return Q(job__state__in=[Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED])


def _delete_strays(before: datetime) -> int:
    """Files without a row that waits for them."""
    folder = Path(settings.UPLOAD_DIR)
    if not folder.is_dir():
        return 0
    old = [path for path in folder.iterdir() if _STORED.fullmatch(path.name) and _is_older(path, before)]
    if not old:
        return 0
    named = Upload.objects.filter(uuid__in=[UUID(path.name) for path in old], forgotten_at=None)
    wanted = {uuid.hex for uuid in named.values_list("uuid", flat=True)}
    strays = [path for path in old if path.name not in wanted]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False  # another worker was quicker
