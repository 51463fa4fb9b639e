"""Keys never change: with two keys exchanged, judgments would be of other methods."""

from django.db import migrations

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import refuse, remove

TABLES = [
    "metaeval_automaticjudge",
    "metaeval_campaign",
    "metaeval_comparison",
    "metaeval_exposure",
    "metaeval_method",
    "metaeval_metric",
    "metaeval_run",
]
# A text that joins an item that was shown, or is moved to one, changes what was judged. Items that imported judgments
# name may come without a text, which a file of items gives them later.
SHOWN = (
    "EXISTS (SELECT 1 FROM metaeval_comparison c WHERE c.item_id = NEW.item_id "
    "AND EXISTS (SELECT 1 FROM metaeval_exposure WHERE comparison_id = c.id))",
    "The text of an item that is judged never changes.",
)
# Which way a metric grows, once it has scores.
SETTLED = {
    "metaeval_metric": (
        "OLD.higher_is_better <> NEW.higher_is_better "
        "AND EXISTS (SELECT 1 FROM metaeval_metricscore WHERE metric_id = OLD.id)",
        "The direction of a metric that has scores never changes.",
    ),
}


def forwards(schema_editor):
    for table in TABLES:
        # Of any column: SQLite knows the key by other names too.
        refuse(schema_editor, table, "key_stays", "UPDATE", [("OLD.id <> NEW.id", f"A key of {table} never changes.")])
    for table, rule in SETTLED.items():
        refuse(schema_editor, table, "settled", "UPDATE", [rule])
    for name, event in (("not_added", "INSERT"), ("not_moved", "UPDATE OF item_id")):
        refuse(schema_editor, "annotations_itemtext", f"judged_{name}", event, [SHOWN])


def backwards(schema_editor):
    for table in TABLES:
        remove(schema_editor, table, "key_stays")
    for table in SETTLED:
        remove(schema_editor, table, "settled")
    for name in ("not_added", "not_moved"):
        remove(schema_editor, "annotations_itemtext", f"judged_{name}")


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0007_analysis_plans"), ("annotations", "0015_keys_stay")]
    operations = [Statements(forwards, backwards)]
