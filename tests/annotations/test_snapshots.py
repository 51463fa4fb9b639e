"""A snapshot names the program that made it, and no other one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from annotations.models.rounds import OUR_PACKAGES, Snapshot, code_version, sources_digest
from hlv import __version__
from tests.conftest import CHECKOUT

SHOW = "from hlv import celery; from django import setup; setup(); from annotations.models import code_version as v; print(v())"


def version_of(folder: Path, *, data: Path) -> str:
    """What a program that is installed in this folder writes into its snapshots."""
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "HLV_DATA_DIR": str(data),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    shown = subprocess.run(
        [sys.executable, "-P", "-c", SHOW],
        cwd=data,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return shown.stdout.strip()


def test_the_same_sources_are_the_same_program_elsewhere_and_changed_ones_another(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for package in OUR_PACKAGES:
        shutil.copytree(CHECKOUT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    here = code_version()
    assert here.startswith(f"hlv {__version__}+")
    assert len(here) <= (Snapshot._meta.get_field("code_version").max_length or 0)
    assert version_of(copy, data=tmp_path) == here
    changed = copy / "hlv" / "stats" / "arrays.py"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n# Another line.\n", encoding="utf-8")
    assert version_of(copy, data=tmp_path) not in (here, "")


def test_a_file_that_is_renamed_or_moved_into_another_makes_another_program(tmp_path: Path) -> None:
    first, other = tmp_path / "hlv" / "a.py", tmp_path / "hlv" / "b.py"
    first.parent.mkdir()
    first.write_text("x = 1\n", encoding="utf-8")
    digests = {sources_digest(tmp_path)}
    first.rename(other)
    digests.add(sources_digest(tmp_path))
    first.write_text("", encoding="utf-8")
    digests.add(sources_digest(tmp_path))
    assert len(digests) == 3
