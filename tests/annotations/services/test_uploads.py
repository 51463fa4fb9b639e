"""Files brought in the browser lie in a shared folder for as long as their import may need them."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations.models import Job, Study, Upload, User
from annotations.services.uploads import (
    UploadRefusedError,
    begin_import,
    forget_old_uploads,
    keep_reading,
    plain_name,
    receive_upload,
    stored_path,
)
from tests.making import make_person, make_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CSV = b"id,text\na,The landlord keeps my deposit.\n"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


def make_upload(
    study: Study | None = None, *chunks: bytes, name: str = "items.csv", by: User | None = None
) -> Upload:
    return receive_upload(
        study=study or make_study(),
        kind="items",
        name=name,
        chunks=chunks or (CSV,),
        options={},
        by=by,
    )


def begin(upload: Upload) -> Job:
    return begin_import(upload, kind="items", options={}, dry_run=False, by=None)[0]


def end(job: Job, state: str, *, hours_ago: float) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=timezone.now() - timedelta(hours=hours_ago))


def test_the_bytes_lie_under_a_name_of_their_own_that_only_the_owner_reads(folder: Path) -> None:
    upload = make_upload(None, CSV[:10], CSV[10:])
    path = stored_path(upload)
    assert path == folder / upload.uuid.hex
    assert path.read_bytes() == CSV
    assert (upload.size, upload.sha256) == (len(CSV), sha256(CSV).hexdigest())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\items.csv", "items.csv"),
        ("/absolute/items.csv", "items.csv"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\n.csv", "ab.csv"),
        ("abc\u202evsc.exe", "abcvsc.exe"),
        ("مواد.csv", "مواد.csv"),
        ("x" * 400 + ".jsonl", "x" * 294 + ".jsonl"),
    ],
)
def test_a_name_is_text_to_show_and_never_a_path(folder: Path, given: str, kept: str) -> None:
    upload = make_upload(name=given)
    assert plain_name(given) == upload.name == kept
    assert [path.name for path in folder.iterdir()] == [upload.uuid.hex]
    assert [path.name for path in folder.parent.iterdir()] == ["uploads"]


def test_a_file_above_the_limit_leaves_nothing(settings: Any, folder: Path) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1_000_000
    with pytest.raises(UploadRefusedError, match="larger than 1 MB"):
        make_upload(None, *[b"x" * 100_000] * 11)
    assert list(folder.iterdir()) == []
    assert not Upload.objects.exists()
    assert make_upload(None, *[b"x" * 100_000] * 10).size == 1_000_000


def test_an_empty_file_leaves_nothing(folder: Path) -> None:
    with pytest.raises(UploadRefusedError, match="is empty"):
        make_upload(None, b"")
    assert list(folder.iterdir()) == []
    assert not Upload.objects.exists()


def test_a_connection_that_breaks_leaves_nothing(folder: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield CSV
        raise OSError("the other side went away")

    with pytest.raises(OSError, match="went away"):
        receive_upload(study=make_study(), kind="items", name="a", chunks=broken(), options={}, by=None)
    assert list(folder.iterdir()) == []
    assert not Upload.objects.exists()


def test_asking_twice_gives_one_job() -> None:
    upload = make_upload()
    job, is_new = begin_import(upload, kind="items", options={}, dry_run=False, by=None)
    again, is_new_again = begin_import(upload, kind="items", options={}, dry_run=False, by=None)
    assert (job, is_new, is_new_again) == (again, True, False)


def test_how_a_file_is_read_is_not_changed_under_the_job_that_reads_it() -> None:
    upload = make_upload()

    def kept() -> tuple[str, Any]:
        upload.refresh_from_db()
        return upload.kind, upload.options

    keep_reading(upload, kind="items", options={"delimiter": ";"})
    assert kept() == ("items", {"delimiter": ";"})
    job = begin(upload)
    told = kept()
    with pytest.raises(UploadRefusedError, match="Try again when the job has ended"):
        keep_reading(upload, kind="annotations", options={})
    assert kept() == told
    end(job, Job.State.FAILED, hours_ago=0)
    keep_reading(upload, kind="annotations", options={})
    assert kept() == ("annotations", {})
    Upload.objects.update(forgotten_at=timezone.now())
    with pytest.raises(UploadRefusedError, match="Upload it again"):
        keep_reading(upload, kind="items", options={})


def test_what_is_forgotten_cannot_be_imported() -> None:
    upload = make_upload()
    Upload.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert forget_old_uploads() == 1
    assert not stored_path(upload).exists()
    upload.refresh_from_db()
    assert upload.forgotten_at is not None
    with pytest.raises(UploadRefusedError, match="Upload it again"):
        begin(upload)


@pytest.mark.parametrize("state", [Job.State.FAILED, Job.State.CANCELLED])
def test_a_file_stays_a_day_after_its_job_so_that_it_can_be_tried_again(state: str) -> None:
    upload = make_upload()
    job = begin(upload)
    Upload.objects.update(created_at=timezone.now() - timedelta(days=9))
    end(job, state, hours_ago=23)
    assert forget_old_uploads() == 0
    assert stored_path(upload).exists()
    end(job, state, hours_ago=25)
    assert forget_old_uploads() == 1
    assert not stored_path(upload).exists()
    assert forget_old_uploads() == 0


def test_an_imported_file_goes_at_once_whoever_was_killed_before_deleting_it() -> None:
    upload, tried = make_upload(), make_upload()
    end(begin(upload), Job.State.DONE, hours_ago=0)
    dry_run, _ = begin_import(tried, kind="items", options={}, dry_run=True, by=None)
    end(dry_run, Job.State.DONE, hours_ago=0)
    assert forget_old_uploads() == 1
    assert [stored_path(one).exists() for one in (upload, tried)] == [False, True]


@pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.RUNNING])
def test_a_file_that_a_job_needs_stays_however_old_it_is(state: str) -> None:
    upload = make_upload()
    job = begin(upload)
    Upload.objects.update(created_at=timezone.now() - timedelta(days=9))
    token = uuid4() if state == Job.State.RUNNING else None
    Job.objects.filter(pk=job.pk).update(state=state, token=token)
    os.utime(stored_path(upload), (0, 0))
    assert forget_old_uploads() == 0
    assert stored_path(upload).exists()


def test_a_newer_file_of_that_name_replaces_one_that_was_refused() -> None:
    study, person = make_study(), make_person()
    refused = make_upload(study, by=person)
    end(begin(refused), Job.State.FAILED, hours_ago=0)
    waiting = make_upload(study, by=person)
    begin(waiting)
    of_another = make_upload(study, by=make_person())
    make_upload(study, by=person)
    assert [stored_path(one).exists() for one in (refused, waiting, of_another)] == [False, True, True]


def test_what_a_killed_process_left_in_the_folder_goes_after_a_day(folder: Path) -> None:
    upload = make_upload()
    old, fresh, not_ours = folder / uuid4().hex, folder / uuid4().hex, folder / "README"
    for path in (old, fresh, not_ours):
        path.write_bytes(b"half")
    long_ago = time.time() - 25 * 3600
    for path in (old, not_ours, stored_path(upload)):
        os.utime(path, (long_ago, long_ago))
    assert forget_old_uploads() == 1
    assert [path.exists() for path in (old, fresh, not_ours, stored_path(upload))] == [
        False,
        True,
        True,
        True,
    ]


def test_an_upload_of_nothing_or_of_an_unknown_kind_is_no_row() -> None:
    from django.db import IntegrityError, transaction

    study = make_study()
    for fields in ({"kind": "secrets", "size": 1}, {"kind": "items", "size": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Upload.objects.create(study=study, name="a", sha256="0", **fields)
