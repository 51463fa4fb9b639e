from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [("annotations", "0007_draft_choices")]

    operations = aside(
        migrations.AddField(
            model_name="study",
            name="language",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
    )
