"""Make way: SQLite remakes the tables that the next migrations change, and loses the triggers on them."""

from importlib import import_module

from django.db import migrations

# Numbered modules have no name that an import statement could spell.
rules = import_module("metaeval.migrations.0002_rules")


def forwards(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table in rules.APPEND_ONLY:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only{f' ON {table}' if postgresql else ''}")


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0003_one_snapshot_per_job"), ("annotations", "0010_one_kind_of_evidence")]
    operations = [migrations.RunPython(forwards, rules.forwards)]
