"""The role of PostgreSQL that serves pages and runs jobs: it owns no table, so it cannot switch off a rule."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection

from annotations.services import history as of_annotations
from metaeval.services import history as of_judging

SCHEMA = "public"
# From this version on a role may be allowed to ANALYZE tables that it does not own.
WITH_MAINTAIN = 170_000


def role_statements(role: str) -> Iterator[str]:
    """For the owner of the tables to run, after each upgrade too. The role must exist."""
    quoted = connection.ops.quote_name
    name, schema = quoted(role), quoted(SCHEMA)
    database = quoted(str(connection.settings_dict["NAME"]))
    tables = [quoted(model._meta.db_table) for model in apps.get_models(include_auto_created=True)]
    append_only = [
        quoted(model._meta.db_table) for model in (*of_annotations.APPEND_ONLY, *of_judging.APPEND_ONLY)
    ]
    rights = "SELECT, INSERT, UPDATE, DELETE"
    if connection.pg_version >= WITH_MAINTAIN:  # type: ignore[attr-defined]  # of PostgreSQL alone
        rights += ", MAINTAIN"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {database} TO {name}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {name}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}"
    yield f"GRANT {rights} ON {', '.join(sorted(tables))} TO {name}"
    yield f"REVOKE DELETE ON {', '.join(sorted(append_only))} FROM {name}"
    yield f"GRANT SELECT ON django_migrations TO {name}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}"
