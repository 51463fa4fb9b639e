"""Uploads of these tests lie in a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def folder(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Path:
    if "celery_worker_process" not in request.fixturenames:
        settings.UPLOAD_DIR = tmp_path / "uploads"
    return Path(settings.UPLOAD_DIR)
