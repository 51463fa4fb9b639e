"""The reason of a judgment can be removed."""

from django.db import migrations

from annotations.migrations._erasure import let_text_go
from annotations.migrations._statements import Statements

COLUMNS = (
    *("id", "uuid", "client_key", "exposure_id", "comparison_id", "participant_id", "automatic_judge_id", "verdict"),
    *("low_is_left", "confidence", "replaces_id", "root_id", "surplus", "submitted_at", "received_at", "active_ms"),
    *("import_batch_id", "row_key", "metadata"),
)


def let_reasons_go(schema_editor):
    let_text_go(schema_editor, "metaeval_judgment", COLUMNS, ("reason", "payload_hash"))


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0010_erasure"),
        ("metaeval", "0006_results_seen"),
    ]

    operations = [Statements(let_reasons_go)]
