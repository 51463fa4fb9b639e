"""Make way: SQLite remakes the tables that the next migrations change, and loses the triggers on them."""

from importlib import import_module

from django.db import migrations

# Numbered modules have no name that an import statement could spell.
rules = import_module("annotations.migrations.0002_rules")


def forwards(apps, schema_editor):
    names = [(table, f"{table}_append_only") for table in rules.APPEND_ONLY]
    names += [(table, f"{table}_{column}_stays") for table, column, _ in rules.UNCHANGING]
    names += [(table, f"{table}_evidence") for table in ("annotations_annotation", "annotations_labelcount")]
    postgresql = schema_editor.connection.vendor == "postgresql"
    for table, name in names:
        # A table that was remade since has lost its trigger already.
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{f' ON {table}' if postgresql else ''}")
    if postgresql:
        # hlv_refuse() stays: the triggers of metaeval may rest on it.
        schema_editor.execute("DROP FUNCTION annotations_annotation_evidence()")
        schema_editor.execute("DROP FUNCTION annotations_labelcount_evidence()")


def backwards(apps, schema_editor):
    for table in rules.APPEND_ONLY:
        rules.append_only(schema_editor, table)
    for table, column, sentence in rules.UNCHANGING:
        rules.unchanging(schema_editor, table, column, sentence)
    rules.one_kind_of_evidence(schema_editor, "annotations_annotation", "annotations_labelcount")
    rules.one_kind_of_evidence(schema_editor, "annotations_labelcount", "annotations_annotation")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0004_one_snapshot_per_job")]
    operations = [migrations.RunPython(forwards, backwards)]
