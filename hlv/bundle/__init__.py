"""Everything of a study in one folder, with checksums and a README that says how each number was made.

The same study at the same time gives the same bytes: nothing in the files tells when they were written.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import override

from annotations.models import Study
from hlv.bundle.annotations_export import AnnotationsExport
from hlv.bundle.folder import CHECKSUMS, README, Bundle, ExportRefusedError, pack, parse_as_of
from hlv.bundle.judgments_export import JudgmentsExport
from hlv.bundle.readme import readme
from hlv.bundle.report_export import ReportExport

__all__ = ["ExportRefusedError", "Written", "export_study", "export_zip", "parse_as_of"]


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
            study, Path(unfinished) / "bundle", as_of=as_of, with_names=with_names, progress=progress
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
            study, Path(unfinished) / "bundle", as_of=as_of, with_names=with_names, progress=progress
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
    study: Study, folder: Path, *, as_of: dt.datetime, with_names: bool, progress: Progress
) -> Bundle:
    """A folder with every file, the README and the checksums last."""
    bundle = Bundle(folder)
    bundle.folder.mkdir()
    # Names of roles, verdicts and settings are those of the files, whatever the language of whoever asks.
    with override("en"):
        stages = (
            (
                "writing answers",
                AnnotationsExport(study, bundle, as_of=as_of, with_names=with_names).write,
            ),
            (
                "writing judgments and results",
                JudgmentsExport(study, bundle, as_of=as_of, with_names=with_names).write,
            ),
            (
                "writing tables for a paper",
                ReportExport(study, bundle, as_of=as_of, with_names=with_names).write,
            ),
        )
        for done, (note, write) in enumerate(stages):
            progress(done, len(stages), note)
            write()
        bundle.write(README, [readme(study, bundle, as_of=as_of, with_names=with_names)], about="")
    del bundle.described[README]
    (bundle.folder / CHECKSUMS).write_text(bundle.checksums(), encoding="utf-8")
    return bundle


def _all_files(bundle: Bundle) -> tuple[str, ...]:
    return (*sorted(bundle.described), README, CHECKSUMS)
