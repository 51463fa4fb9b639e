"""Rankings of a part of a campaign: the methods of one base model, the judges of one group."""

from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [("metaeval", "0008_keys_stay")]
    operations = aside(
        migrations.AddField(
            model_name="ranking",
            name="base_model",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="ranking",
            name="judge_group",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
    )
