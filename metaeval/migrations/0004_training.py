import uuid

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._rules_0_2_0 import elsewhere
from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, refuse


def make_triggers(schema_editor):
    keep_rows(schema_editor, ["metaeval_training"])
    rule = (elsewhere("annotations_import", "batch_id"), "A training and its import belong to one study.")
    refuse(schema_editor, "metaeval_training", "belongs", "INSERT", [rule])


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0001_release_0_2_0'),
        ('metaeval', '0003_campaigns_against_one_method'),
    ]

    operations = [
        migrations.CreateModel(
            name='Training',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('seed', models.PositiveBigIntegerField()),
                ('parameters', models.JSONField(default=dict)),
                ('code_version', models.CharField(max_length=60)),
                ('data_fingerprint', models.CharField(max_length=64)),
                ('as_of', models.DateTimeField()),
                ('result', models.JSONField()),
                ('undetermined', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trainings', to='annotations.import')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.job')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.study')),
            ],
            options={
                'ordering': ['-pk'],
                'get_latest_by': 'pk',
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='training_of_a_job_once')],
            },
        ),
        Statements(make_triggers),
    ]
