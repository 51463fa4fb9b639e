"""`python -m tests.releases.keep`: keeps a database of this version, on SQLite and where DATABASE_URL says so on PostgreSQL.

Run once for each release, before it is published; the files of earlier releases are never made again.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

FOLDER = Path(__file__).parent


def fill() -> None:
    """A study with one of everything, and one in which people answered."""
    import django

    django.setup()
    from django.core.management import call_command

    from annotations.models import Assignment, Draft, Import, ImportReversal, Remark, Settlement
    from hlv.database import prepare_database
    from metaeval.models import AutomaticJudge, Campaign, Method, Protocol
    from metaeval.results.planned_analysis import PlannedAnalysis
    from metaeval.services.preregistration import preregister
    from tests.annotations.making import make_count, make_place
    from tests.hlv.test_check_log_command import make_history
    from tests.hlv.world import make_world
    from tests.making import make_uploaded_metric
    from tests.metaeval.making import (
        make_agreement_snapshot,
        make_judge_report,
        make_ranking_snapshot,
        make_sensitivity,
    )

    prepare_database()
    make_world()
    study = make_history()
    campaign = Campaign.objects.get(study=study)
    make_agreement_snapshot(make_ranking_snapshot(campaign))
    make_judge_report(campaign)
    make_sensitivity(campaign)
    Protocol.objects.create(campaign=campaign)
    AutomaticJudge.objects.create(study=study, name="a program")
    methods = Method.objects.filter(study=study)
    metric = make_uploaded_metric(study, methods, [0.5 + method.position / 10 for method in methods])
    preregister(campaign, PlannedAnalysis(metrics=(metric.name,), seed=1), by=None)
    make_count(make_place())
    Draft.objects.create(assignment=Assignment.objects.latest("pk"), comment="Not sent yet.")
    ImportReversal.objects.create(batch=Import.objects.latest("pk"), withdrawn=True, reason="The wrong file.")
    Settlement.objects.create(annotation=Remark.objects.latest("pk").annotation, settled=True)
    call_command("agreement", study.slug, "--json", stdout=StringIO())


def dump_sqlite(file: Path) -> Iterator[str]:
    with sqlite3.connect(file) as database:
        yield from database.iterdump()


def dump_postgresql(address: str) -> Iterator[str]:
    command = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", address]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # What its version of PostgreSQL sets, another one may not know.
    left_out = ("\\", "--", "SET ")
    yield from (line for line in dumped.splitlines() if line and not line.startswith(left_out))


def keep(name: str, lines: Iterator[str]) -> None:
    text = "\n".join(lines) + "\n"
    (FOLDER / name).write_bytes(gzip.compress(text.encode(), mtime=0))


def main() -> None:
    from hlv import __version__

    given = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "hlv.settings",
            "HLV_DATA_DIR": folder,
            "SECRET_KEY": "x" * 40,
            "ALLOWED_HOSTS": "testserver",
        }
        fill()
        if given.startswith("postgres"):
            keep(f"{__version__}.postgresql.sql.gz", dump_postgresql(given))
        else:
            keep(f"{__version__}.sqlite.sql.gz", dump_sqlite(Path(folder) / "hlv.sqlite3"))


if __name__ == "__main__":
    sys.exit(main())
