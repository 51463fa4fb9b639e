"""What each person gave in each hour, counted by the database as answers come: watching never reads the answers."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._statements import Statements

TALLY = "annotations_answertally"
COUNTED = {
    "n_answers": "CASE WHEN {row}.replaces_id IS NULL AND NOT {row}.skipped THEN 1 ELSE 0 END",
    "n_skips": "CASE WHEN {row}.replaces_id IS NULL AND {row}.skipped THEN 1 ELSE 0 END",
    "n_revisions": "CASE WHEN {row}.replaces_id IS NULL THEN 0 ELSE 1 END",
    "active_ms": "COALESCE({row}.active_ms, 0)",
}
COLUMNS = ", ".join(COUNTED)


def hour_of(schema_editor, row):
    if schema_editor.connection.vendor == "postgresql":
        return f"date_trunc('hour', {row}.submitted_at, 'UTC')"
    # As Django writes moments: "2026-10-12 09:31:07.25", in UTC.
    return f"substr({row}.submitted_at, 1, 13) || ':00:00'"


def tally_each_answer(schema_editor):
    """After a row is there: one that is refused, or passed over as known, is not counted."""
    values = ", ".join(part.format(row="NEW") for part in COUNTED.values())
    added = ", ".join(f"{column} = {TALLY}.{column} + excluded.{column}" for column in COUNTED)
    add = (
        f"INSERT INTO {TALLY} (participant_id, hour, {COLUMNS}) "
        f"VALUES (NEW.participant_id, {hour_of(schema_editor, 'NEW')}, {values}) "
        f"ON CONFLICT (participant_id, hour) DO UPDATE SET {added};"
    )
    trigger = "CREATE TRIGGER annotations_annotation_tallied AFTER INSERT ON annotations_annotation"
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION annotations_annotation_tallied() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {add} RETURN NULL; END $$",
            params=None,
        )
        schema_editor.execute(
            f"{trigger} FOR EACH ROW WHEN (NEW.import_batch_id IS NULL) "
            "EXECUTE FUNCTION annotations_annotation_tallied()",
            params=None,
        )
    else:
        schema_editor.execute(
            f"{trigger} WHEN NEW.import_batch_id IS NULL BEGIN {add} END", params=None
        )


def tally_what_is_there(schema_editor):
    sums = ", ".join(f"SUM({part.format(row='a')})" for part in COUNTED.values())
    schema_editor.execute(
        f"INSERT INTO {TALLY} (participant_id, hour, {COLUMNS}) "
        f"SELECT a.participant_id, {hour_of(schema_editor, 'a')}, {sums} FROM annotations_annotation a "
        "WHERE a.import_batch_id IS NULL GROUP BY 1, 2",
        params=None,
    )


def forwards(schema_editor):
    tally_each_answer(schema_editor)
    tally_what_is_there(schema_editor)


def backwards(schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER annotations_annotation_tallied ON annotations_annotation")
        schema_editor.execute("DROP FUNCTION annotations_annotation_tallied()")
    else:
        schema_editor.execute("DROP TRIGGER annotations_annotation_tallied")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0005_assignment_of_a_study")]
    operations = [
        migrations.CreateModel(
            name="AnswerTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("n_answers", models.PositiveIntegerField(default=0)),
                ("n_skips", models.PositiveIntegerField(default=0)),
                ("n_revisions", models.PositiveIntegerField(default=0)),
                ("active_ms", models.PositiveBigIntegerField(default=0)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="annotations.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("participant", "hour"), name="answer_tally_once")
                ],
            },
        ),
        Statements(forwards, backwards),
    ]
