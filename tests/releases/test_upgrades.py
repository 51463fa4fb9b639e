"""A database of each release is brought to this version, and every row of it is still there."""

from __future__ import annotations

import gzip
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.rows import dict_row

from hlv import __version__
from tests.conftest import OwnPlace, url_of_test_database

pytestmark = pytest.mark.both_databases

RELEASES = sorted(
    {path.name.removesuffix(".sqlite.sql.gz") for path in Path(__file__).parent.glob("*.sqlite.sql.gz")}
)
# Rows of Django's own, made anew by each migration.
# PostgreSQL writes a condition that it read from a dump with its casts elsewhere.
WRITTEN_EITHER_WAY = re.compile(r"::(?:character varying|text)(?:\[\])?|[()]")
OF_DJANGO = {"django_content_type", "auth_permission", "django_migrations"}


def kept(release: str) -> str:
    return gzip.decompress(
        (Path(__file__).parent / f"{release}.{connection.vendor}.sql.gz").read_bytes()
    ).decode()


def load(sql: str, place: OwnPlace) -> None:
    if connection.vendor == "postgresql":
        with psycopg.connect(place.database_url, autocommit=True) as database:
            database.execute(sql.encode())
        return
    file = Path(place.database_url.removeprefix("sqlite:///"))
    file.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(file)) as database:
        database.executescript(sql)


def contents(address: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table."""
    if connection.vendor == "postgresql":
        with psycopg.connect(address, row_factory=dict_row) as server:
            tables = [
                row["tablename"]
                for row in server.execute("SELECT * FROM pg_tables WHERE schemaname = 'public'")
            ]
            return {table: server.execute(f'SELECT * FROM "{table}"'.encode()).fetchall() for table in tables}
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as file:
        file.row_factory = sqlite3.Row
        names = file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        return {name: [dict(row) for row in file.execute(f'SELECT * FROM "{name}"')] for (name,) in names}


def schema(address: str) -> set[tuple[str, ...]]:
    """Columns, indexes, constraints and triggers, in whatever order they came to be."""
    if connection.vendor == "postgresql":
        parts = (
            "SELECT 'column', table_name, column_name, data_type, is_nullable FROM information_schema.columns "
            "WHERE table_schema = 'public'",
            "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace",
            "SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
            "SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        )
        with psycopg.connect(address) as server:
            return {
                tuple(WRITTEN_EITHER_WAY.sub("", str(value)) for value in row)
                for part in parts
                for row in server.execute(part.encode())
            }
    found = set()
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as file:
        for kind, name, sql in file.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        ):
            # A column that came later stands last in its table.
            pieces = re.split(r", (?=(?:\"|CONSTRAINT))", sql) if kind == "table" else [sql]
            found |= {(kind, name, piece.strip(" ()")) for piece in pieces}
    return found


def test_this_version_has_its_database_among_them() -> None:
    assert __version__ in RELEASES, "run `python -m tests.releases.keep` on both databases"


@pytest.mark.parametrize("release", RELEASES)
def test_every_row_of_a_release_is_found_after_migrating(release: str, empty_place: OwnPlace) -> None:
    load(kept(release), empty_place)
    before = contents(empty_place.database_url)
    assert sum(map(len, before.values())) > 100
    migrated = empty_place.hlv("migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr
    after = contents(empty_place.database_url)
    for table in before.keys() - OF_DJANGO:
        columns = [
            name for name in (before[table][0] if before[table] else {}) if name in (after[table] or [{}])[0]
        ]
        still = {repr([row[name] for name in columns]) for row in after[table]}
        assert [row for row in before[table] if repr([row[name] for name in columns]) not in still] == [], (
            table
        )
    checked = empty_place.hlv("check-log")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("release", RELEASES)
def test_a_migrated_database_has_the_schema_of_a_new_one(release: str, empty_place: OwnPlace) -> None:
    load(kept(release), empty_place)
    assert empty_place.hlv("migrate", "--verbosity", "0").returncode == 0
    assert schema(empty_place.database_url) == schema(url_of_test_database())
