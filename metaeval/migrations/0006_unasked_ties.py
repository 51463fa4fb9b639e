"""Comparisons that nobody is asked about, and why."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, remove

TABLE = "metaeval_unaskedtie"


def forwards(schema_editor):
    keep_rows(schema_editor, [TABLE])


def backwards(schema_editor):
    remove(schema_editor, TABLE, "not_edited")
    remove(schema_editor, TABLE, "not_deleted")



class Migration(migrations.Migration):
    dependencies = [("metaeval", "0005_labels_of_judges")]
    operations = [
        migrations.CreateModel(
            name='UnaskedTie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('identical outputs', 'identical outputs')], default='identical outputs', max_length=20)),
                ('low_hash', models.CharField(max_length=64)),
                ('high_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('comparison', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='unasked_tie', to='metaeval.comparison')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason__in', ['identical outputs'])), name='unasked_tie_reason_is_known')],
            },
        ),
        Statements(forwards, backwards),
    ]
