"""What an answer names belongs together: one study, one item, one participant."""

from django.db import migrations

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import refuse, remove

# One table at a time, by its key: a join that was planned while tables were empty reads them whole for every row.


def study_of(table, key):
    return f"(SELECT study_id FROM {table} WHERE id = {key})"


ITEMS_STUDY = study_of("annotations_item", "NEW.item_id")
STRANGER = f"{ITEMS_STUDY} {{differs}} {study_of('annotations_participant', 'NEW.participant_id')}"
IMPORTED_ELSEWHERE = (
    "NEW.import_batch_id IS NOT NULL "
    f"AND {study_of('annotations_import', 'NEW.import_batch_id')} {{differs}} {ITEMS_STUDY}"
)


def of_another(table, key, *columns):
    """The row that `key` names has other values in these columns than the new one."""
    parts = [f"(SELECT {column} FROM {table} WHERE id = NEW.{key}) {{differs}} NEW.{column}" for column in columns]
    return f"NEW.{key} IS NOT NULL AND ({' OR '.join(parts)})"


ANSWER_OF_THE_LABEL = "SELECT 1 FROM annotations_annotation a WHERE a.id = NEW.annotation_id"
ANSWERS_STUDY = study_of(
    "annotations_item", "(SELECT item_id FROM annotations_annotation WHERE id = NEW.annotation_id)"
)
OF_ONE_LABEL = f"(SELECT task FROM annotations_study WHERE id = {ANSWERS_STUDY}) IN ('single', 'ordinal')"
RULES = {
    "annotations_item": [
        (
            "NEW.import_batch_id IS NOT NULL "
            f"AND {study_of('annotations_import', 'NEW.import_batch_id')} {{differs}} NEW.study_id",
            "An item and its import belong to one study.",
        )
    ],
    "annotations_assignment": [
        (STRANGER, "The item and the participant of an assignment belong to one study.")
    ],
    "annotations_annotation": [
        (STRANGER, "The item and the participant of an answer belong to one study."),
        (
            of_another("annotations_assignment", "assignment_id", "item_id", "participant_id"),
            "An answer has the item and the participant of its assignment.",
        ),
        (
            of_another("annotations_annotation", "replaces_id", "item_id", "participant_id"),
            "An answer replaces one of the same participant to the same item.",
        ),
        (
            "NEW.guideline_id IS NOT NULL "
            f"AND {study_of('annotations_guideline', 'NEW.guideline_id')} {{differs}} {ITEMS_STUDY}",
            "An answer and the guideline that was read belong to one study.",
        ),
        (IMPORTED_ELSEWHERE, "An answer and its import belong to one study."),
    ],
    "annotations_annotationlabel": [
        (
            f"{ANSWERS_STUDY} {{differs}} {study_of('annotations_label', 'NEW.label_id')}",
            "An answer and its labels belong to one study.",
        ),
        (f"EXISTS ({ANSWER_OF_THE_LABEL} AND a.skipped)", "A skip has no labels."),
        (
            f"NEW.chosen AND EXISTS ({ANSWER_OF_THE_LABEL} AND NOT a.gives_labels)",
            "An answer that gives no labels has none chosen.",
        ),
        (
            "NEW.chosen AND EXISTS (SELECT 1 FROM annotations_annotationlabel o "
            f"WHERE o.annotation_id = NEW.annotation_id AND o.chosen) AND {OF_ONE_LABEL}",
            "An answer has one label at most in a study of this task.",
        ),
    ],
    "annotations_labelcount": [
        (
            f"{ITEMS_STUDY} {{differs}} {study_of('annotations_label', 'NEW.label_id')}",
            "An item and the labels that are counted belong to one study.",
        ),
        (IMPORTED_ELSEWHERE, "A count and its import belong to one study."),
    ],
}
LOCKING = {
    # Two transactions that add a label to one answer do not see each other's.
    "annotations_annotationlabel": f"IF NEW.chosen AND {OF_ONE_LABEL} THEN "
    f"PERFORM 1 FROM annotations_annotation WHERE id = NEW.annotation_id FOR NO KEY UPDATE; END IF;"
}


def forwards(schema_editor):
    for table, rules in RULES.items():
        refuse(schema_editor, table, "belongs", "INSERT", rules, locking=LOCKING.get(table, ""))


def backwards(schema_editor):
    for table in RULES:
        remove(schema_editor, table, "belongs")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0002_history_stays")]
    operations = [Statements(forwards, backwards)]
