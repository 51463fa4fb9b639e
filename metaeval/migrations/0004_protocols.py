"""How a campaign asks, fixed when it is planned."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, remove

TABLE = "metaeval_protocol"


def forwards(schema_editor):
    keep_rows(schema_editor, [TABLE])


def backwards(schema_editor):
    remove(schema_editor, TABLE, "not_edited")
    remove(schema_editor, TABLE, "not_deleted")



class Migration(migrations.Migration):
    dependencies = [("metaeval", "0003_rows_of_one_study")]
    operations = [
        migrations.CreateModel(
            name='Protocol',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('design', models.CharField(choices=[('all-pairs', 'all pairs'), ('balanced', 'balanced incomplete')], default='all-pairs', max_length=10)),
                ('opponents', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('explanation', models.TextField(blank=True)),
                ('labels_first', models.CharField(choices=[('never', 'no'), ('each-text', 'yes, once for each text'), ('each-pair', 'yes, before each pair')], default='never', max_length=10)),
                ('identical', models.CharField(choices=[('ask', 'ask all the same'), ('tie', 'a tie, without asking')], default='ask', max_length=5)),
                ('label_order', models.CharField(choices=[('mean', 'one order for both, by the mean of both'), ('study', 'one order for all, the study’s'), ('own', 'each output by its own size')], default='mean', max_length=5)),
                ('outputs_as', models.CharField(choices=[('plain', 'plain text'), ('markdown', 'a small part of Markdown')], default='plain', max_length=8)),
                ('offers_marks', models.BooleanField(default=True)),
                ('repeat_share', models.FloatField(default=0.0)),
                ('quota', models.PositiveIntegerField(blank=True, null=True)),
                ('break_every', models.PositiveSmallIntegerField(default=25)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('campaign', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='protocol', to='metaeval.campaign')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('repeat_share__gte', 0), ('repeat_share__lte', 0.5)), name='protocol_repeats_half_at_most'), models.CheckConstraint(condition=models.Q(models.Q(('design', 'all-pairs'), ('opponents__isnull', True)), models.Q(('design', 'balanced'), ('opponents__gte', 1)), _connector='OR'), name='protocol_opponents_of_a_balanced_design'), models.CheckConstraint(condition=models.Q(('labels_first__in', ['never', 'each-text', 'each-pair'])), name='protocol_labels_first_is_known'), models.CheckConstraint(condition=models.Q(('identical__in', ['ask', 'tie'])), name='protocol_identical_is_known'), models.CheckConstraint(condition=models.Q(('label_order__in', ['mean', 'study', 'own'])), name='protocol_label_order_is_known'), models.CheckConstraint(condition=models.Q(('outputs_as__in', ['plain', 'markdown'])), name='protocol_outputs_as_is_known'), models.CheckConstraint(condition=models.Q(('quota__isnull', True), ('quota__gte', 1), _connector='OR'), name='protocol_quota_asks_for_a_verdict')],
            },
        ),
        Statements(forwards, backwards),
    ]
