"""Pages served as `hlv serve` serves them, on a database of a benchmark."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.request import urlopen

from tests.servers import free_port

SECONDS_TO_START = 90.0


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[str]:
    """The address of the web server, which ends with the block."""
    port = free_port()
    command = [sys.executable, "-m", "hlv.cli", "serve", f"--port={port}", "--no-worker"]
    with subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urlopen(f"{address}/sign-in/", timeout=5):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The web server of the benchmark did not start.") from None
            time.sleep(0.1)
