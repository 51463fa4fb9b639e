"""The environment of a test run, settled before Django reads it (a pytest plugin, named in pyproject.toml).

Whatever the caller gives is kept. What is missing becomes a temporary folder that goes with the run, so
that `python -m pytest tests/x` alone works and never touches a data folder of the user's.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

SECRET_OF_THE_TESTS = "only-for-tests-" + "x" * 40
_made: list[Path] = []


def _settle() -> None:
    if "HLV_TEST_DIR" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="hlv-tests-"))
        _made.append(folder)
        os.environ["HLV_TEST_DIR"] = str(folder)
    # Workers of pytest-xdist inherit the folder of the run; each has its own place in it, and its own queue.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ["HLV_DATA_DIR"] = str(Path(os.environ["HLV_TEST_DIR"]) / worker)
    os.environ["HLV_QUEUE"] = f"hlv-tests-{Path(os.environ['HLV_TEST_DIR']).name}-{worker}"
    os.environ.setdefault("SECRET_KEY", SECRET_OF_THE_TESTS)
    os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver")
    # Playwright's synchronous interface keeps a loop running in the thread of the test.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


_settle()


def pytest_unconfigure(config: pytest.Config) -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
