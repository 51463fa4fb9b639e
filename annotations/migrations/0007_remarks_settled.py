"""Remarks to those who run a study: an index of them alone, and rows that say which were dealt with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, remove

TABLE = "annotations_settlement"


def forwards(schema_editor):
    keep_rows(schema_editor, [TABLE])


def backwards(schema_editor):
    remove(schema_editor, TABLE, "not_edited")
    remove(schema_editor, TABLE, "not_deleted")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0006_tallies_of_answers")]
    operations = [
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(
                    ("import_batch__isnull", True),
                    models.Q(
                        ("skipped", True),
                        ("facts_insufficient", True),
                        ("guideline_unclear", True),
                        models.Q(("comment", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                fields=["-id"],
                name="annotation_remark",
            ),
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("settled", models.BooleanField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "annotation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="annotations.annotation",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        Statements(forwards, backwards),
    ]
