"""A process of another program that takes arrays once and then runs when it is told to."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.peers.environments import PeerMissingError, python_of

_HERE = Path(__file__).resolve().parent
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Peer:
    """One that is ready: its data is in the form that it likes best."""

    process: subprocess.Popen[str]
    folder: Path

    def run(self) -> float:
        """Seconds of one run, by the clock of its own process."""
        return float(self._ask("run")["seconds"])

    def answer(self) -> dict[str, npt.NDArray[Any]]:
        """What the last run found."""
        path = self.folder / "answer.npz"
        self._ask(f"answer {path}")
        with np.load(path) as found:
            return dict(found)

    def _ask(self, line: str) -> dict[str, float]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        reply = self.process.stdout.readline()
        if not reply:
            self.process.wait()
            words = (
                (self.folder / "errors.txt")
                .read_text(encoding="utf-8", errors="replace")
                .strip()
                .splitlines()
            )
            raise PeerMissingError(f"it broke off ({words[-1] if words else 'without a word'})")
        found: dict[str, float] = json.loads(reply)
        return found


@contextmanager
def peer(module: str, arrays: Arrays, *, environment: str = "peers") -> Iterator[Peer]:
    """Start `benchmarks/peers/MODULE.py` in its environment and give it its arrays.

    Raises
    ------
    PeerMissingError
        If the environment cannot be made, or the program breaks off.
    """
    python = python_of(environment)
    with tempfile.TemporaryDirectory(prefix="hlv-bench-") as name:
        folder = Path(name)
        np.savez(folder / "inputs.npz", allow_pickle=False, **arrays)
        with (folder / "errors.txt").open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(
                [
                    str(python),
                    *("-W", "ignore"),
                    str(_HERE / "worker.py"),
                    str(_HERE / f"{module}.py"),
                    str(folder / "inputs.npz"),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=folder,
            )
        try:
            started = Peer(process, folder)
            started._ask("ready")
            yield started
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
