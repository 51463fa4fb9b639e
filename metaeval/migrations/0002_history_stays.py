"""Outputs, what judges were shown, judgments and snapshots stay as they were, on both databases."""

from django.db import migrations

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_columns, keep_rows, refuse, remove

APPEND_ONLY = [
    "metaeval_output",
    "metaeval_judgment",
    "metaeval_ranking",
    "metaeval_metricagreement",
    "metaeval_judgereport",
    "metaeval_scoring",
    "metaeval_metricscore",
    "metaeval_figure",
]
UNCHANGING = {
    "metaeval_method": {"study_id": "study of a method"},
    "metaeval_run": {"method_id": "method of a run"},
    "metaeval_campaign": {"study_id": "study of a campaign"},
    "metaeval_automaticjudge": {"study_id": "study of an automatic judge"},
    "metaeval_metric": {"study_id": "study of a metric"},
    "metaeval_comparison": {
        "campaign_id": "campaign of a comparison",
        "item_id": "item of a comparison",
        "low_id": "first method of a comparison",
        "high_id": "second method of a comparison",
    },
    "metaeval_exposure": {
        "uuid": "UUID of an exposure",
        "comparison_id": "comparison of an exposure",
        "participant_id": "participant of an exposure",
        "low_is_left": "side of an exposure",
        "sequence": "place of an exposure",
        "repeats_id": "repeated exposure of an exposure",
        "left_hash": "left side of an exposure",
        "right_hash": "right side of an exposure",
    },
}
JUDGED = (
    "EXISTS (SELECT 1 FROM metaeval_comparison c WHERE c.item_id = OLD.item_id "
    "AND EXISTS (SELECT 1 FROM metaeval_judgment WHERE comparison_id = c.id))",
    "The text of an item that is judged never changes.",
)


def forwards(schema_editor):
    keep_rows(schema_editor, APPEND_ONLY)
    keep_columns(schema_editor, UNCHANGING)
    # The table is of annotations, which knows nobody: what metaeval asks of it stands here.
    for name, event in (("not_edited", "UPDATE"), ("not_deleted", "DELETE")):
        refuse(schema_editor, "annotations_itemtext", f"judged_{name}", event, [JUDGED])


def backwards(schema_editor):
    for table in APPEND_ONLY:
        remove(schema_editor, table, "not_edited")
        remove(schema_editor, table, "not_deleted")
    for table in UNCHANGING:
        remove(schema_editor, table, "stays")
    remove(schema_editor, "annotations_itemtext", "judged_not_edited")
    remove(schema_editor, "annotations_itemtext", "judged_not_deleted")


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0001_initial"), ("annotations", "0004_one_kind_of_evidence")]
    operations = [Statements(forwards, backwards)]
