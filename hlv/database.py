"""Brings the database to this version before a command uses it, and says how it is read."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

OUR_APPS = ("annotations", "metaeval")


# Rows read in batches are read to the last one: PostgreSQL plans a cursor as if only the first tenth of its rows were
# wanted, which takes several times as long for all. It compiles a query that it takes for costly, which takes a third
# of a second; beside a large study it takes a count for one person for costly that is done in a millisecond.
PLANNER_SETTINGS = {"cursor_tuple_fraction": "1", "jit": "off"}


def set_planner_settings(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Once for each connection, and not as start-up parameters, which some connection poolers refuse."""
    if connection.vendor == "postgresql":
        settings_given = ", ".join("set_config(%s, %s, false)" for _setting in PLANNER_SETTINGS)
        values = [part for setting in PLANNER_SETTINGS.items() for part in setting]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {settings_given}", values)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together on an empty embedded database: the second waits for the first."""
    with (settings.DATA_DIR / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _refuse_another_version(executor: MigrationExecutor) -> None:
    """A database that a later version has changed, or one that was never released, fits no migration of this one."""
    unknown = [
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in OUR_APPS and (app, name) not in executor.loader.disk_migrations
    ]
    if unknown:
        raise CommandError(
            f"This database was made by another version of hlv (it has had {sorted(unknown)[0]}): use that version, "
            "or another database or data folder."
        )


def prepare_database() -> None:
    """Migrate an empty database, and the embedded one always.

    A deployed database that holds rows is migrated only by its operator, after a backup: here it is refused.
    """
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    _refuse_another_version(executor)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if settings.EMBEDDED:
        with _one_at_a_time():
            call_command("migrate", interactive=False, verbosity=0)
    elif executor.loader.applied_migrations:
        raise CommandError(
            "The database is behind this version of hlv: make a backup, then run `hlv migrate`."
        )
    else:
        call_command("migrate", interactive=False, verbosity=0)
