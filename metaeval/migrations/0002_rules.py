"""Judgments and snapshots are history: no update, and on PostgreSQL no delete."""

from django.db import migrations

APPEND_ONLY = [
    "metaeval_judgment",
    "metaeval_ranking",
    "metaeval_metricagreement",
    "metaeval_scoring",
    "metaeval_metricscore",
    "metaeval_figure",
]


def forwards(apps, schema_editor):
    for table in APPEND_ONLY:
        sentence = f"Rows of {table} are never edited or deleted: a newer row replaces them."
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION hlv_refuse('{sentence}')"
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )


def backwards(apps, schema_editor):
    for table in APPEND_ONLY:
        suffix = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {table}_append_only{suffix}")


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0001_initial"), ("annotations", "0002_rules")]
    operations = [migrations.RunPython(forwards, backwards)]
