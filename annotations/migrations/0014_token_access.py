from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0013_identity'),
    ]

    operations = [
        migrations.AddField(
            model_name='apitoken',
            name='closed_studies',
            field=models.ManyToManyField(blank=True, related_name='+', to='annotations.study'),
        ),
    ]
