"""What an answer names belongs together: one study, one item, one participant."""

from django.db import migrations

from annotations.migrations._triggers import refuse, remove

IMPORTED_ELSEWHERE = (
    "NEW.import_batch_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotations_import b "
    "JOIN annotations_item i ON i.study_id = b.study_id WHERE b.id = NEW.import_batch_id AND i.id = NEW.item_id)"
)
STRANGER = (
    "NOT EXISTS (SELECT 1 FROM annotations_item i JOIN annotations_participant p ON p.study_id = i.study_id "
    "WHERE i.id = NEW.item_id AND p.id = NEW.participant_id)"
)
ANSWER_OF_THE_LABEL = "SELECT 1 FROM annotations_annotation a WHERE a.id = NEW.annotation_id"
OF_ONE_LABEL = (
    "FROM annotations_annotation a JOIN annotations_item i ON i.id = a.item_id "
    "JOIN annotations_study s ON s.id = i.study_id "
    "WHERE a.id = NEW.annotation_id AND s.task IN ('single', 'ordinal')"
)
RULES = {
    "annotations_item": [
        (
            "NEW.import_batch_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotations_import b "
            "WHERE b.id = NEW.import_batch_id AND b.study_id = NEW.study_id)",
            "An item and its import belong to one study.",
        )
    ],
    "annotations_assignment": [
        (STRANGER, "The item and the participant of an assignment belong to one study.")
    ],
    "annotations_annotation": [
        (STRANGER, "The item and the participant of an answer belong to one study."),
        (
            "NEW.assignment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotations_assignment s "
            "WHERE s.id = NEW.assignment_id AND s.item_id = NEW.item_id "
            "AND s.participant_id = NEW.participant_id)",
            "An answer has the item and the participant of its assignment.",
        ),
        (
            "NEW.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotations_annotation r "
            "WHERE r.id = NEW.replaces_id AND r.item_id = NEW.item_id "
            "AND r.participant_id = NEW.participant_id)",
            "An answer replaces one of the same participant to the same item.",
        ),
        (
            "NEW.guideline_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotations_guideline g "
            "JOIN annotations_item i ON i.study_id = g.study_id "
            "WHERE g.id = NEW.guideline_id AND i.id = NEW.item_id)",
            "An answer and the guideline that was read belong to one study.",
        ),
        (IMPORTED_ELSEWHERE, "An answer and its import belong to one study."),
    ],
    "annotations_annotationlabel": [
        (
            "NOT EXISTS (SELECT 1 FROM annotations_annotation a JOIN annotations_item i ON i.id = a.item_id "
            "JOIN annotations_label l ON l.study_id = i.study_id "
            "WHERE a.id = NEW.annotation_id AND l.id = NEW.label_id)",
            "An answer and its labels belong to one study.",
        ),
        (f"EXISTS ({ANSWER_OF_THE_LABEL} AND a.skipped)", "A skip has no labels."),
        (
            f"NEW.chosen AND EXISTS ({ANSWER_OF_THE_LABEL} AND NOT a.gives_labels)",
            "An answer that gives no labels has none chosen.",
        ),
        (
            "NEW.chosen AND EXISTS (SELECT 1 FROM annotations_annotationlabel o "
            f"WHERE o.annotation_id = NEW.annotation_id AND o.chosen) AND EXISTS (SELECT 1 {OF_ONE_LABEL})",
            "An answer has one label at most in a study of this task.",
        ),
    ],
    "annotations_labelcount": [
        (
            "NOT EXISTS (SELECT 1 FROM annotations_item i JOIN annotations_label l ON l.study_id = i.study_id "
            "WHERE i.id = NEW.item_id AND l.id = NEW.label_id)",
            "An item and the labels that are counted belong to one study.",
        ),
        (IMPORTED_ELSEWHERE, "A count and its import belong to one study."),
    ],
}
LOCKING = {
    # Two transactions that add a label to one answer do not see each other's.
    "annotations_annotationlabel": f"IF NEW.chosen THEN PERFORM 1 {OF_ONE_LABEL} FOR NO KEY UPDATE OF a; END IF;"
}


def forwards(apps, schema_editor):
    for table, rules in RULES.items():
        refuse(schema_editor, table, "belongs", "INSERT", rules, locking=LOCKING.get(table, ""))


def backwards(apps, schema_editor):
    for table in RULES:
        remove(schema_editor, table, "belongs")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0008_history_stays")]
    operations = [migrations.RunPython(forwards, backwards)]
