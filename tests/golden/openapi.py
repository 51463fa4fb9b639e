"""`python -m tests.golden.openapi` writes docs/openapi.json from the program."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import django

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "hlv.settings", "HLV_DATA_DIR": folder}
        django.setup()
        from hlv.api.views import openapi_schema

        stored = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
        stored.write_text(json.dumps(openapi_schema(), indent=1, default=str) + "\n", encoding="utf-8")
