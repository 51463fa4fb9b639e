"""A database is used by the version that made it, or by a later one."""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from hlv.database import prepare_database

pytestmark = pytest.mark.django_db


@pytest.mark.both_databases
def test_a_database_of_another_version_is_refused_and_left_alone() -> None:
    MigrationRecorder(connection).record_applied("annotations", "0099_from_the_future")
    with pytest.raises(CommandError, match="made by another version of hlv"):
        prepare_database()


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
