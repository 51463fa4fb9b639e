"""From judgments in PostgreSQL to strengths: counted where they lie, or fetched and counted here.

Fetched twice: as rows, and as nothing but the four values of each that are counted, which no program can do without.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from benchmarks.peers.environments import ROOT
from benchmarks.scoreboard import Scoreboard
from benchmarks.timing import interleaved_medians
from tests.servers import missing_programs, postgresql

N_METHODS = 100
N_JUDGMENTS = 1_000_000
N_ITEMS = 10
N_JUDGES = 50
MIB = 1 << 20
# what counting here may grow by while the judgments grow tenfold
FLAT = 8 * MIB


def run(scoreboard: Scoreboard) -> None:
    scoreboard.open_work(
        f"{N_JUDGMENTS:,} judgments of {N_METHODS} methods in PostgreSQL, counted and fitted"
    )
    if missing_programs(["postgres"]):
        scoreboard.cannot_compare("fetching the rows", "PostgreSQL is not installed here")
        return
    with postgresql() as address, tempfile.TemporaryDirectory(prefix="hlv-bench-") as folder:
        environment = os.environ | {
            "DATABASE_URL": address.rsplit("/", 1)[0] + "/postgres",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
            "ALLOWED_HOSTS": "localhost",
            "HLV_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "hlv.settings",
        }
        small, large = _filled(environment)
        with _reader("grouped", small, environment) as few:
            few.run()
            grown_by_few = few.grown
        with (
            _reader("grouped", large, environment) as grouped,
            _reader("fetched", large, environment) as fetched,
            _reader("columns", large, environment) as columns,
        ):
            ways = {"grouped": grouped, "fetched": fetched, "columns": columns}
            seconds = interleaved_medians({name: way.run for name, way in ways.items()}, warm=False)
            scoreboard.ours(seconds["grouped"])
            for name, what, at_least in (
                ("fetched", "the rows fetched into Python first", 10),
                ("columns", "no more than their four columns", None),
            ):
                scoreboard.against(
                    what,
                    seconds[name],
                    ours=seconds["grouped"],
                    at_least=at_least,
                    apart=float(np.abs(grouped.strengths - ways[name].strengths).max()),
                    may_differ=1e-9,
                    remark=f"peak memory grew by {ways[name].grown / MIB:.0f} MiB, "
                    f"of hlv by {grouped.grown / MIB:.0f} MiB",
                )
            scoreboard.holds(
                "memory flat",
                grouped.grown - grown_by_few < FLAT,
                f"{grown_by_few / MIB:.0f} MiB for {N_JUDGMENTS // 10:,} judgments, "
                f"{grouped.grown / MIB:.0f} MiB for {N_JUDGMENTS:,}",
            )


def _filled(environment: Mapping[str, str]) -> tuple[int, int]:
    """The keys of a campaign of a tenth of the judgments, and of one with all."""
    migrate = [sys.executable, "manage.py", "migrate", "-v", "0"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True)
    sizes = (N_METHODS, N_JUDGES, N_ITEMS, N_JUDGMENTS // 10, N_JUDGMENTS)
    fill = [sys.executable, "-m", "benchmarks.database_filling", *map(str, sizes)]
    done = subprocess.run(fill, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    small, large = done.stdout.split()
    return int(small), int(large)


class _Reader:
    """A process of `benchmarks.database_reading`, and what its last run said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.grown = 0
        self.strengths = np.zeros(0)

    def run(self) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("reading the judgments broke off; what it said stands above")
        reply = json.loads(line)
        self.grown, self.strengths = int(reply["grown"]), np.array(reply["strengths"])
        return float(reply["seconds"])


@contextmanager
def _reader(way: str, campaign: int, environment: Mapping[str, str]) -> Iterator[_Reader]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.database_reading", way, str(campaign)],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _Reader(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)
