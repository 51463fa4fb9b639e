"""Everything of a study in one folder, with checksums and a README that says how each number was made.

The same study at the same time gives the same bytes: nothing in the files tells when they were written.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

from annotations.models import Study
from hlv.bundle.folder import CHECKSUMS, README, Bundle
from hlv.bundle.judged import JudgedExport
from hlv.bundle.labelled import LabelledExport
from hlv.bundle.readme import readme


class ExportRefusedError(ValueError):
    """Nothing was written; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an export left in its folder."""

    folder: Path
    as_of: dt.datetime
    files: tuple[str, ...]


def export_study(study: Study, folder: Path, *, as_of: dt.datetime, with_names: bool = False) -> Written:
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
        bundle = Bundle(Path(unfinished) / "bundle")
        bundle.folder.mkdir()
        LabelledExport(study, bundle, as_of=as_of, with_names=with_names).write()
        JudgedExport(study, bundle, as_of=as_of, with_names=with_names).write()
        bundle.write(README, [readme(study, bundle, as_of=as_of, with_names=with_names)], about="")
        del bundle.described[README]
        (bundle.folder / CHECKSUMS).write_text(bundle.checksums(), encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        bundle.folder.rename(folder)
    return Written(folder, as_of, (*sorted(bundle.described), README, CHECKSUMS))
