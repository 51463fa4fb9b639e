"""The triggers that protect history, compared with what the migrations of this program create."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from annotations.history import Checked
from annotations.migrations import _remaking
from annotations.migrations._statements import Statements

APPS = ("annotations", "metaeval")
_CREATED = re.compile(r"CREATE (TRIGGER|FUNCTION) \"?(\w+)")
_DROPPED = re.compile(r"DROP (TRIGGER|FUNCTION)(?: IF EXISTS)? \"?(\w+)")
_BODY = re.compile(r"\$\$(.*)\$\$", re.DOTALL)
# PostgreSQL prints a condition with its own brackets and casts.
_PRINTED = re.compile(r'::\w+|[\s()"]|public\.')


@dataclass
class _Recorder:
    """Takes the statements of migrations in place of a database."""

    connection: Any
    triggers: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)

    def execute(self, statement: str, params: object = None) -> None:
        created = _CREATED.match(statement)
        dropped = _DROPPED.match(statement)
        if created:
            body = _BODY.search(statement)
            kept = self.triggers if created[1] == "TRIGGER" else self.bodies
            kept[created[2]] = body[1] if body else statement
        elif dropped:
            (self.triggers if dropped[1] == "TRIGGER" else self.bodies).pop(dropped[2], None)


def _expected() -> _Recorder:
    loader = MigrationLoader(None)
    recorder = _Recorder(connection)
    leaves = [key for key in loader.graph.leaf_nodes() if key[0] in APPS]
    for key in loader.graph._generate_plan(leaves, at_end=True):  # the order of `migrate`
        if key[0] not in APPS:
            continue
        for operation in loader.graph.nodes[key].operations:
            if isinstance(operation, Statements) and operation.forwards not in (
                _remaking._leave,
                _remaking._return,
            ):
                operation.forwards(recorder)
    return recorder


def check_guards() -> Checked:
    """Each trigger: there, enabled, and with the body that the program gave it; no others on these tables."""
    expected = _expected()
    found = _triggers_of_postgresql() if connection.vendor == "postgresql" else _triggers_of_sqlite()
    faults = [
        f"The trigger {name} is missing: rows could be changed."
        for name in sorted(expected.triggers.keys() - found.keys())
    ]
    for name, there in sorted(found.items()):
        if name not in expected.triggers:
            faults.append(f"The trigger {name} is not part of the program.")
        elif not there.enabled:
            faults.append(f"The trigger {name} is disabled: rows could be changed.")
        elif there.body != expected.bodies.get(name, "") or _same(there.definition) != _same(
            expected.triggers[name]
        ):
            faults.append(f"The trigger {name} was replaced: rows could be changed.")
    return Checked("triggers that guard history", len(expected.triggers), faults)


def _same(definition: str) -> str:
    return _PRINTED.sub("", definition).lower()


@dataclass(frozen=True)
class _Trigger:
    definition: str
    body: str = ""
    enabled: bool = True


def _triggers_of_sqlite() -> Mapping[str, _Trigger]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: _Trigger(sql) for name, sql in cursor.fetchall()}


def _triggers_of_postgresql() -> Mapping[str, _Trigger]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        asked = cursor.fetchone()[0] != "replica"
        cursor.execute(
            "SELECT t.tgname, pg_get_triggerdef(t.oid, true), p.prosrc, t.tgenabled IN ('O', 'A') "
            "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        )
        return {
            name: _Trigger(definition, body, enabled and asked)
            for name, definition, body, enabled in cursor.fetchall()
        }
