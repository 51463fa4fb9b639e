"""Environments of the other programs, made from the requirement files beside and kept in `.venv-bench/`.

Some pin old versions of numpy and scipy, so none of them is ever imported where hlv is.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".venv-bench"
REQUIREMENTS = ROOT / "benchmarks" / "requirements"
SECONDS_TO_INSTALL = 900


class PeerMissingError(Exception):
    """An environment could not be made here; the message is a sentence."""


def python_of(name: str) -> Path:
    """The interpreter of an environment, made first where it is not there or its requirements changed.

    Raises
    ------
    PeerMissingError
        If it cannot be made.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    wanted = requirements.read_text(encoding="utf-8")
    folder = ENVIRONMENTS / name
    stamp, python = folder / "installed.txt", folder / "bin" / "python"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and python.exists():
        return python
    print(f"  (making the environment of {name})", flush=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--no-input", "-q"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        # the files name all that is needed, so that a peer's unused dependencies stay away
        [*pip, "--no-deps", "-r", str(requirements)],
    ):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise PeerMissingError(f"its environment was not made within {SECONDS_TO_INSTALL} s") from None
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PeerMissingError(f"its environment could not be made ({last})")
    stamp.write_text(wanted, encoding="utf-8")
    return python
