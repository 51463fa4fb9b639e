"""What a ranking would be under other choices: computed once and kept as it was."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, refuse, remove

TABLE = "metaeval_sensitivity"


def elsewhere(table, key):
    """The row that `key` names is of another study."""
    return f"(SELECT study_id FROM {table} WHERE id = NEW.{key}) {{differs}} NEW.study_id"


RULES = [
    (elsewhere("metaeval_campaign", "campaign_id"), "A sensitivity and its campaign belong to one study."),
    (elsewhere("metaeval_ranking", "ranking_id"), "A sensitivity and its ranking belong to one study."),
]


def forwards(schema_editor):
    keep_rows(schema_editor, [TABLE])
    refuse(schema_editor, TABLE, "belongs", "INSERT", RULES)


def backwards(schema_editor):
    for name in ("not_edited", "not_deleted", "belongs"):
        remove(schema_editor, TABLE, name)


def protected(to, name):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name=name, to=to)


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0009_selections_of_rankings")]
    operations = [
        migrations.CreateModel(
            name="Sensitivity",
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
                ("campaign", protected("metaeval.campaign", "sensitivities")),
                ("ranking", protected("metaeval.ranking", "sensitivities")),
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
                ("study", protected("annotations.study", "%(class)ss")),
            ],
            options={
                "ordering": ["-pk"],
                "get_latest_by": "pk",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("job__isnull", False)), fields=("job",), name="sensitivity_of_a_job_once"
                    )
                ],
            },
        ),
        Statements(forwards, backwards),
    ]
