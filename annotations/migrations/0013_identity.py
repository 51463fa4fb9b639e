"""Who signs in by an identity provider: issuer and subject."""

from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [("annotations", "0012_spans")]

    operations = aside(
        migrations.AddField(
            model_name="user",
            name="identity",
            field=models.CharField(blank=True, max_length=600, null=True, unique=True),
        ),
    )
