"""Files that belong to one import are kept beside the one that gives its rows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotations", "0020_campaigns_among_changes")]
    operations = [
        migrations.AddField(
            model_name="upload",
            name="beside",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="companions",
                to="annotations.upload",
            ),
        ),
    ]
