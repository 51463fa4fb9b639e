"""Orders of texts by disagreement, kept as they were computed."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, remove

TABLES = ["metaeval_textreport", "metaeval_textorder"]


def forwards(schema_editor):
    keep_rows(schema_editor, TABLES)


def backwards(schema_editor):
    for table in TABLES:
        remove(schema_editor, table, "not_edited")
        remove(schema_editor, table, "not_deleted")


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0016_remarks_by_study'),
        ('metaeval', '0010_sensitivities'),
    ]

    operations = [
        migrations.CreateModel(
            name='TextReport',
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
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.job')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.study')),
            ],
            options={
                'ordering': ['-pk'],
                'get_latest_by': 'pk',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TextOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=700)),
                ('n_texts', models.PositiveIntegerField()),
                ('texts', models.JSONField()),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='metaeval.textreport')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='textreport',
            constraint=models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='textreport_of_a_job_once'),
        ),
        migrations.AddConstraint(
            model_name='textorder',
            constraint=models.UniqueConstraint(fields=('report', 'name'), name='text_order_once'),
        ),
        Statements(forwards, backwards),
    ]
