"""A job leaves one snapshot of a kind, however often it ran."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("annotations", "0004_one_snapshot_per_job"), ("metaeval", "0002_rules")]

    operations = [
        migrations.AddConstraint(
            model_name=name,
            constraint=models.UniqueConstraint(
                fields=["job"], name=f"{name}_of_a_job_once", condition=Q(job__isnull=False)
            ),
        )
        for name in ("metricagreement", "ranking", "scoring")
    ]
