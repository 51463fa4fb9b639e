"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("HLV_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(
            f"the folder of real {name} ({folder.name}) is not beside this checkout; set HLV_SHARED to use one"
        )
    return folder


@pytest.fixture
def shared_data() -> Path:
    """Real data sets, never committed."""
    return _folder("data")


@pytest.fixture
def shared_reference() -> Path:
    """Numbers computed independently, to agree with."""
    return _folder("reference")
