"""The dashboard of the demonstration and of llmfao: time, queries and weight; and how fast sixty methods are drawn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.scoreboard import Scoreboard

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("HLV_SHARED", CHECKOUT.parent / "shared"))
MOST_MS, MOST_QUERIES, MOST_BYTES, MOST_SECONDS_DRAWN = 100, 12, 500_000, 5.0


def run(scoreboard: Scoreboard) -> None:
    llmfao = SHARED / "data" / "llmfao"
    with tempfile.TemporaryDirectory(prefix="hlv-dashboard-") as folder:
        (Path(folder) / "static").mkdir()
        kept = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        environment = kept | {
            "HLV_DATA_DIR": folder,
            "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
            "ALLOWED_HOSTS": "testserver",
        }
        _pages(["prepare", *([str(llmfao)] if llmfao.exists() else [])], environment)
        printed = _pages(["measure"], environment)
    found = json.loads(printed.splitlines()[-1])
    for name, page in found["pages"].items():
        scoreboard.open_work(
            f"The dashboard of {name}, {page['n_methods']} methods, {page['n_metrics']} metrics"
        )
        p95 = 1000 * page["p95"]
        scoreboard.holds("p95 of the server", p95 < MOST_MS, f"{p95:.0f} ms of at most {MOST_MS}")
        asked = page["queries"]
        scoreboard.holds("queries of its own", asked <= MOST_QUERIES, f"{asked} of at most {MOST_QUERIES}")
        weight = page["bytes"]
        scoreboard.holds(
            "page, styles, scripts and figures, compressed",
            weight < MOST_BYTES,
            f"{weight / 1000:.0f} kB of at most {MOST_BYTES // 1000}",
        )
    if not llmfao.exists():
        scoreboard.cannot_compare("llmfao", f"{llmfao} is not there; HLV_SHARED can name its folder")
    for name, seconds in found["drawn"].items():
        scoreboard.open_work(f"Drawing all figures of {name}")
        scoreboard.holds(
            "seconds of CPU",
            seconds < MOST_SECONDS_DRAWN,
            f"{seconds:.1f} s of at most {MOST_SECONDS_DRAWN:g}",
        )


def _pages(arguments: list[str], environment: dict[str, str]) -> str:
    """What the process of this work prints."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.dashboard_pages", *arguments],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
