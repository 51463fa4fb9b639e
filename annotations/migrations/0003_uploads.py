"""Files brought in the browser wait for their import; the row outlives the bytes."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0002_rules'),
    ]

    operations = [
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
    ]
