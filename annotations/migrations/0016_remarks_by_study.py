"""Remarks stand in a table of their own, added by a trigger: an index of the answers was passed over by planners."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, remove

TABLE = "annotations_remark"
IS_REMARK = (
    "{row}.import_batch_id IS NULL AND "
    "({row}.skipped OR {row}.facts_insufficient OR {row}.guideline_unclear OR {row}.comment <> '')"
)
STUDY = "(SELECT study_id FROM annotations_item WHERE id = {row}.item_id)"


def note_each_remark(schema_editor):
    add = f"INSERT INTO {TABLE} (annotation_id, study_id) VALUES (NEW.id, {STUDY.format(row='NEW')});"
    trigger = "CREATE TRIGGER annotations_annotation_remarked AFTER INSERT ON annotations_annotation"
    condition = IS_REMARK.format(row="NEW")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION annotations_annotation_remarked() RETURNS trigger LANGUAGE plpgsql "
            f"SET enable_seqscan = off AS $$ BEGIN {add} RETURN NULL; END $$",
            params=None,
        )
        schema_editor.execute(
            f"{trigger} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION annotations_annotation_remarked()",
            params=None,
        )
    else:
        schema_editor.execute(f"{trigger} WHEN {condition} BEGIN {add} END", params=None)


def note_what_is_there(schema_editor):
    schema_editor.execute(
        f"INSERT INTO {TABLE} (annotation_id, study_id) "
        f"SELECT a.id, {STUDY.format(row='a')} FROM annotations_annotation a "
        f"WHERE {IS_REMARK.format(row='a')} ORDER BY a.id",
        params=None,
    )


def forwards(schema_editor):
    note_each_remark(schema_editor)
    note_what_is_there(schema_editor)
    keep_rows(schema_editor, [TABLE])


def backwards(schema_editor):
    remove(schema_editor, TABLE, "not_edited")
    remove(schema_editor, TABLE, "not_deleted")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER annotations_annotation_remarked ON annotations_annotation")
        schema_editor.execute("DROP FUNCTION annotations_annotation_remarked()")
    else:
        schema_editor.execute("DROP TRIGGER annotations_annotation_remarked")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0015_keys_stay")]
    operations = [
        migrations.RemoveIndex(model_name="annotation", name="annotation_remark"),
        migrations.CreateModel(
            name="Remark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "annotation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remark",
                        to="annotations.annotation",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="annotations.study",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["study", "-id"], name="remark_of_study")],
            },
        ),
        Statements(forwards, backwards),
    ]
