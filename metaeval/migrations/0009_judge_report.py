"""Reports on the judges of a campaign: history as the other snapshots are, and of one study with their campaign."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._triggers import keep_rows, refuse, remove

TABLE = "metaeval_judgereport"
OF_ONE_STUDY = (
    "NOT EXISTS (SELECT 1 FROM metaeval_campaign x WHERE x.id = NEW.campaign_id AND x.study_id = NEW.study_id)",
    "A report on judges and its campaign belong to one study.",
)


def forwards(apps, schema_editor):
    keep_rows(schema_editor, [TABLE])
    refuse(schema_editor, TABLE, "belongs", "INSERT", [OF_ONE_STUDY])


def backwards(apps, schema_editor):
    for name in ("not_edited", "not_deleted", "belongs"):
        remove(schema_editor, TABLE, name)


class Migration(migrations.Migration):
    dependencies = [("annotations", "0010_one_kind_of_evidence"), ("metaeval", "0008_rows_of_one_study")]

    operations = [
        migrations.CreateModel(
            name="JudgeReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("seed", models.PositiveBigIntegerField()),
                ("parameters", models.JSONField(default=dict)),
                ("code_version", models.CharField(max_length=60)),
                ("data_fingerprint", models.CharField(max_length=64)),
                ("as_of", models.DateTimeField()),
                ("result", models.JSONField()),
                ("undetermined", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="judge_reports",
                        to="metaeval.campaign",
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
                        condition=models.Q(("job__isnull", False)),
                        fields=("job",),
                        name="judgereport_of_a_job_once",
                    )
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
