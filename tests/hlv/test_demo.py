"""`hlv demo`, as a newcomer runs it: from an empty folder to a page, and away again."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.conftest import OwnPlace
from tests.servers import free_port

pytestmark = pytest.mark.embedded


def test_the_demonstration_runs_whole_stays_apart_and_stops_clean(empty_place: OwnPlace) -> None:
    folder = empty_place.folder / "demonstration"
    # As many as usual are drawn by `python -m tests.release.lowest`.
    first = empty_place.hlv("demo", "--no-serve", "--n-resamples=400", HLV_DEMO_DIR=str(folder))
    assert first.returncode == 0, first.stderr
    assert "Soft micro F1" in first.stdout
    assert "over 7 to 9 methods" in first.stdout
    assert "are simulated (seed 20261012)" in first.stdout
    assert not (empty_place.folder / "data").exists(), "the demonstration never stands among the user's data"
    before = _counts(folder / "hlv.sqlite3")
    assert before["annotations_item"] >= 120
    assert before["metaeval_method"] == 9
    # The dashboard has all of its parts.
    for made in ("metricagreement", "judgereport", "sensitivity", "textreport"):
        assert before[f"metaeval_{made}"] == 1, made

    port = free_port()
    with subprocess.Popen(
        empty_place.command("demo", f"--port={port}"),
        cwd=empty_place.folder,
        env=empty_place.environment | {"HLV_DEMO_DIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        links = _links(process)
        assert len(links) == 3
        with urlopen(links[0]) as page:
            assert b"Sign in" in page.read()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read() if process.stdout else ""
        assert process.wait(timeout=30) == 0
    assert rest.rstrip().endswith("stopped")
    with pytest.raises(OSError, match="refused"):
        urlopen(links[0])
    after = _counts(folder / "hlv.sqlite3")
    # Serving seals what the demonstration wrote.
    added = {"annotations_signinlink", "annotations_historylink"}
    assert {table: after[table] for table in before if table not in added} == {
        table: before[table] for table in before if table not in added
    }, "the second run adds links and seals, and nothing else"


def _links(process: subprocess.Popen[str]) -> list[str]:
    links: list[str] = []
    for line in process.stdout or ():
        links += re.findall(r"http://\S+/sign-in/\S+/", line)
        if len(links) == 3:
            break
    return links


def _counts(database: Path) -> dict[str, int]:
    with sqlite3.connect(database) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name.startswith(("annotations_", "metaeval_")) and "workerbeat" not in name
        ]
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
    connection.close()
    return counts
