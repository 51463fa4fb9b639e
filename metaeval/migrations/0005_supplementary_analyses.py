"""Agreement per text, numbers of annotators and noise ceilings become snapshots with figures."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from annotations.migrations._remaking import aside
from annotations.migrations._rules_0_2_0 import elsewhere
from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, refuse

TABLE = "metaeval_supplementaryanalysis"
BELONGS = [
    (elsewhere(table, key), f"A supplementary analysis and its {called} belong to one study.")
    for key, table, called in (
        ("campaign_id", "metaeval_campaign", "campaign"),
        ("against_id", "metaeval_metric", "human score"),
    )
]


def make_triggers(schema_editor):
    keep_rows(schema_editor, [TABLE])
    refuse(schema_editor, TABLE, "belongs", "INSERT", BELONGS)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0001_release_0_2_0'),
        ('metaeval', '0004_training'),
    ]

    operations = [
        *aside(
            migrations.CreateModel(
                name='SupplementaryAnalysis',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.study')),
                    ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.job')),
                    ('seed', models.PositiveBigIntegerField()),
                    ('parameters', models.JSONField(default=dict)),
                    ('code_version', models.CharField(max_length=60)),
                    ('data_fingerprint', models.CharField(max_length=64)),
                    ('as_of', models.DateTimeField()),
                    ('result', models.JSONField()),
                    ('undetermined', models.TextField(blank=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('kind', models.CharField(choices=[('segment-agreement', 'Agreement per text'), ('annotator-numbers', 'Number of annotators'), ('noise-ceiling', 'Noise ceiling')], max_length=30)),
                    ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supplementary_analyses', to='metaeval.campaign')),
                    ('against', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metaeval.metric')),
                ],
                options={
                    'ordering': ['-pk'],
                    'get_latest_by': 'pk',
                    'abstract': False,
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='supplementaryanalysis_of_a_job_once'),
                        models.CheckConstraint(condition=models.Q(models.Q(('against__isnull', False), ('campaign__isnull', True), ('kind', 'segment-agreement')), models.Q(('against__isnull', True), ('campaign__isnull', True), ('kind', 'annotator-numbers')), models.Q(('against__isnull', True), ('campaign__isnull', False), ('kind', 'noise-ceiling')), _connector='OR'), name='supplementary_analysis_has_its_subject'),
                    ],
                },
            ),
            migrations.RemoveConstraint(model_name='figure', name='figure_of_one_snapshot'),
            migrations.AddField(
                model_name='figure',
                name='supplementary_analysis',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='metaeval.supplementaryanalysis'),
            ),
            migrations.AddConstraint(
                model_name='figure',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('metric_agreement__isnull', True), ('ranking__isnull', False), ('supplementary_analysis__isnull', True)), models.Q(('metric_agreement__isnull', False), ('ranking__isnull', True), ('supplementary_analysis__isnull', True)), models.Q(('metric_agreement__isnull', True), ('ranking__isnull', True), ('supplementary_analysis__isnull', False)), _connector='OR'), name='figure_of_one_snapshot'),
            ),
            migrations.AddConstraint(
                model_name='figure',
                constraint=models.UniqueConstraint(condition=models.Q(('supplementary_analysis__isnull', False)), fields=('supplementary_analysis', 'name', 'theme', 'media_type'), name='figure_of_supplementary_analysis_once'),
            ),
        ),
        Statements(make_triggers),
    ]
