"""What was changed of a study, by whom and when: rows that stay."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, remove

TABLE = "annotations_studychange"
KINDS = ["study", "setting", "label", "guideline", "state", "participant", "invitation"]


def forwards(schema_editor):
    keep_rows(schema_editor, [TABLE])


def backwards(schema_editor):
    remove(schema_editor, TABLE, "not_edited")
    remove(schema_editor, TABLE, "not_deleted")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0011_invitations")]
    operations = [
        migrations.CreateModel(
            name="StudyChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="annotations.study",
                    ),
                ),
                ("what", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=12)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("before", models.TextField(blank=True)),
                ("after", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("what__in", KINDS)), name="study_change_is_known")
                ],
            },
        ),
        Statements(forwards, backwards),
    ]
