"""Rules that no constraint can say: triggers, in the words of either database."""

from django.db import migrations

# Rows of these tables are history.
APPEND_ONLY = ["annotations_annotation", "annotations_annotationlabel", "annotations_importreversal", "annotations_labelagreement"]
# (table, column, sentence)
UNCHANGING = [
    ("annotations_study", "slug", "The slug of a study never changes."),
    ("annotations_study", "uuid", "The UUID of a study never changes."),
    ("annotations_label", "key", "The key of a label never changes."),
    ("annotations_label", "position", "The position of a label never changes."),
    ("annotations_item", "key", "The key of an item never changes."),
    ("annotations_item", "uuid", "The UUID of an item never changes."),
]


def append_only(schema_editor, table):
    """No update, and on PostgreSQL no delete: SQLite's test teardown empties tables row by row."""
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


def unchanging(schema_editor, table, column, sentence):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE TRIGGER {table}_{column}_stays BEFORE UPDATE OF {column} ON {table} FOR EACH ROW "
            f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION hlv_refuse('{sentence}')"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_{column}_stays BEFORE UPDATE OF {column} ON {table} "
            f"WHEN OLD.{column} IS NOT NEW.{column} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )


def one_kind_of_evidence(schema_editor, table, other):
    """Counts without annotators and answers of annotators never meet within an item."""
    sentence = "An item has either answers of annotators or counts without annotators, never both."
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE FUNCTION {table}_evidence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS (SELECT 1 FROM {other} WHERE item_id = NEW.item_id) THEN "
            f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_evidence BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_evidence()"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_evidence BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {other} WHERE item_id = NEW.item_id) "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION hlv_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$",
            params=None,  # the percent sign is PostgreSQL's own
        )
    for table in APPEND_ONLY:
        append_only(schema_editor, table)
    for table, column, sentence in UNCHANGING:
        unchanging(schema_editor, table, column, sentence)
    one_kind_of_evidence(schema_editor, "annotations_annotation", "annotations_labelcount")
    one_kind_of_evidence(schema_editor, "annotations_labelcount", "annotations_annotation")


def backwards(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    names = [(table, f"{table}_append_only") for table in APPEND_ONLY]
    names += [(table, f"{table}_{column}_stays") for table, column, _ in UNCHANGING]
    names += [(table, f"{table}_evidence") for table in ("annotations_annotation", "annotations_labelcount")]
    for table, name in names:
        schema_editor.execute(f"DROP TRIGGER {name} ON {table}" if postgresql else f"DROP TRIGGER {name}")
    if postgresql:
        schema_editor.execute("DROP FUNCTION annotations_annotation_evidence()")
        schema_editor.execute("DROP FUNCTION annotations_labelcount_evidence()")
        schema_editor.execute("DROP FUNCTION hlv_refuse()")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
