"""How the rows of a test with transactions are cleared away: history too, and at little cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.commands import flush
from django.db import OperationalError, connection

# Migrations fill them, and nothing of ours reads or writes them: filled again after each test, they cost 0.05 s.
FILLED_BY_MIGRATIONS = ("django_content_type", "auth_permission")
# Deleted rows stay in their file: from this size on, the file is replaced.
MOST_BYTES_OF_A_TABLE = 500_000
ATTEMPTS = 5


def clear_away_quickly() -> None:
    """Change how Django clears a database after a test with transactions."""
    flush.emit_post_migrate_signal = lambda *_arguments, **_options: None
    # Of the class: while a browser runs, Django makes another connection than the one of this moment.
    operations: Any = type(connection.ops)
    if connection.vendor == "postgresql":
        operations.sql_flush = _of_postgresql(operations.sql_flush)
        operations.execute_sql_flush = _again_after_a_deadlock(operations.execute_sql_flush)
    else:
        operations.sql_flush = _of_sqlite(operations.sql_flush)


def vacuum_bloated_tables() -> None:
    """Free what deleted and rolled back rows left in tables of PostgreSQL, as autovacuum does on a server.

    ANALYZE within a test is not rolled back: it leaves "no rows in hundreds of pages", by which the planner joins small
    studies in minutes. VACUUM corrects that, too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE relkind = 'r' AND nspname = 'public' "
            "AND (reltuples = 0 AND relpages > 0 OR pg_relation_size(pg_class.oid) > %s)",
            [MOST_BYTES_OF_A_TABLE],
        )
        ((bloated,),) = cursor.fetchall()
        if bloated:
            cursor.execute(f"VACUUM {bloated}")


def _but_filled_tables(tables: list[str]) -> list[str]:
    return [table for table in tables if table not in FILLED_BY_MIGRATIONS]


def _of_sqlite(statements: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Triggers refuse to delete history row by row, so they are dropped meanwhile."""

    def with_history(operations: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE%'"
            )
            triggers = dict(cursor.fetchall())
        dropped = [f"DROP TRIGGER {name}" for name in triggers]
        cleared = statements(operations, style, _but_filled_tables(tables), **options)
        return [*dropped, *cleared, *triggers.values()]

    return with_history


def _of_postgresql(statements: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """TRUNCATE makes some 400 files: few rows are deleted instead, which takes a fiftieth of the time.

    Tables are locked as TRUNCATE locks them: a page that is still being served to a browser that left ends first.
    """

    def by_size(operations: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        tables = _but_filled_tables(tables)
        with connection.cursor() as cursor:
            cursor.execute(
                # Without its triggers a table is cleared by a superuser alone. Where rows were counted for the
                # planner, TRUNCATE makes it forget their number.
                "SELECT current_setting('is_superuser') = 'on' AND NOT bool_or("
                "pg_relation_size(oid) > %s OR reltuples > 0) FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s)",
                [MOST_BYTES_OF_A_TABLE, tables],
            )
            ((are_small,),) = cursor.fetchall()
        if options.get("reset_sequences") or not are_small:
            return statements(operations, style, tables, **options)
        quoted = [connection.ops.quote_name(table) for table in tables]
        return [
            f"LOCK TABLE {', '.join(quoted)}",
            "SET LOCAL session_replication_role = replica",
            *(f"DELETE FROM {table}" for table in quoted),
            "SET LOCAL session_replication_role = DEFAULT",
        ]

    return by_size


def _again_after_a_deadlock(
    clear: Callable[[Any, list[str]], None],
) -> Callable[[Any, list[str]], None]:
    """Clearing waits for a page that is still being served."""

    def clear_again(operations: Any, sql_list: list[str]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return clear(operations, sql_list)
            except OperationalError as fault:
                if attempt == ATTEMPTS or "deadlock" not in str(fault):
                    raise
        return None

    return clear_again
