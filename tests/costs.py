"""What a database reads for an answer, counted: the same each time, on any computer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


@contextmanager
def steps_of_sqlite() -> Iterator[list[int]]:
    """How many steps SQLite's machine makes within the block, in tens."""
    counted = [0]

    def another() -> int:
        counted[0] += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(another, 10)
    try:
        yield counted
    finally:
        connection.connection.set_progress_handler(None, 10)


@contextmanager
def rows_of_postgresql() -> Iterator[list[int]]:
    """How many rows PostgreSQL reads from tables and indexes within the block: each query is explained before it runs."""
    counted = [0]

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            with connection.connection.cursor() as beside:
                beside.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
                (found,) = beside.fetchone()
            for plan in found if isinstance(found, list) else json.loads(found):
                counted[0] += _rows_read(plan["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield counted


def _rows_read(plan: dict[str, Any]) -> int:
    """At the nodes that read a table or an index, whatever of it is then left out."""
    n = 0
    if "Relation Name" in plan or "Index Name" in plan:
        kept = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        n = round((kept + plan.get("Rows Removed by Index Recheck", 0)) * plan["Actual Loops"])
    return n + sum(_rows_read(part) for part in plan.get("Plans", []))


def rows_read(ask: Callable[[], object]) -> int:
    """Rows on PostgreSQL, steps on SQLite."""
    with steps_of_sqlite() if connection.vendor == "sqlite" else rows_of_postgresql() as counted:
        ask()
    return counted[0]


def cost(ask: Callable[[], object]) -> tuple[int, int]:
    """Queries, and on SQLite steps."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked), rows_read(ask) if connection.vendor == "sqlite" else 0


def gather_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def forget_statistics() -> None:
    """As a new SQLite database is, which another test may have given some."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() != (0,):
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_master")


def rows_known(table: str) -> int:
    """How many rows the statistics say that a table has; 0 where there are none."""
    sql = (
        "SELECT coalesce(max(CAST(stat AS integer)), 0) FROM sqlite_stat1 WHERE tbl = %s"
        if connection.vendor == "sqlite"
        else "SELECT reltuples FROM pg_class WHERE relname = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [table])
        return int(cursor.fetchone()[0])


def plan_of_sqlite(ask: Callable[[], object]) -> list[str]:
    """The lines of the plans of all queries that it asks, as SQLite makes them with the values given apart."""
    lines: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                beside = cursor.cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                lines.extend(row[-1] for row in beside.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        ask()
    return lines
