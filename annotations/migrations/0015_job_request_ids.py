"""The request that asked for a job."""

from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [("annotations", "0014_token_access")]

    operations = aside(
        migrations.AddField(
            model_name="job",
            name="request_id",
            field=models.CharField(blank=True, max_length=64),
        ),
    )
