"""Keys never change: with two keys exchanged, answers would name another label, text or person."""

from django.db import migrations

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import refuse, remove

TABLES = [
    "annotations_assignment",
    "annotations_guideline",
    "annotations_import",
    "annotations_item",
    "annotations_label",
    "annotations_participant",
    "annotations_study",
    "annotations_user",
]
# A text that joins a labelled item, or is moved to one, changes what was labelled.
LABELLED = (
    "EXISTS (SELECT 1 FROM annotations_annotation WHERE item_id = NEW.item_id) "
    "OR EXISTS (SELECT 1 FROM annotations_labelcount WHERE item_id = NEW.item_id)",
    "The text of an item that is labelled never changes.",
)


def forwards(schema_editor):
    for table in TABLES:
        # Of any column: SQLite knows the key by other names too.
        refuse(schema_editor, table, "key_stays", "UPDATE", [("OLD.id <> NEW.id", f"A key of {table} never changes.")])
    for name, event in (("not_added", "INSERT"), ("not_moved", "UPDATE OF item_id")):
        refuse(schema_editor, "annotations_itemtext", f"labelled_{name}", event, [LABELLED])


def backwards(schema_editor):
    for table in TABLES:
        remove(schema_editor, table, "key_stays")
    for name in ("not_added", "not_moved"):
        remove(schema_editor, "annotations_itemtext", f"labelled_{name}")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0014_drafts")]
    operations = [Statements(forwards, backwards)]
