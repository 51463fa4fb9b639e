"""A method has one value of a metric in each place; absent keys count as equal."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0005_closed_choices")]

    operations = [
        migrations.AddConstraint(
            model_name="metricscore",
            constraint=models.UniqueConstraint(
                models.F("metric"),
                models.F("method"),
                Coalesce("run", 0),
                Coalesce("item", 0),
                models.F("occurrence"),
                Coalesce("scoring", 0),
                Coalesce("import_batch", 0),
                name="metric_score_once",
            ),
        ),
    ]
