"""Everything of a study in one folder, with checksums and a README that says how each number was made.

The same study at the same time gives the same bytes: nothing in the files tells when they were written.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from annotations import jobs
from annotations.models import Job, JobResult, Study
from hlv.bundle.annotations_export import AnnotationsExport
from hlv.bundle.folder import CHECKSUMS, README, Bundle, ExportRefusedError, pack, parse_as_of
from hlv.bundle.judgments_export import JudgmentsExport
from hlv.bundle.privacy import ALL, Privacy
from hlv.bundle.readme import readme
from hlv.bundle.report_export import ReportExport
from hlv.core.tabular.writing import iso

__all__ = [
    "BundleParams",
    "ExportRefusedError",
    "Written",
    "bundle_path",
    "export_study",
    "export_zip",
    "parse_as_of",
]


@dataclass(frozen=True, slots=True)
class Written:
    """What an export left: a folder or a zip, whose SHA-256 is then known too."""

    folder: Path
    as_of: dt.datetime
    files: tuple[str, ...]
    sha256: str = ""


Progress = Callable[[int, int, str], None]


def _silently(_done: int, _total: int, _note: str) -> None:
    """Nobody waits to be told."""


def export_study(
    study: Study,
    folder: Path,
    *,
    as_of: dt.datetime,
    with_names: bool = False,
    privacy: Privacy = ALL,
    progress: Progress = _silently,
) -> Written:
    """Write the bundle of a study as it stood at a time.

    Raises
    ------
    ExportRefusedError
        The folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportRefusedError(f"{folder} is there already and not empty: name another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: what is half written never bears the folder's name.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as unfinished:
        bundle = _filled(
            study,
            Path(unfinished) / "bundle",
            as_of=as_of,
            with_names=with_names,
            privacy=privacy,
            progress=progress,
        )
        if folder.exists():
            folder.rmdir()
        bundle.folder.rename(folder)
    return Written(folder, as_of, _all_files(bundle))


def export_zip(
    study: Study,
    path: Path,
    *,
    as_of: dt.datetime,
    with_names: bool = False,
    privacy: Privacy = ALL,
    progress: Progress = _silently,
) -> Written:
    """The same bundle as one zip. The same study at the same time gives the same bytes.

    Raises
    ------
    ExportRefusedError
        The file is there already.
    """
    if path.exists():
        raise ExportRefusedError(f"{path} is there already: name another file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as unfinished:
        bundle = _filled(
            study,
            Path(unfinished) / "bundle",
            as_of=as_of,
            with_names=with_names,
            privacy=privacy,
            progress=progress,
        )
        files, packed = _all_files(bundle), Path(unfinished) / "bundle.zip"
        sha256 = pack(
            bundle.folder,
            files,
            packed,
            within=study.slug,
            progress=lambda done, total: progress(done, total, "packing"),
        )
        packed.rename(path)
    return Written(path, as_of, files, sha256)


def _filled(
    study: Study,
    folder: Path,
    *,
    as_of: dt.datetime,
    with_names: bool,
    privacy: Privacy,
    progress: Progress,
) -> Bundle:
    """A folder with every file, the README and the checksums last."""
    bundle = Bundle(folder)
    bundle.folder.mkdir()
    # Names of roles, verdicts and settings are those of the files, whatever the language of whoever asks.
    with override("en"):
        stages = (
            (
                "writing answers",
                AnnotationsExport(study, bundle, as_of=as_of, with_names=with_names, privacy=privacy).write,
            ),
            (
                "writing judgments and results",
                JudgmentsExport(study, bundle, as_of=as_of, with_names=with_names, privacy=privacy).write,
            ),
            (
                "writing tables for a paper",
                ReportExport(study, bundle, as_of=as_of, with_names=with_names).write,
            ),
        )
        for done, (note, write) in enumerate(stages):
            progress(done, len(stages), note)
            write()
        bundle.write(
            README, [readme(study, bundle, as_of=as_of, with_names=with_names, privacy=privacy)], about=""
        )
    del bundle.described[README]
    (bundle.folder / CHECKSUMS).write_text(bundle.checksums(), encoding="utf-8")
    return bundle


def _all_files(bundle: Bundle) -> tuple[str, ...]:
    return (*sorted(bundle.described), README, CHECKSUMS)


class BundleParams(msgspec.Struct, frozen=True):
    """Parameters of the job: the moment, whether it was "now", and whether people are named."""

    as_of: dt.datetime
    now: bool = False
    names: bool = False
    round_times: bool = False
    without_words: bool = False

    @property
    def privacy(self) -> Privacy:
        return Privacy(round_times=self.round_times, without_words=self.without_words)

    def is_same(self, other: BundleParams) -> bool:
        """Each "now" is another moment: a second request before the bundle is there gets the first one."""
        alike = (self.names, self.privacy) == (other.names, other.privacy)
        return alike and ((self.now and other.now) or self.as_of == other.as_of)


def check_params(_study: Study, params: Mapping[str, object]) -> None:
    """Refuse parameters without a moment, before there is a job."""
    try:
        msgspec.convert(params, BundleParams)
    except msgspec.ValidationError as error:
        raise jobs.JobRefusedError(_("The moment of the bundle is no time.")) from error


def bundle_path(job: Job) -> Path:
    """Where its bytes lie; the sweep of the folder deletes them after a day, as it does any file without an upload."""
    return Path(settings.UPLOAD_DIR) / job.uuid.hex


@dataclass(frozen=True)
class BundleWritten(JobResult):
    """A file to download, and how it is checked."""

    as_of: str
    n_files: int
    size: int
    sha256: str


def run_bundle(job: Job, progress: jobs.Progress) -> BundleWritten:
    params = msgspec.convert(job.params, BundleParams)
    path = bundle_path(job)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What a worker that was killed left of the same job.
    path.unlink(missing_ok=True)
    for left in path.parent.glob(f".{path.name}-*"):
        shutil.rmtree(left)
    written = export_zip(
        job.study,
        path,
        as_of=params.as_of,
        with_names=params.names,
        privacy=params.privacy,
        progress=progress,
    )
    path.chmod(0o600)
    return BundleWritten(
        as_of=iso(written.as_of),
        n_files=len(written.files),
        size=path.stat().st_size,
        sha256=written.sha256,
    )
