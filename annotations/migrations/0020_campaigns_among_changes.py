"""A campaign that is planned, opened, paused or closed stands among the changes of its study."""

from django.db import migrations, models

from annotations.migrations._remaking import aside

KINDS = ["study", "setting", "label", "guideline", "state", "participant", "invitation", "campaign"]


class Migration(migrations.Migration):
    dependencies = [("annotations", "0019_links_into_one_study")]
    operations = aside(
        migrations.RemoveConstraint(model_name="studychange", name="study_change_is_known"),
        migrations.AlterField(
            model_name="studychange",
            name="what",
            field=models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=12),
        ),
        migrations.AddConstraint(
            model_name="studychange",
            constraint=models.CheckConstraint(condition=models.Q(what__in=KINDS), name="study_change_is_known"),
        ),
    )
