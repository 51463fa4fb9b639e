"""What every test may ask for, and the two rules of a full run: nothing is skipped, nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings

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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, not in memory: a worker process and a served page must see the same rows."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        database.setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / "test.sqlite3")
