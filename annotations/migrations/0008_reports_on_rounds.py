"""Reports on rounds of annotating, with their figures: computed once and kept as they were."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, remove

TABLES = ["annotations_roundreport", "annotations_roundfigure"]


def forwards(schema_editor):
    keep_rows(schema_editor, TABLES)


def backwards(schema_editor):
    for table in TABLES:
        remove(schema_editor, table, "not_edited")
        remove(schema_editor, table, "not_deleted")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0007_remarks_settled")]
    operations = [
        migrations.CreateModel(
            name="RoundReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("seed", models.PositiveBigIntegerField()),
                ("parameters", models.JSONField(default=dict)),
                ("code_version", models.CharField(max_length=60)),
                ("data_fingerprint", models.CharField(max_length=64)),
                ("as_of", models.DateTimeField()),
                ("result", models.JSONField()),
                ("undetermined", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("texts", models.JSONField(default=dict)),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="annotations.labelagreement",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="annotations.job",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="annotations.study",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "get_latest_by": "pk",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("job__isnull", False)), fields=("job",), name="roundreport_of_a_job_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("theme", models.CharField(default="light", max_length=5)),
                ("media_type", models.CharField(max_length=40)),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="annotations.roundreport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "name", "theme", "media_type"), name="round_figure_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("theme__in", ["light", "dark"])), name="round_figure_theme_is_known"
                    ),
                ],
            },
        ),
        Statements(forwards, backwards),
    ]
