"""Counts without annotators and answers of annotators never meet within an item, also not at the same moment.

The item's column decides: its row lock makes two transactions come one after the other, which on PostgreSQL do
not see each other's rows. It never changes back, so where it says the right kind already, nothing is locked.
"""

from django.db import migrations

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import function, refuse, remove

BOTH = "An item has either answers of annotators or counts without annotators, never both."
REFUSED = f"RAISE EXCEPTION '%', '{BOTH}' USING ERRCODE = 'check_violation'; END IF;"
OF_THE_ITEM = "FROM annotations_item WHERE id = NEW.item_id"
SKIPPED_OR_ANSWERED = "EXISTS (SELECT 1 FROM annotations_annotation WHERE item_id = NEW.item_id)"

# A skip is no label and leaves the column as it is; the lock makes a count that comes meanwhile wait and see it.
ANSWERS = f"""
IF EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'annotations') THEN RETURN NEW; END IF;
IF NEW.gives_labels THEN
  UPDATE annotations_item SET evidence = 'annotations' WHERE id = NEW.item_id AND evidence <> 'counts';
ELSE
  PERFORM 1 {OF_THE_ITEM} AND evidence <> 'counts' FOR NO KEY UPDATE;
END IF;
IF NOT FOUND THEN {REFUSED}
RETURN NEW;
"""
COUNTS = f"""
IF EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'counts') THEN RETURN NEW; END IF;
UPDATE annotations_item SET evidence = 'counts' WHERE id = NEW.item_id AND evidence <> 'annotations';
IF NOT FOUND OR {SKIPPED_OR_ANSWERED} THEN {REFUSED}
RETURN NEW;
"""


def marking(schema_editor, table, refused, kind, labelled):
    """SQLite has one writer at a time: what it sees is all there is."""
    schema_editor.execute(
        f"CREATE TRIGGER {table}_evidence BEFORE INSERT ON {table} BEGIN "
        f"SELECT RAISE(ABORT, '{BOTH}') WHERE {refused}; "
        f"UPDATE annotations_item SET evidence = '{kind}' "
        f"WHERE id = NEW.item_id AND evidence = 'none' AND {labelled}; END"
    )


def forwards(schema_editor):
    refuse(
        schema_editor,
        "annotations_item",
        "evidence_stays",
        "UPDATE OF evidence",
        [("OLD.evidence <> 'none' AND OLD.evidence <> NEW.evidence", BOTH)],
    )
    if schema_editor.connection.vendor == "postgresql":
        function(schema_editor, "annotations_annotation", "evidence", "INSERT", ANSWERS)
        function(schema_editor, "annotations_labelcount", "evidence", "INSERT", COUNTS)
        return
    counted = f"EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'counts')"
    answered = f"EXISTS (SELECT 1 {OF_THE_ITEM} AND evidence = 'annotations') OR {SKIPPED_OR_ANSWERED}"
    marking(schema_editor, "annotations_annotation", counted, "annotations", "NEW.gives_labels")
    marking(schema_editor, "annotations_labelcount", answered, "counts", "TRUE")


def backwards(schema_editor):
    remove(schema_editor, "annotations_item", "evidence_stays")
    remove(schema_editor, "annotations_annotation", "evidence")
    remove(schema_editor, "annotations_labelcount", "evidence")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0003_rows_of_one_study")]
    operations = [Statements(forwards, backwards)]
