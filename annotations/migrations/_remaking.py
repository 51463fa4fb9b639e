"""SQLite remakes a table to change it: its triggers would be lost, and no table is renamed while a trigger elsewhere
names one that is missing. So all stand aside while a table is changed, and come back word for word.

Wrap what changes tables in `aside(...)`. PostgreSQL changes a table where it stands and needs none of it.
"""

from annotations.migrations._statements import Statements

KEPT = "CREATE TEMP TABLE triggers_aside AS SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"


def _leave(schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(KEPT)
        cursor.execute("SELECT name FROM temp.triggers_aside")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def _return(schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM temp.triggers_aside")
        for (sql,) in cursor.fetchall():
            cursor.execute(sql)
        cursor.execute("DROP TABLE temp.triggers_aside")


def aside(*changes):
    """These changes of tables, with every trigger away meanwhile."""
    return [Statements(_leave), *changes, Statements(_return)]
