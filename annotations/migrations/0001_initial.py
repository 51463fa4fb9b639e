"""The tables of people, studies, items, answers, imports and jobs."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='WorkerBeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('beat_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('is_active', models.BooleanField(default=True)),
                ('may_create_studies', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_is_lower_case')],
            },
        ),
        migrations.CreateModel(
            name='Guideline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['version'],
                'constraints': [models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='guideline_versions_begin_at_1')],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('items', 'items'), ('annotations', 'annotations'), ('outputs', 'outputs of methods'), ('judgments', 'judgments'), ('scores', 'metric scores')], max_length=12)),
                ('source', models.CharField(max_length=300)),
                ('format', models.CharField(max_length=60)),
                ('sha256', models.CharField(max_length=64)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('report', models.JSONField(blank=True, default=dict)),
                ('n_rows', models.PositiveBigIntegerField(default=0)),
                ('n_added', models.PositiveBigIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['items', 'annotations', 'outputs', 'judgments', 'scores'])), name='import_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='ImportReversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn', models.BooleanField()),
                ('reason', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='annotations.import')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.CharField(max_length=500)),
                ('position', models.PositiveIntegerField()),
                ('lang', models.CharField(blank=True, max_length=20)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('evidence', models.CharField(choices=[('none', 'nothing yet'), ('annotations', 'answers of annotators'), ('counts', 'counts without annotators')], default='none', max_length=12)),
                ('seats_taken', models.PositiveIntegerField(default=0)),
                ('row_key', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('import_batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='annotations.import')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.CheckConstraint(condition=models.Q(('evidence__in', ['none', 'annotations', 'counts'])), name='item_evidence_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('params', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('queued', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='queued', max_length=10)),
                ('token', models.UUIDField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('progress_done', models.PositiveBigIntegerField(default=0)),
                ('progress_total', models.PositiveBigIntegerField(default=0)),
                ('progress_note', models.CharField(blank=True, max_length=200)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('result', models.JSONField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'heartbeat_at'], name='job_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'done', 'failed', 'cancelled'])), name='job_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'running'), _negated=True), ('token__isnull', False), _connector='OR'), name='job_runs_under_a_token')],
            },
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('source', models.CharField(blank=True, max_length=500)),
                ('source_occurrence', models.PositiveIntegerField(default=0)),
                ('role', models.CharField(choices=[('owner', 'owner'), ('researcher', 'researcher'), ('annotator', 'annotator'), ('judge', 'judge')], max_length=12)),
                ('group', models.CharField(blank=True, max_length=100)),
                ('number', models.PositiveIntegerField()),
                ('is_active', models.BooleanField(default=True)),
                ('quota', models.PositiveIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='participations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('user__isnull', False), ('source', '')), models.Q(('user__isnull', True), models.Q(('source', ''), _negated=True)), _connector='OR'), name='participant_is_a_person_or_a_source'), models.CheckConstraint(condition=models.Q(('user__isnull', False), ('role__in', ['annotator', 'judge']), _connector='OR'), name='participant_sources_only_answer'), models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'researcher', 'annotator', 'judge'])), name='participant_role_is_known'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='participant_numbers_begin_at_1'), models.CheckConstraint(condition=models.Q(('quota__isnull', True), ('quota__gte', 1), _connector='OR'), name='participant_quota_wants_an_answer')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('reserved_at', models.DateTimeField(auto_now_add=True)),
                ('lease_until', models.DateTimeField()),
                ('shown_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='annotations.item')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='annotations.participant')),
            ],
            options={
                'indexes': [models.Index(fields=['participant', 'done_at', 'returned_at'], name='assignment_open'), models.Index(condition=models.Q(('done_at__isnull', True), ('returned_at__isnull', True)), fields=['lease_until'], name='assignment_lapsing')],
                'constraints': [models.UniqueConstraint(fields=('item', 'participant'), name='assignment_once')],
            },
        ),
        migrations.CreateModel(
            name='Annotation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('client_key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('payload_hash', models.CharField(blank=True, max_length=64)),
                ('gives_labels', models.BooleanField()),
                ('facts_insufficient', models.BooleanField(default=False)),
                ('guideline_unclear', models.BooleanField(default=False)),
                ('skipped', models.BooleanField(default=False)),
                ('reason', models.TextField(blank=True)),
                ('comment', models.TextField(blank=True)),
                ('surplus', models.BooleanField(default=False)),
                ('shown_at', models.DateTimeField(blank=True, null=True)),
                ('submitted_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(auto_now_add=True)),
                ('active_ms', models.PositiveBigIntegerField(blank=True, null=True)),
                ('row_key', models.CharField(blank=True, max_length=64)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='annotations.annotation')),
                ('assignment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to='annotations.assignment')),
                ('guideline', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.guideline')),
                ('import_batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to='annotations.import')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to='annotations.item')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to='annotations.participant')),
            ],
            options={
                'indexes': [models.Index(fields=['participant', '-submitted_at'], name='annotation_mine'), models.Index(fields=['import_batch', 'row_key'], name='annotation_row')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('replaces__isnull', True)), fields=('item', 'participant'), name='annotation_one_root'), models.CheckConstraint(condition=models.Q(('replaces', models.F('id')), _negated=True), name='annotation_replaces_another'), models.CheckConstraint(condition=models.Q(('gives_labels', True), ('facts_insufficient', True), ('guideline_unclear', True), ('skipped', True), _connector='OR'), name='annotation_says_something'), models.CheckConstraint(condition=models.Q(('skipped', False), ('gives_labels', False), _connector='OR'), name='annotation_skip_gives_no_labels'), models.CheckConstraint(condition=models.Q(('import_batch__isnull', True), ('assignment__isnull', True), _connector='OR'), name='annotation_came_one_way')],
            },
        ),
        migrations.CreateModel(
            name='SignInLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_in_links', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Study',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('slug', models.SlugField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_-]*$', 'Use a-z, 0-9, - and _, beginning with a letter or digit.')])),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('notice', models.TextField(blank=True)),
                ('question', models.CharField(blank=True, max_length=300)),
                ('task', models.CharField(choices=[('single', 'one label'), ('multilabel', 'several labels'), ('ordinal', 'one of ordered labels'), ('none', 'no labels, judgments only')], default='none', max_length=12)),
                ('asks_certainty', models.BooleanField(default=True)),
                ('answers_wanted', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)])),
                ('order', models.CharField(choices=[('fixed', 'the same for everyone'), ('random', 'another for each person')], default='fixed', max_length=6)),
                ('seed', models.PositiveBigIntegerField(default=0)),
                ('state', models.CharField(choices=[('open', 'open'), ('paused', 'paused'), ('closed', 'closed')], default='open', max_length=6)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name_plural': 'studies',
                'constraints': [models.CheckConstraint(condition=models.Q(('answers_wanted__gte', 1)), name='study_wants_an_answer'), models.CheckConstraint(condition=models.Q(('answers_wanted__lte', 1000)), name='study_wants_1000_at_most'), models.CheckConstraint(condition=models.Q(('order__in', ['fixed', 'random'])), name='study_order_is_known'), models.CheckConstraint(condition=models.Q(('task__in', ['single', 'multilabel', 'ordinal', 'none'])), name='study_task_is_known'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'paused', 'closed'])), name='study_state_is_known')],
            },
        ),
        migrations.AddField(
            model_name='participant',
            name='study',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participants', to='annotations.study'),
        ),
        migrations.CreateModel(
            name='LabelAgreement',
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
                'constraints': [models.UniqueConstraint(condition=models.Q(('job__isnull', False)), fields=('job',), name='labelagreement_of_a_job_once')],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('shortcut', models.CharField(blank=True, max_length=20)),
                ('colour', models.CharField(blank=True, max_length=7)),
                ('is_active', models.BooleanField(default=True)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='annotations.study')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('study', 'key'), name='label_key_once'), models.UniqueConstraint(fields=('study', 'position'), name='label_position_once'), models.UniqueConstraint(condition=models.Q(('shortcut', ''), _negated=True), fields=('study', 'shortcut'), name='label_shortcut_once')],
            },
        ),
        migrations.AddField(
            model_name='job',
            name='study',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to='annotations.study'),
        ),
        migrations.AddField(
            model_name='item',
            name='study',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='annotations.study'),
        ),
        migrations.AddField(
            model_name='import',
            name='study',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='annotations.study'),
        ),
        migrations.AddField(
            model_name='guideline',
            name='study',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guidelines', to='annotations.study'),
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('items', 'items'), ('annotations', 'annotations'), ('outputs', 'outputs of methods'), ('judgments', 'judgments'), ('scores', 'metric scores')], max_length=12)),
                ('name', models.CharField(max_length=300)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('forgotten_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='annotations.job')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='annotations.study')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('forgotten_at__isnull', True)), fields=['created_at'], name='upload_that_waits')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['items', 'annotations', 'outputs', 'judgments', 'scores'])), name='upload_kind_is_known'), models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='upload_holds_something')],
            },
        ),
        migrations.CreateModel(
            name='ItemText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=100)),
                ('text', models.TextField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='annotations.item')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('item', 'position'), name='item_text_position_once')],
            },
        ),
        migrations.CreateModel(
            name='AnnotationLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chosen', models.BooleanField(default=True)),
                ('certainty', models.FloatField(blank=True, null=True)),
                ('annotation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='annotations.annotation')),
                ('label', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annotation_labels', to='annotations.label')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('annotation', 'label'), name='annotation_label_once'), models.CheckConstraint(condition=models.Q(('certainty__isnull', True), models.Q(('certainty__gte', 0), ('certainty__lte', 1)), _connector='OR'), name='annotation_certainty_is_a_share')],
            },
        ),
        migrations.CreateModel(
            name='LabelCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n_chosen', models.PositiveIntegerField()),
                ('n_annotators', models.PositiveIntegerField()),
                ('row_key', models.CharField(blank=True, max_length=64)),
                ('import_batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='label_counts', to='annotations.import')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='label_counts', to='annotations.item')),
                ('label', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='label_counts', to='annotations.label')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'label', 'import_batch'), name='label_count_once'), models.CheckConstraint(condition=models.Q(('n_chosen__lte', models.F('n_annotators'))), name='label_count_within_annotators')],
            },
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.UniqueConstraint(models.F('study'), models.F('user'), models.F('role'), condition=models.Q(('user__isnull', False)), name='participant_holds_a_role_once'),
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.UniqueConstraint(condition=models.Q(('user__isnull', True)), fields=('study', 'source', 'source_occurrence', 'role'), name='participant_source_once'),
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.UniqueConstraint(fields=('study', 'role', 'number'), name='participant_number_once'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(fields=['study', 'seats_taken', 'position'], name='item_next'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('study', 'key'), name='item_key_once'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('study', 'position'), name='item_position_once'),
        ),
        migrations.AddConstraint(
            model_name='guideline',
            constraint=models.UniqueConstraint(fields=('study', 'version'), name='guideline_version_once'),
        ),
    ]
