"""The tables of methods, campaigns, judgments, scores and snapshots."""

import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('annotations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AutomaticJudge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='automatic_judges', to='annotations.study')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('study', 'name'), name='automatic_judge_once')],
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('question', models.CharField(blank=True, max_length=300)),
                ('state', models.CharField(choices=[('open', 'open'), ('paused', 'paused'), ('closed', 'closed')], default='open', max_length=6)),
                ('seed', models.PositiveBigIntegerField(default=0)),
                ('threshold', models.FloatField(default=0.05)),
                ('judges_per_comparison', models.PositiveSmallIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='annotations.study')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('study', 'name'), name='campaign_name_once'), models.CheckConstraint(condition=models.Q(('threshold__gte', 0), ('threshold__lte', 1)), name='campaign_threshold_is_a_share'), models.CheckConstraint(condition=models.Q(('judges_per_comparison__gte', 1)), name='campaign_wants_a_judge'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'paused', 'closed'])), name='campaign_state_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mode', models.CharField(choices=[('designed', 'planned by design'), ('imported', 'imported')], max_length=10)),
                ('position', models.PositiveIntegerField(default=0)),
                ('seats_taken', models.PositiveIntegerField(default=0)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='metaeval.campaign')),
                ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='annotations.item')),
            ],
            options={
                'indexes': [models.Index(fields=['campaign', 'seats_taken', 'position'], name='comparison_next')],
                'constraints': [models.CheckConstraint(condition=models.Q(('mode__in', ['designed', 'imported'])), name='comparison_mode_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Exposure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('low_is_left', models.BooleanField()),
                ('sequence', models.PositiveIntegerField()),
                ('left_hash', models.CharField(max_length=64)),
                ('right_hash', models.CharField(max_length=64)),
                ('shown_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField()),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exposures', to='metaeval.comparison')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exposures', to='annotations.participant')),
                ('repeats', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeated_by', to='metaeval.exposure')),
            ],
            options={
                'indexes': [models.Index(fields=['participant', 'done_at', 'returned_at'], name='exposure_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('repeats__isnull', True)), fields=('comparison', 'participant'), name='exposure_once'), models.CheckConstraint(condition=models.Q(('sequence__gte', 1)), name='exposure_sequence_begins_at_1'), models.CheckConstraint(condition=models.Q(('repeats', models.F('id')), _negated=True), name='exposure_repeats_another')],
            },
        ),
        migrations.CreateModel(
            name='JudgeReport',
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
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judge_reports', to='metaeval.campaign')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.job')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.study')),
            ],
            options={
                'ordering': ['-pk'],
                'get_latest_by': 'pk',
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='judgereport_of_a_job_once')],
            },
        ),
        migrations.CreateModel(
            name='Judgment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('client_key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('payload_hash', models.CharField(blank=True, max_length=64)),
                ('verdict', models.CharField(choices=[('left', 'A better'), ('right', 'B better'), ('both', 'both good'), ('neither', 'neither good'), ('cannot', 'cannot judge'), ('tie', 'tie')], max_length=8)),
                ('low_is_left', models.BooleanField()),
                ('confidence', models.FloatField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('surplus', models.BooleanField(default=False)),
                ('submitted_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(auto_now_add=True)),
                ('active_ms', models.PositiveBigIntegerField(blank=True, null=True)),
                ('row_key', models.CharField(blank=True, max_length=64)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('automatic_judge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='metaeval.automaticjudge')),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='metaeval.comparison')),
                ('exposure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='metaeval.exposure')),
                ('import_batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='annotations.import')),
                ('participant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='annotations.participant')),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='metaeval.judgment')),
                ('root', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='metaeval.judgment')),
            ],
            options={
                'indexes': [models.Index(fields=['participant', '-submitted_at'], name='judgment_mine'), models.Index(fields=['import_batch', 'row_key'], name='judgment_row')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaces__isnull', True)), fields=('exposure',), name='judgment_one_root'), models.CheckConstraint(condition=models.Q(('replaces', models.F('id')), _negated=True), name='judgment_replaces_another'), models.CheckConstraint(condition=models.Q(models.Q(('replaces__isnull', True), ('root__isnull', True)), models.Q(('replaces__isnull', False), ('root__isnull', False)), _connector='OR'), name='judgment_revision_names_its_root'), models.CheckConstraint(condition=models.Q(('verdict__in', ['left', 'right', 'both', 'neither', 'cannot', 'tie'])), name='judgment_verdict_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('exposure__isnull', False), ('import_batch__isnull', True), ('participant__isnull', False)), models.Q(('exposure__isnull', True), ('import_batch__isnull', False)), _connector='OR'), name='judgment_was_shown_or_imported'), models.CheckConstraint(condition=models.Q(models.Q(('verdict', 'tie'), _negated=True), ('import_batch__isnull', False), _connector='OR'), name='judgment_tie_of_unknown_kind_is_imported'), models.CheckConstraint(condition=models.Q(('participant__isnull', True), ('automatic_judge__isnull', True), _connector='OR'), name='judgment_by_a_person_or_a_program'), models.CheckConstraint(condition=models.Q(('confidence__isnull', True), models.Q(('confidence__gte', 0), ('confidence__lte', 1)), _connector='OR'), name='judgment_confidence_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='Method',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=300)),
                ('base_model', models.CharField(blank=True, max_length=200)),
                ('position', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='methods', to='annotations.study')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('study', 'base_model', 'name'), name='method_name_once'), models.UniqueConstraint(fields=('study', 'position'), name='method_position_once')],
            },
        ),
        migrations.AddField(
            model_name='comparison',
            name='high',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metaeval.method'),
        ),
        migrations.AddField(
            model_name='comparison',
            name='low',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metaeval.method'),
        ),
        migrations.CreateModel(
            name='Metric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=300)),
                ('higher_is_better', models.BooleanField(default=True)),
                ('origin', models.CharField(choices=[('built-in', 'built in'), ('uploaded', 'uploaded')], max_length=10)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='metrics', to='annotations.study')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('study', 'origin', 'name'), name='metric_name_once'), models.CheckConstraint(condition=models.Q(('origin__in', ['built-in', 'uploaded'])), name='metric_origin_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Ranking',
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
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rankings', to='metaeval.campaign')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.job')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.study')),
            ],
            options={
                'ordering': ['-pk'],
                'get_latest_by': 'pk',
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='ranking_of_a_job_once')],
            },
        ),
        migrations.CreateModel(
            name='MetricAgreement',
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
                ('against', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metaeval.metric')),
                ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='metric_agreements', to='metaeval.campaign')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.job')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='annotations.study')),
                ('ranking', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='metric_agreements', to='metaeval.ranking')),
            ],
            options={
                'ordering': ['-pk'],
                'get_latest_by': 'pk',
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='metricagreement_of_a_job_once'), models.CheckConstraint(condition=models.Q(models.Q(('against__isnull', True), ('ranking__isnull', False)), models.Q(('against__isnull', False), ('ranking__isnull', True)), _connector='OR'), name='metric_agreement_has_one_human_side')],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('theme', models.CharField(default='light', max_length=5)),
                ('media_type', models.CharField(max_length=40)),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('metric_agreement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='metaeval.metricagreement')),
                ('ranking', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='metaeval.ranking')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('metric_agreement__isnull', True), ('ranking__isnull', False)), models.Q(('metric_agreement__isnull', False), ('ranking__isnull', True)), _connector='OR'), name='figure_of_one_snapshot'), models.UniqueConstraint(condition=models.Q(('ranking__isnull', False)), fields=('ranking', 'name', 'theme', 'media_type'), name='figure_of_ranking_once'), models.UniqueConstraint(condition=models.Q(('metric_agreement__isnull', False)), fields=('metric_agreement', 'name', 'theme', 'media_type'), name='figure_of_metric_agreement_once')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(default='1', max_length=100)),
                ('method', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='metaeval.method')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('method', 'name'), name='run_name_once')],
            },
        ),
        migrations.CreateModel(
            name='Output',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('probabilities', models.BinaryField(blank=True, null=True)),
                ('text', models.TextField(blank=True, null=True)),
                ('row_key', models.CharField(blank=True, max_length=64)),
                ('import_batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='outputs', to='annotations.import')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outputs', to='annotations.item')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outputs', to='metaeval.run')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'item', 'import_batch'), name='output_once'), models.UniqueConstraint(condition=models.Q(('import_batch__isnull', True)), fields=('run', 'item'), name='output_once_without_import'), models.CheckConstraint(condition=models.Q(models.Q(('probabilities__isnull', False), ('text__isnull', True)), models.Q(('probabilities__isnull', True), ('text__isnull', False)), _connector='OR'), name='output_is_a_distribution_or_a_text')],
            },
        ),
        migrations.CreateModel(
            name='Scoring',
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
                'constraints': [models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='scoring_of_a_job_once')],
            },
        ),
        migrations.CreateModel(
            name='MetricScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occurrence', models.PositiveIntegerField(default=0)),
                ('value', models.FloatField(blank=True, null=True)),
                ('undefined', models.TextField(blank=True)),
                ('interval_low', models.FloatField(blank=True, null=True)),
                ('interval_high', models.FloatField(blank=True, null=True)),
                ('n_items', models.PositiveIntegerField(blank=True, null=True)),
                ('row_key', models.CharField(blank=True, max_length=64)),
                ('import_batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='annotations.import')),
                ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='annotations.item')),
                ('method', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='metaeval.method')),
                ('metric', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='metaeval.metric')),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='metaeval.run')),
                ('scoring', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='metaeval.scoring')),
            ],
            options={
                'indexes': [models.Index(fields=['import_batch', 'row_key'], name='metric_score_row')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('undefined', ''), ('value__isnull', False)), models.Q(('value__isnull', True), models.Q(('undefined', ''), _negated=True)), _connector='OR'), name='metric_score_has_a_value_or_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('import_batch__isnull', True), ('scoring__isnull', False)), models.Q(('import_batch__isnull', False), ('scoring__isnull', True)), _connector='OR'), name='metric_score_is_computed_or_uploaded'), models.CheckConstraint(condition=models.Q(models.Q(('interval_high__isnull', True), ('interval_low__isnull', True)), models.Q(('interval_high__isnull', False), ('interval_low__isnull', False), ('interval_low__lte', models.F('interval_high'))), _connector='OR'), name='metric_score_interval_has_two_ends_in_order'), models.UniqueConstraint(models.F('metric'), models.F('method'), django.db.models.functions.comparison.Coalesce('run', 0), django.db.models.functions.comparison.Coalesce('item', 0), models.F('occurrence'), django.db.models.functions.comparison.Coalesce('scoring', 0), django.db.models.functions.comparison.Coalesce('import_batch', 0), name='metric_score_once')],
            },
        ),
        migrations.AddField(
            model_name='metricagreement',
            name='scoring',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='metric_agreements', to='metaeval.scoring'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('low__lt', models.F('high'))), name='comparison_low_before_high'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.UniqueConstraint(fields=('campaign', 'item', 'low', 'high'), name='comparison_once'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.UniqueConstraint(condition=models.Q(('item__isnull', True)), fields=('campaign', 'low', 'high'), name='comparison_once_without_item'),
        ),
    ]
