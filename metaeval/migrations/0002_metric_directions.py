"""Corrections of a metric's direction: the metric of stored scores changes with a record of it, and not otherwise."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, refuse, remove

RECORDED = (
    "OLD.higher_is_better <> NEW.higher_is_better "
    "AND EXISTS (SELECT 1 FROM metaeval_metricscore WHERE metric_id = OLD.id) "
    "AND NOT EXISTS (SELECT 1 FROM metaeval_metricdirection WHERE higher_is_better = NEW.higher_is_better "
    "AND id = (SELECT max(id) FROM metaeval_metricdirection WHERE metric_id = OLD.id))",
    "The direction of a metric that has scores changes only with a record of the correction.",
)


def record_directions(schema_editor):
    keep_rows(schema_editor, ["metaeval_metricdirection"])
    remove(schema_editor, "metaeval_metric", "settled")
    refuse(schema_editor, "metaeval_metric", "settled", "UPDATE", [RECORDED])


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0001_release_0_2_0"),
        ("metaeval", "0001_release_0_2_0"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MetricDirection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("higher_is_better", models.BooleanField()),
                ("at", models.DateTimeField(auto_now_add=True)),
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
                (
                    "metric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="directions",
                        to="metaeval.metric",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        Statements(record_directions),
    ]
