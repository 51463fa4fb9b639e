"""A job leaves one snapshot of a kind, however often it ran."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("annotations", "0003_uploads")]

    operations = [
        migrations.AddConstraint(
            model_name="labelagreement",
            constraint=models.UniqueConstraint(
                fields=["job"], name="labelagreement_of_a_job_once", condition=Q(job__isnull=False)
            ),
        ),
    ]
