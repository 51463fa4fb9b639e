"""Answers, counts, guidelines and what they rest on stay as they were, on both databases."""

from django.db import migrations

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_columns, keep_rows, refuse, remove

APPEND_ONLY = [
    "annotations_annotation",
    "annotations_annotationlabel",
    "annotations_importreversal",
    "annotations_labelagreement",
    "annotations_labelcount",
]
UNCHANGING = {
    # One label only, or several: the answers that are there were given under it.
    "annotations_study": {"slug": "slug of a study", "uuid": "UUID of a study", "task": "task of a study"},
    "annotations_label": {
        "key": "key of a label",
        "position": "position of a label",
        "study_id": "study of a label",
    },
    "annotations_item": {"key": "key of an item", "uuid": "UUID of an item", "study_id": "study of an item"},
    # Who somebody is: every answer and judgment of theirs rests on it.
    "annotations_participant": {
        "study_id": "study of a participant",
        "user_id": "person of a participant",
        "role": "role of a participant",
        "source": "source of a participant",
    },
    "annotations_import": {"study_id": "study of an import"},
    "annotations_assignment": {
        "item_id": "item of an assignment",
        "participant_id": "participant of an assignment",
    },
    "annotations_guideline": {
        "study_id": "study of a guideline",
        "version": "version number of a guideline",
        "text": "text of a guideline",
    },
}
LABELLED = (
    "EXISTS (SELECT 1 FROM annotations_annotation WHERE item_id = OLD.item_id) "
    "OR EXISTS (SELECT 1 FROM annotations_labelcount WHERE item_id = OLD.item_id)",
    "The text of an item that is labelled never changes.",
)


def forwards(schema_editor):
    keep_rows(schema_editor, APPEND_ONLY)
    keep_columns(schema_editor, UNCHANGING)
    refuse(
        schema_editor,
        "annotations_guideline",
        "not_deleted",
        "DELETE",
        [("TRUE", "A guideline that was published is never deleted.")],
    )
    for name, event in (("not_edited", "UPDATE"), ("not_deleted", "DELETE")):
        refuse(schema_editor, "annotations_itemtext", f"labelled_{name}", event, [LABELLED])


def backwards(schema_editor):
    for table in APPEND_ONLY:
        remove(schema_editor, table, "not_edited")
        remove(schema_editor, table, "not_deleted")
    for table in UNCHANGING:
        remove(schema_editor, table, "stays")
    remove(schema_editor, "annotations_guideline", "not_deleted")
    remove(schema_editor, "annotations_itemtext", "labelled_not_edited")
    remove(schema_editor, "annotations_itemtext", "labelled_not_deleted")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0001_initial")]
    operations = [Statements(forwards, backwards)]
