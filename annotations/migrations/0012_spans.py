from django.db import migrations, models

from annotations.migrations._remaking import aside
from annotations.migrations._statements import Statements
from annotations.migrations._triggers import refuse


def spans_stay(schema_editor):
    """Removal of free text leaves marks, as it leaves labels."""
    refuse(
        schema_editor,
        'annotations_annotation',
        'spans_stay',
        'UPDATE OF spans',
        [('OLD.spans {differs} NEW.spans', 'The marked words of an answer are never edited: a newer answer replaces them.')],
    )


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0011_second_factor'),
    ]

    operations = [
        *aside(
            migrations.AddField(
                model_name='annotation',
                name='spans',
                field=models.JSONField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='study',
                name='asks_spans',
                field=models.BooleanField(default=False),
            ),
        ),
        Statements(spans_stay),
    ]
