"""Analysis plans: frozen, and one version after another."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, refuse, remove

TABLE = "metaeval_analysisplan"
BEFORE = (
    "NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM metaeval_analysisplan "
    "WHERE campaign_id = NEW.campaign_id AND version = NEW.version - 1)",
    "A version of an analysis plan follows the one before it.",
)


def forwards(schema_editor):
    keep_rows(schema_editor, [TABLE])
    refuse(schema_editor, TABLE, "belongs", "INSERT", [BEFORE])


def backwards(schema_editor):
    for name in ("not_edited", "not_deleted", "belongs"):
        remove(schema_editor, TABLE, name)


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0006_unasked_ties"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="AnalysisPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("version", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("n_judgments_before", models.PositiveIntegerField()),
                ("frozen_at", models.DateTimeField()),
                ("campaign", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="analysis_plans", to="metaeval.campaign")),
                ("frozen_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["version"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "version"), name="analysis_plan_version_once"),
                    models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="analysis_plan_versions_begin_at_1"),
                ],
            },
        ),
        Statements(forwards, backwards),
    ]
