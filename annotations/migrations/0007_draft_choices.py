from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0006_label_group'),
    ]

    operations = [
        *aside(
            migrations.AddField(
                model_name='draft',
                name='choices',
                field=models.JSONField(blank=True, null=True),
            ),
            migrations.RemoveConstraint(model_name='draft', name='draft_says_something'),
            migrations.AddConstraint(
                model_name='draft',
                constraint=models.CheckConstraint(condition=models.Q(('choices__isnull', True), ('comment', ''), ('reason', ''), _negated=True), name='draft_says_something'),
            ),
        ),
    ]
