"""A database is used by the version that made it, or by a later one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from hlv.database import prepare_database
from tests.conftest import OwnPlace

pytestmark = pytest.mark.django_db


@pytest.mark.both_databases
def test_a_database_of_a_later_version_is_refused_and_left_alone() -> None:
    MigrationRecorder(connection).record_applied("annotations", "0099_from_the_future")
    with pytest.raises(CommandError, match="changed by a later version of hlv"):
        prepare_database()


@pytest.mark.both_databases
def test_a_database_from_before_the_first_release_is_refused_by_whatever_would_use_it(
    own_place: OwnPlace,
) -> None:
    older = "from django.db import connection; from django.db.migrations.recorder import MigrationRecorder; "
    older += "MigrationRecorder(connection).record_applied('annotations', '0001_initial')"
    assert own_place.hlv("shell", "--no-imports", "-c", older).returncode == 0
    worker = [sys.executable, "-m", "celery", "-A", "hlv.celery", "worker", "--pool=solo"]
    for command in (own_place.command("migrate"), own_place.command("serve"), worker):
        refused = subprocess.run(
            command,
            cwd=own_place.folder,
            env=own_place.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode == 1
        assert "made by a version of hlv before 0.2.0" in refused.stderr
        assert "`hlv export STUDY FOLDER`" in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.both_databases
def test_a_worker_does_not_start_on_a_database_that_is_behind(empty_place: OwnPlace) -> None:
    worker = [sys.executable, "-m", "celery", "-A", "hlv.celery", "worker", "--pool=solo"]
    refused = subprocess.run(
        worker,
        cwd=empty_place.folder,
        env=empty_place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "then run `hlv migrate`" in refused.stderr


@pytest.mark.both_databases
def test_a_database_of_this_version_is_taken_as_it_is() -> None:
    recorder = MigrationRecorder(connection).migration_qs
    before = list(recorder.order_by("pk").values_list("pk", "applied"))
    prepare_database()
    assert list(recorder.order_by("pk").values_list("pk", "applied")) == before


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has no such settings")
def test_every_connection_plans_cursors_to_the_last_row_and_compiles_no_query() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('cursor_tuple_fraction'), current_setting('jit')")
        assert cursor.fetchone() == ("1", "off")
