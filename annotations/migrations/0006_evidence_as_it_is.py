"""Items say which kind of labels they have, also where no service wrote it: the next triggers trust the column."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def forwards(apps, schema_editor):
    rows = apps.get_model("annotations", "Item").objects.filter(evidence="none")
    answers = apps.get_model("annotations", "Annotation").objects.filter(item=OuterRef("pk"), gives_labels=True)
    counts = apps.get_model("annotations", "LabelCount").objects.filter(item=OuterRef("pk"))
    rows.filter(Exists(answers)).update(evidence="annotations")
    rows.filter(Exists(counts)).update(evidence="counts")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0005_lift_triggers")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
