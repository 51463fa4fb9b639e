"""A label's colour is one of eight that most eyes tell apart; what was none of them is none."""

from django.db import migrations, models

from annotations.migrations._remaking import aside

COLOURS = [
    ("#0072b2", "blue"),
    ("#56b4e9", "sky"),
    ("#009e73", "green"),
    ("#e69f00", "amber"),
    ("#d55e00", "red"),
    ("#cc79a7", "rose"),
    ("#7a5195", "violet"),
    ("#7f7f7f", "grey"),
]
KNOWN = ["", *(colour for colour, _name in COLOURS)]


def forget_others(apps, schema_editor):
    apps.get_model("annotations", "Label").objects.exclude(colour__in=KNOWN).update(colour="")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0012_changes_of_a_study")]
    operations = [
        migrations.RunPython(forget_others, migrations.RunPython.noop),
        *aside(
            migrations.AlterField(
                model_name="label",
                name="colour",
                field=models.CharField(blank=True, choices=COLOURS, max_length=7),
            ),
            migrations.AddConstraint(
                model_name="label",
                constraint=models.CheckConstraint(
                    condition=models.Q(("colour__in", KNOWN)), name="label_colour_is_known"
                ),
            ),
        ),
    ]
