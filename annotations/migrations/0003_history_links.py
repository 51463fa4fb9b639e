import django.db.models.deletion
import uuid
from django.db import migrations, models

from annotations.migrations._chains import guard_chains
from annotations.migrations._remaking import aside
from annotations.migrations._statements import Statements


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0002_api_tokens'),
    ]

    operations = [
        *aside(
            migrations.AddField(
                model_name='participant',
                name='chain_head',
                field=models.CharField(blank=True, default='', max_length=64),
            ),
            migrations.AddField(
                model_name='participant',
                name='chain_length',
                field=models.PositiveBigIntegerField(default=0),
            ),
            migrations.AddField(
                model_name='study',
                name='chain_head',
                field=models.CharField(blank=True, default='', max_length=64),
            ),
            migrations.AddField(
                model_name='study',
                name='chain_length',
                field=models.PositiveBigIntegerField(default=0),
            ),
        ),
        migrations.CreateModel(
            name='HistoryLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField()),
                ('what', models.CharField(max_length=30)),
                ('row', models.PositiveBigIntegerField(blank=True, null=True)),
                ('salt', models.UUIDField(blank=True, default=uuid.uuid4, null=True)),
                ('digest', models.CharField(max_length=64)),
                ('mac', models.CharField(max_length=64)),
                ('heads', models.JSONField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('participant', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.participant')),
                ('study', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.study')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['what', 'row'], name='history_link_of_row')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('participant__isnull', False)), fields=('participant', 'number'), name='history_link_of_participant_once'), models.UniqueConstraint(condition=models.Q(('participant__isnull', True)), fields=('study', 'number'), name='history_link_of_study_once')],
            },
        ),
        Statements(guard_chains),
    ]
