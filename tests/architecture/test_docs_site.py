"""The docs site builds without a warning, and loads nothing from another host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import hlv.stats
from hlv.cli import our_commands

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=CHECKOUT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    return folder


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    loaded = re.compile(r'<(?:script|img|link|iframe)[^>]+(?:src|href)="(https?:)?//')
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    assert [page.name for page in pages if loaded.search(page.read_text(encoding="utf-8"))] == []


def test_every_command_has_its_help(site: Path) -> None:
    page = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert [name for name in our_commands() if f'id="hlv-{name.replace("_", "-")}"' not in page] == []


def test_the_reference_has_every_function_of_columns(site: Path) -> None:
    page = (site / "reference" / "hlv.stats.html").read_text(encoding="utf-8")
    names = set(hlv.stats.__all__) - set(hlv.stats.PACKAGES)
    assert [name for name in sorted(names) if name not in page] == []


def test_the_search_index_is_built(site: Path) -> None:
    assert "soft micro F1" in (site / "search" / "search_index.json").read_text(encoding="utf-8")


def test_the_citation_names_this_version() -> None:
    citation = yaml.safe_load((CHECKOUT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == hlv.__version__
