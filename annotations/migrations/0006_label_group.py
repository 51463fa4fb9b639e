from django.db import migrations, models

from annotations.migrations._remaking import aside


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0005_sessions'),
    ]

    operations = [
        *aside(
            migrations.AddField(
                model_name='label',
                name='group',
                field=models.CharField(blank=True, default='', max_length=100),
            ),
        ),
    ]
