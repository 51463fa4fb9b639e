"""Watching a round: pages at 1,000, 10,000 and 100,000 answers, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from benchmarks.scoreboard import Scoreboard
from tests import servers

CHECKOUT = Path(__file__).resolve().parents[1]
# "Flat within noise": a hundred times the answers may cost so many times the time, no more.
AT_MOST = 2.0


def run(scoreboard: Scoreboard) -> None:
    with tempfile.TemporaryDirectory(prefix="hlv-watching-") as folder:
        _on(scoreboard, "SQLite", Path(folder) / "sqlite", {})
        try:
            with servers.all_of_them(os.environ) as given, _empty_database(given["DATABASE_URL"]) as url:
                _on(scoreboard, "PostgreSQL", Path(folder) / "postgresql", given | {"DATABASE_URL": url})
        except servers.MissingServersError as missing:
            scoreboard.cannot_compare("PostgreSQL", str(missing))


@contextmanager
def _empty_database(url: str) -> Iterator[str]:
    """A database of its own on that server, gone afterwards."""
    server, name = url.rpartition("/")[0], f"hlv_watching_{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as beside:
        beside.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield f"{server}/{name}"
        finally:
            beside.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _on(scoreboard: Scoreboard, database: str, folder: Path, addresses: dict[str, str]) -> None:
    (folder / "static").mkdir(parents=True)
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.watched_rounds"],
        cwd=CHECKOUT,
        env=kept
        | addresses
        | {
            "HLV_DATA_DIR": str(folder),
            "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
            "ALLOWED_HOSTS": "testserver",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    scoreboard.open_work(
        f"Watching on {database}: 1,000, 10,000 and 100,000 answers, 5 to a text, of 40 people"
    )
    for page, measured in found["pages"].items():
        queries = sorted(set(measured["queries"].values()))
        times = list(measured["seconds"].values())
        said = ", ".join(f"{seconds * 1000:.1f} ms" for seconds in times)
        asked = " or ".join(map(str, queries))
        scoreboard.within(
            f"{page} on {database}", times[-1] / times[0], at_most=AT_MOST, remark=f"{said}; {asked} queries"
        )
        scoreboard.holds(f"{page} on {database} asks as often", len(queries) == 1, f"{asked} queries")
    said = ", ".join(f"{seconds:.1f} s" for seconds in found["report"].values())
    print(f"  a report, in a worker, with 50 resamples: {said}", flush=True)
