"""What judges find in a text before they see the outputs: evidence of its own."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from annotations.migrations._statements import Statements
from annotations.migrations._triggers import keep_rows, refuse, remove

TABLES = ["metaeval_labelling", "metaeval_labellinglabel"]
OF_EXPOSURE = "(SELECT participant_id FROM metaeval_exposure WHERE id = NEW.exposure_id)"
OF_LABELLING = "(SELECT participant_id FROM metaeval_labelling WHERE id = NEW.labelling_id)"
BELONGS = {
    "metaeval_labelling": [
        (
            f"{OF_EXPOSURE} {{differs}} NEW.participant_id",
            "Labels before a pair are of the participant to whom the pair is shown.",
        )
    ],
    "metaeval_labellinglabel": [
        (
            "(SELECT study_id FROM annotations_label WHERE id = NEW.label_id) {differs} "
            f"(SELECT study_id FROM annotations_participant WHERE id = {OF_LABELLING})",
            "A label before a pair is one of the study.",
        )
    ],
}


def forwards(schema_editor):
    keep_rows(schema_editor, TABLES)
    for table, rules in BELONGS.items():
        refuse(schema_editor, table, "belongs", "INSERT", rules)


def backwards(schema_editor):
    for table in TABLES:
        for name in ("not_edited", "not_deleted", "belongs"):
            remove(schema_editor, table, name)



class Migration(migrations.Migration):
    dependencies = [("metaeval", "0004_protocols"), ("annotations", "0004_one_kind_of_evidence")]
    operations = [
        migrations.CreateModel(
            name='Labelling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('client_key', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('payload_hash', models.CharField(max_length=64)),
                ('submitted_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(auto_now_add=True)),
                ('active_ms', models.PositiveBigIntegerField(blank=True, null=True)),
                ('exposure', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='labelling', to='metaeval.exposure')),
                ('participant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='labellings', to='annotations.participant')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='LabellingLabel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.label')),
                ('labelling', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='chosen', to='metaeval.labelling')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('labelling', 'label'), name='labelling_label_once')],
            },
        ),
        Statements(forwards, backwards),
    ]
