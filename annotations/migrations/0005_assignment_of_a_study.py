"""How the answers wanted are spread: over texts first, or evenly over the groups of annotators too."""

from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):
    dependencies = [("annotations", "0004_one_kind_of_evidence")]
    operations = aside(
        migrations.AddField(
            model_name="study",
            name="assignment",
            field=models.CharField(
                choices=[
                    ("breadth", "texts with the fewest answers first"),
                    ("groups", "balanced by group"),
                ],
                default="breadth",
                max_length=7,
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.CheckConstraint(
                condition=models.Q(("assignment__in", ["breadth", "groups"])),
                name="study_assignment_is_known",
            ),
        ),
    )
