"""Brings the database to this version before a command uses it, and says how it is read."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

OUR_APPS = ("annotations", "metaeval")
# Migrations before the first release had names of their own, and ended with it.
OF_DEVELOPMENT = "annotations.0001_initial"
BEHIND = "The database is behind this version of hlv: make a backup, then run `hlv migrate`."


# Rows read in batches are read to the last one: PostgreSQL plans a cursor as if only the first tenth of its rows were
# wanted, which takes several times as long for all. It compiles a query that it takes for costly, which takes a third
# of a second; beside a large study it takes a count for one person for costly that is done in a millisecond.
PLANNER_SETTINGS = {"cursor_tuple_fraction": "1", "jit": "off"}


# The server, too, gives up a client that a lost network hides; its transaction ends and its locks are free.
KEEPALIVES = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4"}


def set_session(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Once for each connection, and not as start-up parameters, which some connection poolers refuse."""
    idle = {"idle_in_transaction_session_timeout": f"{settings.IDLE_TRANSACTION_SECONDS}s"}
    _set(connection, PLANNER_SETTINGS | KEEPALIVES | idle)


def limit_statements(connection: BaseDatabaseWrapper, **_: object) -> None:
    """For the process that serves pages: a job may compute longer than anybody waits for a page."""
    _set(connection, {"statement_timeout": f"{settings.STATEMENT_SECONDS}s"})


def _set(connection: BaseDatabaseWrapper, given: Mapping[str, str]) -> None:
    if connection.vendor != "postgresql":
        return
    statement = ", ".join("set_config(%s, %s, false)" for _setting in given)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {statement}", [part for setting in given.items() for part in setting])


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands started together on an empty embedded database: the second waits for the first."""
    with (settings.DATA_DIR / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _executor() -> MigrationExecutor:
    """What would migrate this database, where this version can use it at all."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    known, applied = executor.loader.disk_migrations, executor.loader.applied_migrations
    unknown = sorted(f"{app}.{name}" for app, name in applied if app in OUR_APPS and (app, name) not in known)
    if OF_DEVELOPMENT in unknown:
        raise CommandError(
            "This database was made by a version of hlv before 0.2.0, which this version cannot read: export its studies with "
            "that version (`hlv export STUDY FOLDER`), then import them into a new data folder (HLV_DATA_DIR) or an empty database."
        )
    if unknown:
        raise CommandError(
            f"This database was changed by a later version of hlv ({unknown[0]} was applied): use that version, "
            "or another data folder or database."
        )
    return executor


def refuse_another_version() -> None:
    _executor()


def refuse_unless_current() -> None:
    """For a worker, which migrates nothing."""
    executor = _executor()
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(BEHIND)


def prepare_database() -> None:
    """Migrate an empty database, and the embedded one always.

    A deployed database that holds rows is migrated only by its operator, after a backup: here it is refused.
    """
    executor = _executor()
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if settings.EMBEDDED:
        with _one_at_a_time():
            call_command("migrate", interactive=False, verbosity=0)
    elif executor.loader.applied_migrations:
        raise CommandError(BEHIND)
    else:
        call_command("migrate", interactive=False, verbosity=0)


@register(deploy=True)
def deployed_settings_are_whole(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.EMBEDDED and not settings.ALLOWED_HOSTS:
        found.append(
            Error("ALLOWED_HOSTS is empty.", hint="Name the hosts you serve, comma-separated.", id="hlv.E001")
        )
    if not settings.EMBEDDED and not settings.REDIS_URL:
        found.append(
            Error("REDIS_URL is missing.", hint="PostgreSQL goes with Redis as the broker.", id="hlv.E002")
        )
    return found
